//! Plugins of any world, called by name with values or with text.

pub(crate) mod call_text;
mod calls;
pub(crate) mod dynamic_error;
pub(crate) mod forwarder;
pub(crate) mod forwarding;
pub(crate) mod function_name;
pub(crate) mod functions;
pub(crate) mod imported;
pub(crate) mod imports;
mod kept_calls;
pub(crate) mod observed;
pub(crate) mod read_value;
pub(crate) mod type_text;
pub(crate) mod value_handles;
pub(crate) mod value_size;
pub(crate) mod write_value;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use wasmtime::component::types::ComponentFunc;
use wasmtime::component::{
    Component, Func, Instance, InstancePre, Linker, ResourceAny, ResourceType, Type, Val,
};
use wasmtime::{AsContextMut, Error, Result, Store};

use crate::call::dynamic::forwarding::{ForwarderPre, handles};
use crate::call::dynamic::functions::{ExportedFunction, Functions};
use crate::call::dynamic::imports::Imports;
use crate::call::dynamic::value_size::size;
use crate::call::state::State;
use crate::call::world::World;

/// An instance of a plugin of any world, whose functions are called by name.
///
/// [`Imports`] or the host functions of the world `W` answer what the plugin imports beyond WASI.
/// [`Host::load_dynamic`](crate::Host::load_dynamic) and [`Host::load_dynamic_as`](crate::Host::load_dynamic_as) load
/// such plugins.
pub struct Dynamic<W: World = AnyWorld> {
    instance: Instance,
    functions: Arc<Functions>,
    world: PhantomData<fn() -> W>,
}

/// A component of the world `W` that is ready to be instantiated, and its exports.
pub struct DynamicPre<W: World> {
    component: InstancePre<State<W::Data>>,
    functions: Arc<Functions>,
    /// The forwarder for calls of the plugin's imports, if these calls are observed.
    forwarder: Option<ForwarderPre<W::Data>>,
}

/// Stands for any world. [`Imports`] answer what a component imports beyond WASI.
pub struct AnyWorld(());

impl<W: World> World for Dynamic<W> {
    const TYPE: &'static [u8] = W::TYPE;
    const OTHERS: &'static [&'static [u8]] = W::OTHERS;

    type Data = W::Data;
    type Pre = DynamicPre<W>;

    fn link(linker: &mut Linker<State<Self::Data>>) -> Result<()> {
        W::link(linker)
    }

    fn prepare(component: InstancePre<State<Self::Data>>) -> Result<Self::Pre> {
        let functions = Arc::new(Functions::of(component.component()));
        Ok(DynamicPre { component, functions, forwarder: None })
    }

    async fn instantiate(pre: &Self::Pre, store: &mut Store<State<Self::Data>>) -> Result<Self> {
        if let Some(forwarder) = &pre.forwarder {
            forwarder.instantiate(store).await?;
        }
        let instance = pre.component.instantiate_async(store).await?;
        Ok(Self { instance, functions: Arc::clone(&pre.functions), world: PhantomData })
    }
}

impl World for AnyWorld {
    const TYPE: &'static [u8] = &[];

    type Data = Imports;
    type Pre = InstancePre<State<Imports>>;

    fn link(_: &mut Linker<State<Imports>>) -> Result<()> {
        Ok(())
    }

    fn prepare(component: InstancePre<State<Imports>>) -> Result<Self::Pre> {
        Ok(component)
    }

    async fn instantiate(pre: &Self::Pre, store: &mut Store<State<Imports>>) -> Result<Self> {
        pre.instantiate_async(store).await.map(|_| Self(()))
    }
}

impl<W: World> DynamicPre<W> {
    pub(crate) fn functions(&self) -> &Functions {
        &self.functions
    }

    /// Returns the same component, with calls of its imports going through the forwarder.
    pub(crate) fn by_way_of(self, forwarder: Option<ForwarderPre<W::Data>>) -> Self {
        Self { forwarder, ..self }
    }

    /// Returns the forwarder's component, if there is one.
    pub(crate) fn forwarder(&self) -> Option<&Component> {
        self.forwarder.as_ref().map(ForwarderPre::component)
    }
}

impl<W: World> Dynamic<W> {
    /// Returns the functions that the plugin exports.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// Returns the names and types of the function's parameters.
    ///
    /// # Errors
    ///
    /// The errors of [`Dynamic::result`].
    pub fn parameters(
        &self,
        store: &mut Store<State<W::Data>>,
        function: &ExportedFunction,
    ) -> Result<Vec<(String, Type)>> {
        let (_, ty) = self.function(store, function)?;
        Ok(ty.params().map(|(name, ty)| (name.to_owned(), ty)).collect())
    }

