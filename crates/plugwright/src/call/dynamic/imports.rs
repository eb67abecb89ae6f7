//! What a plugin imports beyond WASI, answered by a table of closures.

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

/// What answers the functions that a plugin imports beyond WASI: closures, by the function's name. It is the data of plugins
/// from [`Host::load_dynamic`](crate::Host::load_dynamic), given by [`Plugin::with_data`](crate::Plugin::with_data).
///
/// By default there are none, and a plugin that calls a function which nothing answers is ended.
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
    /// How many handles to each of the host's resources were made, by its number.
    made: BTreeMap<u32, u32>,
}

type Answer = Arc<dyn Fn(&mut Import<'_>) -> Result<Option<Val>> + Send + Sync>;

/// A call of a function that the plugin imports.
pub struct Import<'a> {
    function: &'a FunctionName,
    resources: &'a ImportedResources,
    ty: ComponentFunc,
    arguments: &'a [Val],
    /// The handles among the arguments, by what is behind them.
    handles: Vec<(ResourceAny, u32)>,
    store: StoreContextMut<'a, State<Imports>>,
}

impl Imports {
    /// Adds the closure that answers the function `name`: `catalogue.find`, or with the package of its interface
    /// `shop:pricing/catalogue@1.0.0.find`; functions of resources as [`FunctionName::short`] and [`FunctionName::whole`]
    /// have them, with the handle as the first argument.
    ///
    /// It is called on the thread of the plugin's call, so it should not wait for long. An error that it gives, such as
    /// [`Exceeded`](crate::Exceeded), ends the call.
    #[must_use]
    pub fn with(
        mut self,
        name: impl Into<String>,
        answer: impl Fn(&mut Import<'_>) -> Result<Option<Val>> + Send + Sync + 'static,
    ) -> Self {
        self.by_name.insert(name.into(), Arc::new(answer));
        self
    }

    /// Adds the closure that answers all functions that no other answers.
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
    /// Which function is called.
    pub fn function(&self) -> &FunctionName {
        self.function
    }

    /// The arguments. That of a method's handle is the first one.
    pub fn arguments(&self) -> &[Val] {
        self.arguments
    }

    /// The names and the types of the parameters.
    pub fn parameters(&self) -> Vec<(String, Type)> {
        self.ty.params().map(|(name, ty)| (name.to_owned(), ty)).collect()
    }

    /// The type of the result, if there is one.
    pub fn result(&self) -> Option<Type> {
        self.ty.results().next()
    }

    /// What the host keeps for the call that the plugin is in.
    pub fn state(&mut self) -> &mut State<Imports> {
        self.store.data_mut()
    }

    /// The name and the number of what is behind one of the handles among the arguments. Handles are numbered for each
    /// resource from 1 on, in the order in which they are made.
    pub fn handle(&self, handle: &ResourceAny) -> Option<(&str, u32)> {
        let (_, number) = self.handles.iter().find(|(other, _)| other == handle)?;
        Some((self.resource_name(handle.ty())?, *number))
    }

    /// Makes a handle to a resource of the host's, that a result may give to the plugin, and gives its number, too.
    ///
    /// # Errors
    ///
    /// Says that the resource is none of those that the plugin imports, and what the engine says.
    pub fn new_handle(&mut self, resource: ResourceType) -> Result<(Val, u32)> {
        let number = number_of(self.resources, resource)?;
        new_handle(&mut self.store, number)
    }

    /// Makes a handle to what there was a handle to before, by its number.
    ///
    /// # Errors
    ///
    /// As [`Import::new_handle`].
    pub fn handle_again(&mut self, resource: ResourceType, number: u32) -> Result<Val> {
        let ty = number_of(self.resources, resource)?;
        let handle = ResourceDynamic::new_own(number, ty);
        Ok(Val::Resource(handle.try_into_resource_any(&mut self.store)?))
    }

    /// What the resource is called, with its interface if it has one.
    pub fn resource_name(&self, resource: ResourceType) -> Option<&str> {
        let number = number_of(self.resources, resource).ok()?;
        self.resources.names().get(usize::try_from(number).ok()?).map(String::as_str)
    }
}

/// The number of a type that the host gave.
pub(crate) fn number_of(resources: &ImportedResources, resource: ResourceType) -> Result<u32> {
    let mut numbers = (0u32..).zip(resources.names()).map(|(number, _)| number);
    let found = numbers.find(|number| ResourceType::host_dynamic(*number) == resource);
    found.ok_or_else(|| Error::msg("the resource is none of those that the plugin imports"))
}

/// Makes a handle to a new resource of the host's, one of those that a component imports.
pub(crate) fn new_handle_of(
    store: &mut StoreContextMut<'_, State<Imports>>,
    functions: &Functions,
    resource: ResourceType,
) -> Result<(Val, u32)> {
    let number = functions.imported_number(resource);
    let none = || Error::msg("the resource is none of those that the plugin imports");
    new_handle(store, number.ok_or_else(none)?)
}

/// Makes a handle to a new resource of the host's of the type of that number.
fn new_handle(store: &mut StoreContextMut<'_, State<Imports>>, ty: u32) -> Result<(Val, u32)> {
    let made = store.data_mut().data.made.entry(ty).or_default();
    *made = made.checked_add(1).ok_or_else(|| Error::msg("there are too many handles"))?;
    let number = *made;
    let handle = ResourceDynamic::new_own(number, ty);
    Ok((Val::Resource(handle.try_into_resource_any(store.as_context_mut())?), number))
}

/// Links, in the place of all that the component imports but WASI, functions that [`Imports`] answers.
pub(crate) fn link(linker: &mut Linker<State<Imports>>, component: &Component) -> Result<()> {
    let engine = linker.engine().clone();
    let resources = Arc::new(ImportedResources::of(component));
    for (name, item) in component.component_type().imports(&engine) {
        // Of WASI there is what there is for each plugin, and no more.
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
                Error::msg(format!("`{name}` is a function of a kind that this host does not have"))
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
            // It is one of WASI's, of which only the host's own functions know the type.
            None => Err(Error::msg(format!(
                "`{name}` is a resource of WASI in an interface that is not, which only typed host functions can give"
            ))),
        },
        // Types need nothing.
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
    // What is lent for the call has to be let go of before it ends, whatever comes of it.
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
            return Err(Error::msg(format!("`{}` has no result", function.short())));
        }
        _ => return Err(Error::msg(format!("the answer to `{}` has no result", function.short()))),
    }
    Ok(())
}

/// Finds the handles in the value.
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
