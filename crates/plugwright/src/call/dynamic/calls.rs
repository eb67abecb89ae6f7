//! Calls by name, each in an instance of its own.

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

/// How long a result may be as text that a call by text gives, in bytes.
const MOST_TEXT: usize = 1 << 20;

impl<W: World> Plugin<Dynamic<W>> {
    /// The functions that the plugin exports.
    pub fn functions(&self) -> &Functions {
        self.shared.linked.pre.functions()
    }

    /// Another handle to the plugin, of which the observer is told each call of one of the application's own host functions,
    /// once it is over: for a plugin from [`Host::load_observed_as`](crate::Host::load_observed_as), of no other.
    ///
    /// The observer is called in the midst of the plugin's call, on its thread, so it should not wait for anything. If it
    /// panics, the call ends with [`CallError::Trapped`](crate::CallError::Trapped) and no other call does. It is not told
    /// of a function in which the call was dropped or went beyond its deadline.
    #[must_use]
    pub fn with_observer(&self, observer: impl Fn(&Observed<'_>) + Send + Sync + 'static) -> Self {
        Self { observer: Some(Observer(Arc::new(observer))), ..self.clone() }
    }

    /// Calls the function that is [called](Functions::find) `function` in a fresh instance, and gives its result if it has
    /// one. Handles of the result are gone with the instance: to use them, [open](Plugin::open_instance) one.
    ///
    /// # Errors
    ///
    /// [`DynamicError`]: there is no such function, it takes another number of arguments, or what ended the call. Arguments
    /// that are not of its types end it as a trap of the kind [`TrapKind::Host`](crate::TrapKind::Host).
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

    /// As [`Plugin::call_values_async`], and waits for the answer as [`Plugin::call`] does.
    ///
    /// # Errors
    ///
    /// As [`Plugin::call_values_async`].
    pub fn call_values(
        &self,
        function: &str,
        arguments: &[Val],
    ) -> Result<Option<Val>, DynamicError> {
        let no_thread = |source| CallError::no_thread(self.name())(source).into();
        block_on(|| self.call_values_async(function, arguments), no_thread)
    }

    /// Makes the call that `text` is, such as `rules.price({total: 3})`, in a fresh instance, and gives its result as text:
    /// an empty one if it has none, and the first MiB of one that is longer. Arguments and result are in WAVE, as
    /// [`read_value`] and [`write_value`] have it.
    ///
    /// # Errors
    ///
    /// [`DynamicError`]: where the text is no call of the plugin, or what ended the call.
    pub async fn call_text_async(&self, text: &str) -> Result<String, DynamicError> {
        let call = one_call(text)?;
        let function = self.functions().find(call.target)?;
        let result = self.call_async(function.path(), async |plugin, store| {
            Ok(Ok::<_, Infallible>(plugin.call_read(store, function, &call).await?))
        });
        Ok(text_of(result.await??))
    }

    /// As [`Plugin::call_text_async`], and waits for the answer as [`Plugin::call`] does.
    ///
    /// # Errors
    ///
    /// As [`Plugin::call_text_async`].
    pub fn call_text(&self, text: &str) -> Result<String, DynamicError> {
        let no_thread = |source| CallError::no_thread(self.name())(source).into();
        block_on(|| self.call_text_async(text), no_thread)
    }
}

/// The one call that `text` is.
pub(super) fn one_call(text: &str) -> Result<CallText<'_>, DynamicError> {
    let (call, length) = CallText::read(text)?;
    if let Some(rest) = text.get(length..).filter(|rest| !rest.trim().is_empty()) {
        let at = length.saturating_add(rest.len().saturating_sub(rest.trim_start().len()));
        let message = "the call ends before this: one call at a time is made".to_owned();
        return Err(CallTextError { at, message }.into());
    }
    Ok(call)
}

/// A result as text.
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
    /// Calls the function if there are as many arguments as it takes. That a call is not made is no fault of the plugin's.
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

    /// Calls the function with the arguments that are in the text of a call.
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

    /// The error of a call with so many arguments, if the function has another number of parameters.
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

    /// A parameter as WIT has it.
    fn parameter(&self, store: &mut Store<State<W::Data>>, name: &str, ty: &Type) -> String {
        let ty = type_text(ty, &mut |it| self.resource_name(store, it).map(str::to_owned));
        format!("{name}: {ty}")
    }

    /// The arguments of the call, by the types of the function's parameters.
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
    /// Makes a handle to a new resource of the host's, for an argument: `resource` is called as
    /// [`Functions::host_resource`] has it. Its number is that among the handles of the resource, from 1 on.
    ///
    /// # Errors
    ///
    /// Says that the plugin imports no such resource.
    pub fn new_handle(
        &self,
        store: &mut Store<State<Imports>>,
        resource: wasmtime::component::ResourceType,
    ) -> Result<(Val, u32)> {
        imports::new_handle_of(&mut store.as_context_mut(), self.functions(), resource)
    }
}

impl<W: World> Dynamic<W> {
    /// The number of what is behind a handle to a resource of the host's, and the handle, which takes the place of the one
    /// that was given. Absent if it is to a resource of the plugin's, or the application's own host functions answer and
    /// [nothing observes](crate::Host::load_observed_as) them.
    ///
    /// # Errors
    ///
    /// What the engine says of a handle that is gone.
    pub fn handle_number(
        &self,
        store: &mut Store<State<W::Data>>,
        handle: ResourceAny,
    ) -> Result<Option<(ResourceAny, u32)>> {
        // Others may have types like these for resources of their own.
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

/// That all handles to a plugin can be shared by threads is part of what they are for.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Plugin<Dynamic>>();
    shared::<Arc<Functions>>();
};