    /// Returns the type of the function's result, if it has one.
    ///
    /// # Errors
    ///
    /// An error if the function belongs to another plugin.
    pub fn result(
        &self,
        store: &mut Store<State<W::Data>>,
        function: &ExportedFunction,
    ) -> Result<Option<Type>> {
        let (_, ty) = self.function(store, function)?;
        let result = ty.results().next();
        Ok(result)
    }

    /// Calls the function with these arguments, and returns its result if it has one.
    ///
    /// For [`Limits::output`](crate::Limits::output), the result counts the bytes of its texts and numbers. For
    /// [`Limits::transfer`](crate::Limits::transfer), each value counts the memory that it takes in the host, which is
    /// about forty bytes. Each byte of a list of bytes counts that much, whereas in a typed call it counts one byte.
    ///
    /// Handles are values too. Give back each handle of the result: pass it in an argument of a type that owns it, or
    /// call [`Dynamic::drop_handle`]. This is not needed if the instance is dropped.
    ///
    /// # Errors
    ///
    /// What ended the call. Before the call begins: the arguments are not of the function's types, or there are too few
    /// or too many.
    pub async fn call(
        &self,
        store: &mut Store<State<W::Data>>,
        function: &ExportedFunction,
        arguments: &[Val],
    ) -> Result<Option<Val>> {
        let (callee, ty) = self.function(store, function)?;
        store.data_mut().count_input(arguments.iter().map(size).fold(0, usize::saturating_add));
        let mut results = vec![Val::Bool(false); ty.results().len()];
        if store.data().forwarding.is_some() {
            let (functions, mut arguments) = (&self.functions, arguments.to_vec());
            let mut context = store.as_context_mut();
            let lent = handles::give(&mut context, functions, &ty, &mut arguments)?;
            callee.call_async(&mut *store, &arguments, &mut results).await?;
            handles::take_back(&mut store.as_context_mut(), lent)?;
        } else {
            callee.call_async(&mut *store, arguments, &mut results).await?;
        }
        let result = results.pop();
        store.data_mut().count_output(result.as_ref().map_or(0, size))?;
        Ok(result)
    }

    /// Drops a handle. If the plugin has a destructor for the resource, it runs.
    ///
    /// # Errors
    ///
    /// What ended the call, or an error if the value is not a handle.
    pub async fn drop_handle(&self, store: &mut Store<State<W::Data>>, handle: &Val) -> Result<()> {
        match handle {
            Val::Resource(handle) => {
                let handle = self.own_handle(store, *handle)?;
                handle.resource_drop_async(store).await
            }
            _ => Err(Error::msg("the value is not a handle")),
        }
    }

    /// Returns the handle that the application's own host functions know, for a handle that a call returned. An
    /// [observed](crate::Host::load_observed_as) plugin has other handles in their place, and this method consumes the
    /// plugin's handle. Any other handle is returned unchanged. Arguments can be either kind of handle.
    ///
    /// # Errors
    ///
    /// The error of the engine if the handle does not exist any more.
    pub fn own_handle(
        &self,
        store: &mut Store<State<W::Data>>,
        handle: ResourceAny,
    ) -> Result<ResourceAny> {
        handles::own_handle(&mut store.as_context_mut(), &self.functions, handle)
    }

    /// Returns the name of the resource, with its interface if it has one: `words.person-resource`. The resources that
    /// the plugin exports have names; the resources that it imports have names only if [`Imports`] answer them.
    pub fn resource_name(
        &self,
        store: &mut Store<State<W::Data>>,
        resource: ResourceType,
    ) -> Option<&str> {
        if let Some(name) = self.functions.imported_resource(resource) {
            return Some(name);
        }
        let mut exported = self.functions.exported_resources();
        exported.find_map(|(name, index)| {
            let found = self.instance.get_resource(store.as_context_mut(), index);
            (found == Some(resource)).then_some(name)
        })
    }

    fn function(
        &self,
        store: &mut Store<State<W::Data>>,
        function: &ExportedFunction,
    ) -> Result<(Func, ComponentFunc)> {
        let found = self.instance.get_func(&mut *store, function.index());
        let func = found.ok_or_else(|| {
            Error::msg(format!("`{}` is not a function of this plugin", function.path()))
        })?;
        let ty = func.ty(&*store);
        Ok((func, ty))
    }
}

impl<W: World> fmt::Debug for Dynamic<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dynamic").field("functions", &self.functions.len()).finish()
    }
}
