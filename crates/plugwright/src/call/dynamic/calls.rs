//! Calls by name, each in its own instance.

use std::any::TypeId;
use std::convert::Infallible;
use std::sync::Arc;

use wasmtime::component::{ResourceAny, Type, Val};
use wasmtime::{AsContextMut as _, Result, Store};

use crate::call::call_error::CallError;
use crate::call::dynamic::call_text::{ArgumentText, CallText, CallTextError};
use crate::call::dynamic::dynamic_error::DynamicError;
use crate::call::dynamic::functions::{ExportedFunction, Functions};
use crate::call::dynamic::imports::{self, Imports};
use crate::call::dynamic::observed::{Observed, Observer};
use crate::call::dynamic::read_value::{NoNames, ValueError, read_value};
use crate::call::dynamic::type_text::type_text;
use crate::call::dynamic::write_value::write_value;
use crate::call::dynamic::{AnyWorld, Dynamic};
use crate::call::plugin::Plugin;
use crate::call::runtime::block_on;
use crate::call::state::State;
use crate::call::world::World;

/// The maximum length in bytes of the text that a call by text returns.
const MOST_TEXT: usize = 1 << 20;

impl<W: World> Plugin<Dynamic<W>> {
    /// Returns the functions that the plugin exports.
    pub fn functions(&self) -> &Functions {
        self.shared.linked.pre.functions()
    }

    /// Returns another handle to the plugin. After each call of one of the application's own host functions, `observer`
    /// is called. This works only for a plugin from [`Host::load_observed_as`](crate::Host::load_observed_as).
    ///
    /// The observer is called during the plugin's call, on the same thread, so it should not block. If it panics, this
    /// call ends with [`CallError::Trapped`](crate::CallError::Trapped), and no other call does. The observer is not
    /// called for a host function during which the call was dropped or exceeded its deadline.
    #[must_use]
    pub fn with_observer(&self, observer: impl Fn(&Observed<'_>) + Send + Sync + 'static) -> Self {
        Self { observer: Some(Observer(Arc::new(observer))), ..self.clone() }
    }

    /// Calls the function with the [name](Functions::find) `function` in a fresh instance, and returns its result if it
    /// has one. Handles in the result are gone with the instance. To use handles, [open](Plugin::open_instance) an
    /// instance.
    ///
    /// # Errors
    ///
    /// [`DynamicError`]: there is no such function, it takes another number of arguments, or the call ended without a
    /// result. Arguments of the wrong type end the call with a trap of the kind
    /// [`TrapKind::Host`](crate::TrapKind::Host).
    pub async fn call_values_async(
        &self,
        function: &str,
        arguments: &[Val],
    ) -> Result<Option<Val>, DynamicError> {
        let function = self.functions().find(function)?;
        let result = self.call_async(function.path(), async |plugin, store| {
            Ok(Ok::<_, Infallible>(plugin.call_counted(store, function, arguments).await?))
        });
        result.await?
    }

    /// Does what [`Plugin::call_values_async`] does, and blocks until the answer is there, as [`Plugin::call`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`Plugin::call_values_async`].
    pub fn call_values(
        &self,
        function: &str,
        arguments: &[Val],
    ) -> Result<Option<Val>, DynamicError> {
        let no_thread = |source| CallError::no_thread(self.name())(source).into();
        block_on(|| self.call_values_async(function, arguments), no_thread)
    }

    /// Makes the call in `text`, such as `rules.price({total: 3})`, in a fresh instance, and returns its result as
    /// text. The text is empty if there is no result, and has only the first MiB of a longer result. Arguments and
    /// result are in WAVE, as [`read_value`] and [`write_value`] define it.
    ///
    /// # Errors
    ///
    /// [`DynamicError`]: the text is not a call of the plugin, or the call ended without a result.
    pub async fn call_text_async(&self, text: &str) -> Result<String, DynamicError> {
        let call = one_call(text)?;
        let function = self.functions().find(call.target)?;
        let result = self.call_async(function.path(), async |plugin, store| {
            Ok(Ok::<_, Infallible>(plugin.call_read(store, function, &call).await?))
        });
        Ok(text_of(result.await??))
    }

    /// Does what [`Plugin::call_text_async`] does, and blocks until the answer is there, as [`Plugin::call`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`Plugin::call_text_async`].
    pub fn call_text(&self, text: &str) -> Result<String, DynamicError> {
        let no_thread = |source| CallError::no_thread(self.name())(source).into();
        block_on(|| self.call_text_async(text), no_thread)
    }
}

/// Reads the only call in `text`.
pub(super) fn one_call(text: &str) -> Result<CallText<'_>, DynamicError> {
    let (call, length) = CallText::read(text)?;
    if let Some(rest) = text.get(length..).filter(|rest| !rest.trim().is_empty()) {
        let at = length.saturating_add(rest.len().saturating_sub(rest.trim_start().len()));
        let message = "the call ends before this: write one call at a time".to_owned();
        return Err(CallTextError { at, message }.into());
    }
    Ok(call)
}

