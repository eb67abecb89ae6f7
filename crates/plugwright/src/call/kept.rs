//! An instance that is kept over several calls, for contracts in which one call goes on where another ended.

use std::fmt;
use std::sync::Arc;

use wasmtime::Store;

use crate::call::call_error::CallError;
use crate::call::instance::Instance;
use crate::call::plugin::Plugin;
use crate::call::runtime::block_on;
use crate::call::state::State;
use crate::call::world::World;
use crate::engine::places::Places;
use crate::engine::shared::Place;

/// An instance of a plugin that is kept over several calls, from [`Plugin::keep`]. What the plugin gave handles to in one
/// call, such as a session, can be called in the next.
///
/// Each call has the limits anew, and so has making the instance. After a call that gave an
/// error, or was dropped before it was done, the instance is over and gone, and further calls say so. It can be dropped
/// at any time, and takes a place of the host's [concurrency](crate::HostBuilder::concurrency) until then.
pub struct KeptInstance<W: World> {
    plugin: Plugin<W>,
    /// Absent once it is over.
    instance: Option<Instance<W, Place<Arc<Places>>>>,
}

impl<W: World> Plugin<W> {
    /// Makes an instance that is kept, for calls of which `function` is the first, and waits for it.
    ///
    /// # Errors
    ///
    /// What ended it; the plugin itself cannot refuse this.
    pub fn keep<F>(&self, function: &str) -> Result<KeptInstance<W>, CallError<F>>
    where
        F: fmt::Debug + fmt::Display + Send,
    {
        block_on(|| self.keep_async(function), CallError::no_thread(self.name()))
    }

    /// As [`Plugin::keep`], and lets other tasks run meanwhile.
    ///
    /// # Errors
    ///
    /// As [`Plugin::keep`].
    pub async fn keep_async<F>(&self, function: &str) -> Result<KeptInstance<W>, CallError<F>>
    where
        F: fmt::Debug + fmt::Display,
    {
        let place = self.shared.engine.place_to_keep(self.shared.places);
        let mut instance = self.instance(function, place).await?;
        instance.keep();
        let instance = Some(instance);
        Ok(KeptInstance { plugin: self.clone(), instance })
    }
}

impl<W: World> KeptInstance<W> {
    /// The plugin that it is an instance of.
    pub fn plugin(&self) -> &Plugin<W> {
        &self.plugin
    }

    /// Says whether it is over, since an earlier call gave an error.
    pub fn is_over(&self) -> bool {
        self.instance.is_none()
    }

    /// Makes a call in it as [`Plugin::call`] does, and waits for the answer.
    ///
    /// # Errors
    ///
    /// As [`Plugin::call`], and [`CallError::InstanceOver`] after any of them; [`CallError::Thread`] leaves the instance as it
    /// was.
    pub fn call<R, F>(
        &mut self,
        function: &str,
        call: impl AsyncFnOnce(&W, &mut Store<State<W::Data>>) -> wasmtime::Result<Result<R, F>> + Send,
    ) -> Result<R, CallError<F>>
    where
        R: Send,
        F: fmt::Debug + fmt::Display + Send,
    {
        let identity = Arc::clone(&self.plugin.shared.identity);
        block_on(|| self.call_async(function, call), CallError::no_thread(&identity.name))
    }

    /// Makes a call in it as [`Plugin::call_async`] does. A call that is dropped before it is done ends the instance.
    ///
    /// # Errors
    ///
    /// As [`KeptInstance::call`].
    pub async fn call_async<R, F>(
        &mut self,
        function: &str,
        call: impl AsyncFnOnce(&W, &mut Store<State<W::Data>>) -> wasmtime::Result<Result<R, F>>,
    ) -> Result<R, CallError<F>>
    where
        F: fmt::Debug + fmt::Display,
    {
        // Taken, and put back only after an answer: whatever goes wrong, the instance is over.
        let Some(mut instance) = self.instance.take() else {
            return Err(CallError::over(self.plugin.name(), function));
        };
        let answer = instance.call_in_span(&self.plugin, function, call).await?;
        self.instance = Some(instance);
        Ok(answer)
    }
}

impl<W: World> fmt::Debug for KeptInstance<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptInstance")
            .field("plugin", &self.plugin.name())
            .field("over", &self.is_over())
            .finish()
    }
}
