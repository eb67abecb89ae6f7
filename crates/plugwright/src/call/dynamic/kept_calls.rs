//! Calls by name in a kept instance.

use std::convert::Infallible;
use std::sync::Arc;

use wasmtime::component::Val;

use crate::call::call_error::CallError;
use crate::call::dynamic::Dynamic;
use crate::call::dynamic::calls::{one_call, text_of};
use crate::call::dynamic::dynamic_error::DynamicError;
use crate::call::kept::KeptInstance;
use crate::call::runtime::block_on;
use crate::call::world::World;

impl<W: World> KeptInstance<Dynamic<W>> {
    /// Calls the function with the [name](crate::Functions::find) `function` in this instance, and returns its result
    /// if it has one. Handles in the result can be used in later calls.
    ///
    /// # Errors
    ///
    /// The errors of [`Plugin::call_values_async`](crate::Plugin::call_values_async), and [`CallError::InstanceOver`]
    /// once the instance has ended. If no call was made, because there is no such function or it takes another number
    /// of arguments, the instance is unchanged.
    pub async fn call_values_async(
        &mut self,
        function: &str,
        arguments: &[Val],
    ) -> Result<Option<Val>, DynamicError> {
        let shared = Arc::clone(&self.plugin().shared);
        let function = shared.linked.pre.functions().find(function)?;
        let result = self.call_async(function.path(), async |plugin, store| {
            Ok(Ok::<_, Infallible>(plugin.call_counted(store, function, arguments).await?))
        });
        result.await?
    }

    /// Does what [`KeptInstance::call_values_async`] does, and blocks until the answer is there, as
    /// [`Plugin::call`](crate::Plugin::call) does.
    ///
    /// # Errors
    ///
    /// The errors of [`KeptInstance::call_values_async`].
    pub fn call_values(
        &mut self,
        function: &str,
        arguments: &[Val],
    ) -> Result<Option<Val>, DynamicError> {
        let name = Arc::clone(&self.plugin().shared.identity.name);
        let no_thread = |source| CallError::no_thread(&name)(source).into();
        block_on(|| self.call_values_async(function, arguments), no_thread)
    }

    /// Makes the call in `text` in this instance, and returns its result as text, as
    /// [`Plugin::call_text_async`](crate::Plugin::call_text_async) does.
    ///
    /// # Errors
    ///
    /// The errors of [`Plugin::call_text_async`](crate::Plugin::call_text_async), and [`CallError::InstanceOver`] once
    /// the instance has ended. If the text is not a call of the plugin, the instance is unchanged.
    pub async fn call_text_async(&mut self, text: &str) -> Result<String, DynamicError> {
        let call = one_call(text)?;
        let shared = Arc::clone(&self.plugin().shared);
        let function = shared.linked.pre.functions().find(call.target)?;
        let result = self.call_async(function.path(), async |plugin, store| {
            Ok(Ok::<_, Infallible>(plugin.call_read(store, function, &call).await?))
        });
        Ok(text_of(result.await??))
    }

    /// Does what [`KeptInstance::call_text_async`] does, and blocks until the answer is there, as
    /// [`Plugin::call`](crate::Plugin::call) does.
    ///
    /// # Errors
    ///
    /// The errors of [`KeptInstance::call_text_async`].
    pub fn call_text(&mut self, text: &str) -> Result<String, DynamicError> {
        let name = Arc::clone(&self.plugin().shared.identity.name);
        let no_thread = |source| CallError::no_thread(&name)(source).into();
        block_on(|| self.call_text_async(text), no_thread)
    }
}
