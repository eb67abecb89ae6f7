//! What a component exports and imports beyond WASI, by name: functions and their resources.

use std::collections::BTreeMap;

use wasmtime::Engine;
use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem};
use wasmtime::component::{Component, ComponentExportIndex, ResourceType};

use crate::call::dynamic::function_name::{
    FunctionKind, FunctionName, in_interface, paths, short_name,
};
use crate::call::dynamic::imported::{ImportedResources, imported};
use crate::text::foreign_text::ForeignText;

/// The functions that a plugin exports, found by the names that people write.
#[derive(Debug)]
pub struct Functions {
    functions: Vec<ExportedFunction>,
    /// The numbers of the functions with each name. A name is with the interface (short or whole), or without it.
    by_name: BTreeMap<String, Vec<usize>>,
    exported_resources: Vec<(String, ComponentExportIndex)>,
    /// The functions that the plugin imports beyond WASI.
    imported: Vec<FunctionName>,
    /// The types of the imported functions.
    imported_types: Vec<ComponentFunc>,
    /// The imported resources, for which the host defines types.
    imported_resources: ImportedResources,
}

/// A function that a plugin exports.
#[derive(Debug, Clone)]
pub struct ExportedFunction {
    name: FunctionName,
    path: String,
    index: ComponentExportIndex,
}

/// The reason why a function was not found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FunctionError {
    /// No function has this name.
    #[error("there is no `{name}`{}", match likest { Some(likest) => format!(": did you mean `{likest}`?"), None => String::new() })]
    Missing {
        /// The name that was looked for.
        name: ForeignText,
        /// The most similar name.
        likest: Option<String>,
    },
    /// Several functions have this name.
    #[error("`{name}` is ambiguous: write {}", several(found))]
    Ambiguous {
        /// The name that was looked for.
        name: ForeignText,
        /// The unambiguous names.
        found: Vec<String>,
    },
}

fn several(found: &[String]) -> String {
    found.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

/// Removes the `%` signs by which WIT escapes keywords. No name contains one.
fn unescaped(name: &str) -> String {
    name.replace('%', "")
}

impl ExportedFunction {
    /// Returns the function's name.
    pub fn name(&self) -> &FunctionName {
        &self.name
    }

    /// Returns the shortest unambiguous name for calls: `words.greet`, or with package and version if two interfaces
    /// have the same name.
    pub fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn index(&self) -> &ComponentExportIndex {
        &self.index
    }
}

impl Functions {
    /// Returns all functions, in the order of the component.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &ExportedFunction> {
        self.functions.iter()
    }

    /// Returns the number of functions.
    pub fn len(&self) -> usize {
        self.functions.len()
    }

    /// Returns whether there are no functions.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// Finds a function by name. `greet` and `words.greet` work if they are unambiguous, and
    /// `shop:pricing/rules@1.0.0.price` always works. The name of a constructor is the name of its resource. Other
    /// functions of a resource follow its name, as in `words.person-resource.replica`.
    ///
    /// # Errors
    ///
    /// [`FunctionError`], with the most similar name.
    pub fn find(&self, name: &str) -> Result<&ExportedFunction, FunctionError> {
        let name = &*unescaped(name);
        let found = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        self.one_of(name, found, |function| function.path.clone())
    }

    /// Finds the method `name` of the resource `resource`, which is named as
    /// [`Dynamic::resource_name`](crate::Dynamic::resource_name) names it.
    ///
    /// # Errors
    ///
    /// [`FunctionError`], with the most similar name.
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
                    // Suggestions are the names that lists of functions show.
                    self.functions.iter().map(|function| &*function.path),
                );
                // A function of a resource cannot be called by its own name, but people may look for it by that name.
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

    /// Collects what is known of the component's exports and imports.
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

    /// Returns the number of the resource, for the type that the host gave it.
    pub(crate) fn imported_number(&self, resource: ResourceType) -> Option<u32> {
        let mut numbers = (0u32..).zip(self.imported_resources.names()).map(|(number, _)| number);
        numbers.find(|number| ResourceType::host_dynamic(*number) == resource)
    }

    /// Returns the name of the resource, if the plugin imports it and [`Imports`](crate::Imports) answer the import.
    pub fn imported_resource(&self, resource: ResourceType) -> Option<&str> {
        self.imported_resources.name_of(self.imported_number(resource)?)
    }

    /// Returns the type of an imported function, with its parameters' names and types and its result.
    /// [`Functions::resource_in_type`] returns the names of resources in this type.
    pub fn imported_type(&self, function: &FunctionName) -> Option<&ComponentFunc> {
        let at = self.imported.iter().position(|it| it == function)?;
        self.imported_types.get(at)
    }

    /// Returns the name of a resource in the type of an imported function.
    pub fn resource_in_type(&self, resource: ResourceType) -> Option<&str> {
        self.imported_resources.name_of(self.imported_resources.number(resource)?)
    }

    /// Returns the functions that the plugin imports beyond WASI, in the order of the component.
    pub fn imported(&self) -> &[FunctionName] {
        &self.imported
    }

    /// Finds an imported function by name, as [`Functions::find`] does for exports.
    ///
    /// # Errors
    ///
    /// [`FunctionError`], with the most similar name.
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

    /// Returns the type of the host's resource with this name. The name can be with or without its interface.
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

/// Returns the functions and resources of an instance that a component exports.
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

/// Returns the most similar of `names`, if one is similar to `name`.
pub fn likest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    /// The minimum similarity, from 0 to 1, at which one name may be a typo for another.
    const ALIKE: f64 = 0.75;
    let like = names.into_iter().map(|other| (strsim::jaro_winkler(name, other), other));
    let likest = like.max_by(|(one, _), (other, _)| one.total_cmp(other));
    likest.filter(|(alike, _)| *alike >= ALIKE).map(|(_, name)| name.to_owned())
}
