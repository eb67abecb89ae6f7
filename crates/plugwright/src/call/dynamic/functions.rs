//! What a component exports and imports beyond WASI, by name: functions, and the resources that they are of.

use std::collections::BTreeMap;

use wasmtime::Engine;
use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem};
use wasmtime::component::{Component, ComponentExportIndex, ResourceType};

use crate::call::dynamic::function_name::{
    FunctionKind, FunctionName, in_interface, paths, short_name,
};
use crate::call::dynamic::imported::{ImportedResources, imported};
use crate::text::foreign_text::ForeignText;

/// The functions that a plugin exports, found by what people call them.
#[derive(Debug)]
pub struct Functions {
    functions: Vec<ExportedFunction>,
    /// The functions of each name that one is called by, with its interface, short or whole, or without.
    by_name: BTreeMap<String, Vec<usize>>,
    exported_resources: Vec<(String, ComponentExportIndex)>,
    /// Those that it imports beyond WASI.
    imported: Vec<FunctionName>,
    /// The types of these.
    imported_types: Vec<ComponentFunc>,
    /// Those that the host gives types to.
    imported_resources: ImportedResources,
}

/// A function that a plugin exports.
#[derive(Debug, Clone)]
pub struct ExportedFunction {
    name: FunctionName,
    path: String,
    index: ComponentExportIndex,
}

/// Why there is no such function.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FunctionError {
    /// None is called so.
    #[error("there is no `{name}`{}", match likest { Some(likest) => format!(": did you mean `{likest}`?"), None => String::new() })]
    Missing {
        /// What was asked for.
        name: ForeignText,
        /// The name that is most like it.
        likest: Option<String>,
    },
    /// Several are called so.
    #[error("there are several `{name}`: say which one, {}", several(found))]
    Ambiguous {
        /// What was asked for.
        name: ForeignText,
        /// What they are called.
        found: Vec<String>,
    },
}

