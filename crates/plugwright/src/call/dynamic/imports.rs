//! Closures that answer what a plugin imports beyond WASI.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{
    Component, Linker, LinkerInstance, ResourceAny, ResourceDynamic, ResourceType, Type, Val,
};
use wasmtime::{AsContextMut as _, Engine, Error, Result, StoreContextMut};

use crate::call::dynamic::function_name::FunctionName;
use crate::call::dynamic::functions::Functions;
use crate::call::dynamic::imported::ImportedResources;
use crate::call::dynamic::value_size::size;
use crate::call::state::State;

/// The closures that answer the functions that a plugin imports beyond WASI, by the function's name. They are the data
/// of plugins from [`Host::load_dynamic`](crate::Host::load_dynamic): set them with
/// [`Plugin::with_data`](crate::Plugin::with_data).
///
/// By default there are none. A call of a function that no closure answers ends the plugin's call.
///
/// ```
/// use plugwright::Imports;
/// use plugwright::wasmtime::component::Val;
///
/// let imports = Imports::default()
///     .with("clock.now", |_| Ok(Some(Val::U64(1))))
///     .with("store.put", |import| {
///         println!("{:?} is put", import.arguments());
///         Ok(None)
///     });
/// ```
#[derive(Clone, Default)]
pub struct Imports {
    by_name: BTreeMap<String, Answer>,
    otherwise: Option<Answer>,
    /// How many handles to each of the host's resources have been made, by the number of the resource.
    made: BTreeMap<u32, u32>,
}

type Answer = Arc<dyn Fn(&mut Import<'_>) -> Result<Option<Val>> + Send + Sync>;

/// A call of a function that the plugin imports.
pub struct Import<'a> {
    function: &'a FunctionName,
    resources: &'a ImportedResources,
    ty: ComponentFunc,
    arguments: &'a [Val],
    /// The handles in the arguments, with the numbers behind them.
    handles: Vec<(ResourceAny, u32)>,
    store: StoreContextMut<'a, State<Imports>>,
}