/// Writes a result as text.
pub(super) fn text_of(result: Option<Val>) -> String {
    let mut number = 0_usize;
    let mut handle = |_: &ResourceAny| {
        number = number.saturating_add(1);
        format!("resource#{number}")
    };
    result.map_or_else(String::new, |result| {
        write_value(&result, usize::MAX >> 3, MOST_TEXT, &mut handle)
    })
}

impl<W: World> Dynamic<W> {
    /// Calls the function if the number of arguments is right. A wrong number is not an error of the plugin, so it is
    /// returned separately.
    pub(super) async fn call_counted(
        &self,
        store: &mut Store<State<W::Data>>,
        function: &ExportedFunction,
        arguments: &[Val],
    ) -> Result<Result<Option<Val>, DynamicError>> {
        let parameters = self.parameters(store, function)?;
        if let Some(error) = self.other_count(store, function, &parameters, arguments.len()) {
            return Ok(Err(error));
        }
        Ok(Ok(self.call(store, function, arguments).await?))
    }

    /// Calls the function with the arguments in the text of a call.
    pub(super) async fn call_read(
        &self,
        store: &mut Store<State<W::Data>>,
        function: &ExportedFunction,
        call: &CallText<'_>,
    ) -> Result<Result<Option<Val>, DynamicError>> {
        match self.read_arguments(store, function, call)? {
            Ok(arguments) => Ok(Ok(self.call(store, function, &arguments).await?)),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Returns the error of a call with `given` arguments, if the function has another number of parameters.
    fn other_count(
        &self,
        store: &mut Store<State<W::Data>>,
        function: &ExportedFunction,
        parameters: &[(String, Type)],
        given: usize,
    ) -> Option<DynamicError> {
        if parameters.len() == given {
            return None;
        }
        let wanted = parameters.iter().map(|(name, ty)| self.parameter(store, name, ty)).collect();
        let function = function.path().to_owned();
        Some(DynamicError::Count { function, wanted, given })
    }

    /// Returns a parameter as WIT writes it.
    fn parameter(&self, store: &mut Store<State<W::Data>>, name: &str, ty: &Type) -> String {
        let ty = type_text(ty, &mut |it| self.resource_name(store, it).map(str::to_owned));
        format!("{name}: {ty}")
    }

    /// Reads the arguments of the call, with the types of the function's parameters.
    fn read_arguments(
        &self,
        store: &mut Store<State<W::Data>>,
        function: &ExportedFunction,
        call: &CallText<'_>,
    ) -> Result<Result<Vec<Val>, DynamicError>> {
        let parameters = self.parameters(store, function)?;
        let given = call.arguments.len();
        if let Some(error) = self.other_count(store, function, &parameters, given) {
            return Ok(Err(error));
        }
        let mut values = Vec::new();
        for ((name, ty), ArgumentText { text, at }) in parameters.iter().zip(&call.arguments) {
            match read_value(text, ty, &mut NoNames) {
                Ok(value) => values.push(value),
                Err(ValueError { at: within, message }) => {
                    let source = ValueError { at: at.saturating_add(within), message };
                    let parameter = self.parameter(store, name, ty);
                    return Ok(Err(DynamicError::Argument { parameter, source }));
                }
            }
        }
        Ok(Ok(values))
    }
}

impl Dynamic<AnyWorld> {
    /// Makes a handle to a new resource of the host, for use in an argument. [`Functions::host_resource`] returns the
    /// type of a resource by its name. The returned number counts the handles to this resource, beginning with 1.
    ///
    /// # Errors
    ///
    /// An error if the plugin does not import this resource.
    pub fn new_handle(
        &self,
        store: &mut Store<State<Imports>>,
        resource: wasmtime::component::ResourceType,
    ) -> Result<(Val, u32)> {
        imports::new_handle_of(&mut store.as_context_mut(), self.functions(), resource)
    }
}

impl<W: World> Dynamic<W> {
    /// Returns the number of a handle to a resource of the host, and the handle that replaces `handle`. Returns `None`
    /// if the resource belongs to the plugin, or if the application's own host functions answer and [nothing
    /// observes](crate::Host::load_observed_as) them.
    ///
    /// # Errors
    ///
    /// The error of the engine if the handle does not exist any more.
    pub fn handle_number(
        &self,
        store: &mut Store<State<W::Data>>,
        handle: ResourceAny,
    ) -> Result<Option<(ResourceAny, u32)>> {
        // Other worlds may use the same types for their own resources.
        let is_numbered =
            TypeId::of::<W>() == TypeId::of::<AnyWorld>() || store.data().forwarding.is_some();
        let resource = self.functions().imported_resource(handle.ty());
        if !is_numbered || resource.is_none() || !handle.owned() {
            return Ok(None);
        }
        let behind = handle.try_into_resource_dynamic(&mut *store)?;
        let number = behind.rep();
        Ok(Some((behind.try_into_resource_any(store)?, number)))
    }
}

/// Checks at compile time that threads can share all handles to a plugin.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Plugin<Dynamic>>();
    shared::<Arc<Functions>>();
};