fn several(found: &[String]) -> String {
    found.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

/// The name without the signs that keep words of WIT from being taken for what they mean there: no name has one.
fn unescaped(name: &str) -> String {
    name.replace('%', "")
}

impl ExportedFunction {
    /// What it is called.
    pub fn name(&self) -> &FunctionName {
        &self.name
    }

    /// What it is called in calls, as short as is clear: `words.greet`, and with package and version where two interfaces
    /// have one name.
    pub fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn index(&self) -> &ComponentExportIndex {
        &self.index
    }
}

impl Functions {
    /// All of them, in the order in which the component has them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &ExportedFunction> {
        self.functions.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.functions.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// The function that is called so: `greet` or `words.greet` where that is one alone, `shop:pricing/rules@1.0.0.price`
    /// always; a constructor by the resource's name, and other functions of resources after it, as in
    /// `words.person-resource.replica`.
    ///
    /// # Errors
    ///
    /// [`FunctionError`], with the name that is most like it.
    pub fn find(&self, name: &str) -> Result<&ExportedFunction, FunctionError> {
        let name = &*unescaped(name);
        let found = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        self.one_of(name, found, |function| function.path.clone())
    }

    /// The method of that name of the resource, as [`Dynamic::resource_name`](crate::Dynamic::resource_name) calls it.
    ///
    /// # Errors
    ///
    /// [`FunctionError`], with the name that is most like it.
    pub fn method(&self, resource: &str, name: &str) -> Result<&ExportedFunction, FunctionError> {
        let name = &*unescaped(name);
        let whole = format!("{resource}.{name}");
        let is_method = |it: &&usize| {
            let found = self.functions.get(**it);
            found.is_some_and(|function| function.name.kind() == FunctionKind::Method)
        };
        let found = self.by_name.get(&whole).map_or(&[][..], Vec::as_slice);
        let found: Vec<_> = found.iter().filter(is_method).copied().collect();
        match &*found {
            [] => {
                let of_resource = self.functions.iter().filter(|function| {
                    let begin = [function.path.clone(), function.name.whole()];
                    function.name.kind() == FunctionKind::Method
                        && begin.iter().any(|path| {
                            path.strip_prefix(resource).is_some_and(|rest| rest.starts_with('.'))
                        })
                });
                let names = of_resource.map(|function| function.name.name());
                let likest = likest(name, names);
                Err(FunctionError::Missing { name: name.into(), likest })
            }
            found => self.one_of(&whole, found, |function| function.path.clone()),
        }
    }

    fn one_of(
        &self,
        name: &str,
        found: &[usize],
        path: impl Fn(&ExportedFunction) -> String,
    ) -> Result<&ExportedFunction, FunctionError> {
        let mut functions = found.iter().filter_map(|index| self.functions.get(*index));
        match (functions.next(), functions.next()) {
            (Some(function), None) => Ok(function),
            (None, _) => {
                let names = self.by_name.keys().map(String::as_str).chain(
                    // What is shown is what is written.
                    self.functions.iter().map(|function| &*function.path),
                );
                // A function of a resource goes by its own name alone to nobody but those who look for it.
                let of_name = self.functions.iter().find(|function| function.name.name() == name);
                let likest = of_name.map(|it| it.path.clone()).or_else(|| likest(name, names));
                Err(FunctionError::Missing { name: name.into(), likest })
            }
            (Some(one), Some(other)) => {
                let found = [one, other].into_iter().chain(functions).map(path).collect();
                Err(FunctionError::Ambiguous { name: name.into(), found })
            }
        }
    }

    /// What is known of the component's exports and imports.
    pub(crate) fn of(component: &Component) -> Self {
        let engine = component.engine();
        let ty = component.component_type();
        let (mut found, mut resources) = (Vec::new(), Vec::new());
        for (name, item) in ty.exports(engine) {
            let Some(index) = component.get_export_index(None, name) else { continue };
            match item.ty {
                ComponentItem::ComponentFunc(_) => {
                    found.extend(FunctionName::parse(None, name).map(|name| (name, index)));
                }
                ComponentItem::Resource(_) => resources.push((None, name.to_owned(), index)),
                ComponentItem::ComponentInstance(instance) => {
                    let items = items(component, &instance, &index, engine);
                    for (item, is_resource, index) in items {
                        match is_resource {
                            true => resources.push((Some(name.to_owned()), item, index)),
                            false => {
                                let name = FunctionName::parse(Some(name), &item);
                                found.extend(name.map(|name| (name, index)));
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        let names: Vec<_> =
            found.iter().map(|(name, _): &(FunctionName, _)| name.clone()).collect();
        let functions: Vec<_> = found
            .into_iter()
            .zip(paths(&names))
            .map(|((name, index), path)| ExportedFunction { name, path, index })
            .collect();
        let exported_resources = resources.iter().map(|(interface, name, index)| {
            (in_interface(interface.as_deref().map(short_name), name), *index)
        });
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, ExportedFunction { name, .. }) in functions.iter().enumerate() {
            let mut names = vec![name.whole(), name.short(), name.in_interface()];
            names.dedup();
            for name in names {
                by_name.entry(name).or_default().push(number);
            }
        }
        let (imported, imported_types) = imported(component).into_iter().unzip();
        Self {
            exported_resources: exported_resources.collect(),
            imported,
            imported_types,
            imported_resources: ImportedResources::of(component),
            functions,
            by_name,
        }
    }

    pub(crate) fn exported_resources(&self) -> impl Iterator<Item = (&str, &ComponentExportIndex)> {
        self.exported_resources.iter().map(|(name, index)| (&**name, index))
    }

    /// The number of the resource that the host gave that type.
    pub(crate) fn imported_number(&self, resource: ResourceType) -> Option<u32> {
        let mut numbers = (0u32..).zip(self.imported_resources.names()).map(|(number, _)| number);
        numbers.find(|number| ResourceType::host_dynamic(*number) == resource)
    }

    /// The name of the resource, if it is one that the plugin imports where [`Imports`](crate::Imports) answer.
    pub fn imported_resource(&self, resource: ResourceType) -> Option<&str> {
        self.imported_resources.name_of(self.imported_number(resource)?)
    }

    /// The types of the function's parameters, with their names, and of its result. Resources in them are known by their
    /// types to [`Functions::resource_in_type`].
    pub fn imported_type(&self, function: &FunctionName) -> Option<&ComponentFunc> {
        let at = self.imported.iter().position(|it| it == function)?;
        self.imported_types.get(at)
    }

    /// The name of a resource in the type of a function that the plugin imports.
    pub fn resource_in_type(&self, resource: ResourceType) -> Option<&str> {
        self.imported_resources.name_of(self.imported_resources.number(resource)?)
    }

    /// The functions that the plugin imports beyond WASI, in the order in which the component has them.
    pub fn imported(&self) -> &[FunctionName] {
        &self.imported
    }

    /// The function that the plugin imports which is called so, as [`Functions::find`] has it.
    ///
    /// # Errors
    ///
    /// [`FunctionError`], with the name that is most like it.
    pub fn find_imported(&self, name: &str) -> Result<&FunctionName, FunctionError> {
        let name = &*unescaped(name);
        let is_called = |function: &&FunctionName| {
            [function.whole(), function.short(), function.in_interface()]
                .iter()
                .any(|it| it == name)
        };
        let found: Vec<_> = self.imported.iter().filter(is_called).collect();
        match &*found {
            [function] => Ok(function),
            [] => {
                let names = self.imported.iter().flat_map(|it| [it.short(), it.in_interface()]);
                let names: Vec<_> = names.collect();
                let likest = likest(name, names.iter().map(String::as_str));
                Err(FunctionError::Missing { name: name.into(), likest })
            }
            several => {
                let found = several.iter().map(|function| function.whole()).collect();
                Err(FunctionError::Ambiguous { name: name.into(), found })
            }
        }
    }

    /// The type of the resource of the host's that is called so, alone or after its interface.
    pub fn host_resource(&self, name: &str) -> Option<ResourceType> {
        let name = &*unescaped(name);
        let is_called = |it: &(u32, &String)| it.1 == name || it.1.rsplit('.').next() == Some(name);
        let numbered = (0u32..).zip(self.imported_resources.names());
        let mut found = numbered.filter(is_called);
        match (found.next(), found.next()) {
            (Some((number, _)), None) => Some(ResourceType::host_dynamic(number)),
            _ => None,
        }
    }
}

/// The functions and resources of an instance that a component exports.
fn items(
    component: &Component,
    instance: &ComponentInstance,
    index: &ComponentExportIndex,
    engine: &Engine,
) -> Vec<(String, bool, ComponentExportIndex)> {
    let items = instance.exports(engine).filter_map(|(name, item)| {
        let is_resource = match item.ty {
            ComponentItem::ComponentFunc(_) => false,
            ComponentItem::Resource(_) => true,
            _ => return None,
        };
        let index = component.get_export_index(Some(index), name)?;
        Some((name.to_owned(), is_resource, index))
    });
    items.collect()
}

/// The one of `names` that is most like `name`, if one is.
pub fn likest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    /// How much alike two names are of which one may have been meant for the other, of 1.
    const ALIKE: f64 = 0.75;
    let like = names.into_iter().map(|other| (strsim::jaro_winkler(name, other), other));
    let likest = like.max_by(|(one, _), (other, _)| one.total_cmp(other));
    likest.filter(|(alike, _)| *alike >= ALIKE).map(|(_, name)| name.to_owned())
}