impl Imports {
    /// Adds the closure that answers the function `name`, such as `catalogue.find`, or with the package of its
    /// interface `shop:pricing/catalogue@1.0.0.find`. Functions of resources have the names that
    /// [`FunctionName::short`] and [`FunctionName::whole`] return. The first argument of a method is the handle.
    ///
    /// The closure is called on the thread of the plugin's call, so it should not block for long. If it returns an
    /// error, such as [`Exceeded`](crate::Exceeded), the call ends.
    #[must_use]
    pub fn with(
        mut self,
        name: impl Into<String>,
        answer: impl Fn(&mut Import<'_>) -> Result<Option<Val>> + Send + Sync + 'static,
    ) -> Self {
        self.by_name.insert(name.into(), Arc::new(answer));
        self
    }

    /// Adds the closure that answers all functions for which there is no other closure.
    #[must_use]
    pub fn otherwise(
        self,
        answer: impl Fn(&mut Import<'_>) -> Result<Option<Val>> + Send + Sync + 'static,
    ) -> Self {
        Self { otherwise: Some(Arc::new(answer)), ..self }
    }

    fn answer(&self, function: &FunctionName) -> Option<Answer> {
        let by_name = |name: String| self.by_name.get(&name);
        let found = by_name(function.whole()).or_else(|| by_name(function.short()));
        found.or(self.otherwise.as_ref()).cloned()
    }
}

impl fmt::Debug for Imports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

impl Import<'_> {
    /// Returns the function that is called.
    pub fn function(&self) -> &FunctionName {
        self.function
    }

    /// Returns the arguments. The first argument of a method is its handle.
    pub fn arguments(&self) -> &[Val] {
        self.arguments
    }

    /// Returns the names and types of the parameters.
    pub fn parameters(&self) -> Vec<(String, Type)> {
        self.ty.params().map(|(name, ty)| (name.to_owned(), ty)).collect()
    }

    /// Returns the type of the result, if there is one.
    pub fn result(&self) -> Option<Type> {
        self.ty.results().next()
    }

    /// Returns what the host keeps for the plugin's current call.
    pub fn state(&mut self) -> &mut State<Imports> {
        self.store.data_mut()
    }

    /// Returns the resource's name and the handle's number, for one of the handles in the arguments. The handles of
    /// each resource are numbered from 1, in the order in which they are made.
    pub fn handle(&self, handle: &ResourceAny) -> Option<(&str, u32)> {
        let (_, number) = self.handles.iter().find(|(other, _)| other == handle)?;
        Some((self.resource_name(handle.ty())?, *number))
    }

    /// Makes a handle to a resource of the host, which a result may return to the plugin. Also returns the handle's
    /// number.
    ///
    /// # Errors
    ///
    /// An error if the plugin does not import this resource, or the error of the engine.
    pub fn new_handle(&mut self, resource: ResourceType) -> Result<(Val, u32)> {
        let number = number_of(self.resources, resource)?;
        new_handle(&mut self.store, number)
    }

    /// Makes another handle to the value of an earlier handle, by its number.
    ///
    /// # Errors
    ///
    /// The errors of [`Import::new_handle`].
    pub fn handle_again(&mut self, resource: ResourceType, number: u32) -> Result<Val> {
        let ty = number_of(self.resources, resource)?;
        let handle = ResourceDynamic::new_own(number, ty);
        Ok(Val::Resource(handle.try_into_resource_any(&mut self.store)?))
    }

    /// Returns the name of the resource, with its interface if it has one.
    pub fn resource_name(&self, resource: ResourceType) -> Option<&str> {
        let number = number_of(self.resources, resource).ok()?;
        self.resources.names().get(usize::try_from(number).ok()?).map(String::as_str)
    }
}

/// Returns the number of a resource whose type the host gave.
pub(crate) fn number_of(resources: &ImportedResources, resource: ResourceType) -> Result<u32> {
    let mut numbers = (0u32..).zip(resources.names()).map(|(number, _)| number);
    let found = numbers.find(|number| ResourceType::host_dynamic(*number) == resource);
    found.ok_or_else(|| Error::msg("the plugin does not import this resource"))
}

/// Makes a handle to a new resource of the host, which the component imports.
pub(crate) fn new_handle_of(
    store: &mut StoreContextMut<'_, State<Imports>>,
    functions: &Functions,
    resource: ResourceType,
) -> Result<(Val, u32)> {
    let number = functions.imported_number(resource);
    let none = || Error::msg("the plugin does not import this resource");
    new_handle(store, number.ok_or_else(none)?)
}

/// Makes a handle to a new resource of the host, whose type has that number.
fn new_handle(store: &mut StoreContextMut<'_, State<Imports>>, ty: u32) -> Result<(Val, u32)> {
    let made = store.data_mut().data.made.entry(ty).or_default();
    *made = made.checked_add(1).ok_or_else(|| Error::msg("there are too many handles"))?;
    let number = *made;
    let handle = ResourceDynamic::new_own(number, ty);
    Ok((Val::Resource(handle.try_into_resource_any(store.as_context_mut())?), number))
}

/// Links functions that [`Imports`] answer, for everything that the component imports except WASI.
pub(crate) fn link(linker: &mut Linker<State<Imports>>, component: &Component) -> Result<()> {
    let engine = linker.engine().clone();
    let resources = Arc::new(ImportedResources::of(component));
    for (name, item) in component.component_type().imports(&engine) {
        // WASI is linked as for every plugin.
        if name.starts_with("wasi:") {
            continue;
        }
        match &item.ty {
            ComponentItem::ComponentInstance(instance) => {
                let mut linker = linker.instance(name)?;
                for (item_name, item) in instance.exports(&engine) {
                    link_item(&mut linker, Some(name), item_name, &item.ty, &resources, &engine)?;
                }
            }
            item => link_item(&mut linker.root(), None, name, item, &resources, &engine)?,
        }
    }
    Ok(())
}

fn link_item(
    linker: &mut LinkerInstance<'_, State<Imports>>,
    interface: Option<&str>,
    name: &str,
    item: &ComponentItem,
    resources: &Arc<ImportedResources>,
    engine: &Engine,
) -> Result<()> {
    match item {
        ComponentItem::ComponentFunc(_) => {
            let function = FunctionName::parse(interface, name).ok_or_else(|| {
                Error::msg(format!(
                    "`{name}` is a kind of function that this host does not support"
                ))
            })?;
            let resources = Arc::clone(resources);
            linker.func_new(name, move |store, ty, arguments, results| {
                answer(&function, &resources, store, ty, arguments, results)
            })
        }
        ComponentItem::ComponentInstance(instance) => {
            let mut linker = linker.instance(name)?;
            let mut items = instance.exports(engine);
            items.try_for_each(|(item_name, item)| {
                link_item(&mut linker, Some(name), item_name, &item.ty, resources, engine)
            })
        }
        ComponentItem::Resource(ty) => match resources.host_type(*ty) {
            Some(ty) => linker.resource(name, ty, |_, _| Ok(())),
            // This is a WASI resource, whose type only the host's own functions know.
            None => Err(Error::msg(format!(
                "`{name}` is a WASI resource in an interface outside WASI; only typed host functions can provide it"
            ))),
        },
        // Other types need no linking.
        _ => Ok(()),
    }
}

/// Answers a call of an imported function.
fn answer(
    function: &FunctionName,
    resources: &ImportedResources,
    mut store: StoreContextMut<'_, State<Imports>>,
    ty: ComponentFunc,
    arguments: &[Val],
    results: &mut [Val],
) -> Result<()> {
    let bytes = arguments.iter().map(size).fold(0, usize::saturating_add);
    store.data_mut().receive(bytes)?;
    let Some(answer) = store.data().data.answer(function) else {
        return Err(Error::msg(format!("nothing answers `{}`", function.short())));
    };
    // The handles that are lent for the call have to be dropped before it ends, whatever its outcome.
    let mut handles = Vec::new();
    for argument in arguments {
        let mut found = Vec::new();
        each_handle(argument, &mut found);
        for handle in found {
            let behind = handle.try_into_resource_dynamic(&mut store)?;
            handles.push((handle, behind.rep()));
        }
    }
    let mut import = Import { function, resources, ty, arguments, handles, store };
    match (results, answer(&mut import)?) {
        ([result], Some(value)) => *result = value,
        ([], None) => {}
        ([], Some(_)) => {
            return Err(Error::msg(format!(
                "the answer to `{}` has a result, but the function has none",
                function.short()
            )));
        }
        _ => {
            return Err(Error::msg(format!(
                "the answer to `{}` has no result, but the function has one",
                function.short()
            )));
        }
    }
    Ok(())
}

/// Collects the handles in the value.
pub(crate) fn each_handle(value: &Val, found: &mut Vec<ResourceAny>) {
    match value {
        Val::Resource(handle) => found.push(*handle),
        Val::List(values) | Val::Tuple(values) | Val::FixedLengthList(values) => {
            values.iter().for_each(|value| each_handle(value, found));
        }
        Val::Map(entries) => entries.iter().for_each(|(key, value)| {
            each_handle(key, found);
            each_handle(value, found);
        }),
        Val::Record(fields) => fields.iter().for_each(|(_, value)| each_handle(value, found)),
        Val::Variant(_, Some(value)) | Val::Option(Some(value)) => each_handle(value, found),
        Val::Result(Ok(Some(value)) | Err(Some(value))) => each_handle(value, found),
        _ => {}
    }
}
