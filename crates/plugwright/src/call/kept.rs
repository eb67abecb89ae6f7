//! An instance that is kept for several calls, for contracts in which one call continues what another call began.

use std::convert::Infallible;
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

/// An instance of a plugin that is kept for several calls, from [`Plugin::open_instance`]. A handle from one call, such
/// as a session, can be used in the next call. A short call takes a fraction of the time of a call in a fresh instance.
///
/// The limits apply to each call anew, and also to making the instance. [`Limits::memory`], [`Limits::table_elements`],
/// [`Limits::handles`] and [`Limits::host_memory`] count what the instance holds until it is dropped. A failure that
/// the plugin returns is an answer, and the instance stays usable. If a call ends in any other way, or is dropped
/// before it is done, the instance has ended, and further calls return [`CallError::InstanceOver`]. An instance can be
/// dropped at any time. Until then it counts for the host's [concurrency](crate::HostBuilder::concurrency).
///
/// Calls in one instance are not isolated from each other. The plugin keeps its state, so data that it gets in one call
/// can appear in another. Never share an instance between users who must not learn of each other.
///
/// [`Limits::memory`]: crate::Limits::memory
/// [`Limits::table_elements`]: crate::Limits::table_elements
/// [`Limits::handles`]: crate::Limits::handles
/// [`Limits::host_memory`]: crate::Limits::host_memory
pub struct KeptInstance<W: World> {
    plugin: Plugin<W>,
    /// `None` once the instance has ended.
    instance: Option<Instance<W, Place<Arc<Places>>>>,
}

impl<W: World> Plugin<W> {
    /// Makes an instance for many calls, one after the other, and blocks until it is ready. Call it with
    /// [`KeptInstance::call`]. If the plugin is [called by name](crate::Dynamic), use [`KeptInstance::call_values`] and
    /// [`KeptInstance::call_text`]. The instance has the limits, data and log of this handle. [`KeptInstance`]
    /// describes what the speed costs.
    ///
    /// ```no_run
    /// use std::convert::Infallible;
    /// use plugwright::{CallError, Host, Plugin};
    ///
    /// plugwright::world!(Greeter, GreeterPre = "greeter" inline "
    ///     package demo:greetings@0.1.0;
    ///
    ///     world greeter {
    ///         export greet: func(name: string) -> string;
    ///     }
    /// ");
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let greeter: Plugin<Greeter> = Host::builder().build()?.load("dist/greeter.wasm")?;
    /// let mut instance = greeter.open_instance()?;
    /// for name in ["Ada", "Grace"] {
    ///     let greeting: Result<_, CallError<Infallible>> = instance.call("greet", async |greeter, store| {
    ///         Ok(Ok(greeter.call_greet(store, name).await?))
    ///     });
    ///     if instance.is_over() {
    ///         // The call trapped or exceeded a limit: the next call needs another instance.
    ///         instance = greeter.open_instance()?;
    ///     }
    ///     println!("{}", greeting?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What ended the making of the instance; the plugin itself cannot refuse it. In a function that returns the errors
    /// of its calls, convert this error with [`CallError::map_failure`].
    pub fn open_instance(&self) -> Result<KeptInstance<W>, CallError<Infallible>> {
        self.keep(OPEN)
    }

    /// Does what [`Plugin::open_instance`] does, and lets other tasks run while it waits.
    ///
    /// # Errors
    ///
    /// The errors of [`Plugin::open_instance`].
    pub async fn open_instance_async(&self) -> Result<KeptInstance<W>, CallError<Infallible>> {
        self.keep_async(OPEN).await
    }

    /// Does what [`Plugin::open_instance`] does, for contracts whose functions open instances, such as sessions. Errors
    /// name `function`, and have its failure type.
    ///
    /// # Errors
    ///
    /// The errors of [`Plugin::open_instance`].
    pub fn keep<F>(&self, function: &str) -> Result<KeptInstance<W>, CallError<F>>
    where
        F: fmt::Debug + fmt::Display + Send,
    {
        block_on(|| self.keep_async(function), CallError::no_thread(self.name()))
    }

    /// Does what [`Plugin::keep`] does, and lets other tasks run while it waits.
    ///
    /// # Errors
    ///
    /// The errors of [`Plugin::keep`].
    pub async fn keep_async<F>(&self, function: &str) -> Result<KeptInstance<W>, CallError<F>>
    where
        F: fmt::Debug + fmt::Display,
    {
        let place = self.shared.engine.place_to_keep(self.shared.linked.places);
        let mut instance = self.instance(function, place).await?;
        instance.keep();
        let instance = Some(instance);
        Ok(KeptInstance { plugin: self.clone(), instance })
    }
}

impl<W: World> KeptInstance<W> {
    /// Returns the plugin of this instance.
    pub fn plugin(&self) -> &Plugin<W> {
        &self.plugin
    }

    /// Returns whether the instance has ended: an earlier call did not complete, or the instance was
    /// [ended](KeptInstance::end).
    pub fn is_over(&self) -> bool {
        self.instance.is_none()
    }

    /// Ends the instance. It no longer counts for the host's concurrency, and further calls return
    /// [`CallError::InstanceOver`].
    pub fn end(&mut self) {
        self.instance = None;
    }

    /// Makes a call in this instance as [`Plugin::call`] does, and blocks until the answer is there.
    ///
    /// # Errors
    ///
    /// The errors of [`Plugin::call`]. After an error, further calls return [`CallError::InstanceOver`], except after
    /// [`CallError::Refused`] and [`CallError::Thread`], which leave the instance as it was.
    pub fn call<R, F>(
        &mut self,
        function: &str,
        call: impl AsyncFnOnce(&W, &mut Store<State<W::Data>>) -> wasmtime::Result<Result<R, F>> + Send,
    ) -> Result<R, CallError<F>>
    where
        R: Send,
        F: fmt::Debug + fmt::Display + Send,
    {
        let Self { plugin, instance } = self;
        let plugin = &*plugin;
        block_on(|| called(plugin, instance, function, call), CallError::no_thread(plugin.name()))
    }

    /// Makes a call in this instance as [`Plugin::call_async`] does. Dropping the future before it is done ends the
    /// instance.
    ///
    /// # Errors
    ///
    /// The errors of [`KeptInstance::call`].
    pub async fn call_async<R, F>(
        &mut self,
        function: &str,
        call: impl AsyncFnOnce(&W, &mut Store<State<W::Data>>) -> wasmtime::Result<Result<R, F>>,
    ) -> Result<R, CallError<F>>
    where
        F: fmt::Debug + fmt::Display,
    {
        called(&self.plugin, &mut self.instance, function, call).await
    }
}

/// The function that errors name when an instance is made without a function of the contract.
const OPEN: &str = "open_instance";

async fn called<W: World, P, R, F>(
    plugin: &Plugin<W>,
    kept: &mut Option<Instance<W, P>>,
    function: &str,
    call: impl AsyncFnOnce(&W, &mut Store<State<W::Data>>) -> wasmtime::Result<Result<R, F>>,
) -> Result<R, CallError<F>>
where
    F: fmt::Debug + fmt::Display,
{
    let Some(mut instance) = kept.take() else {
        return Err(CallError::over(plugin.name(), function));
    };
    let answer = instance.call_in_span(plugin, function, call).await;
    // Without an answer the instance has ended, even if the future is dropped or forgotten before the answer is there.
    if matches!(answer, Ok(_) | Err(CallError::Refused { .. })) {
        *kept = Some(instance);
    }
    answer
}

impl<W: World> fmt::Debug for KeptInstance<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptInstance")
            .field("plugin", &self.plugin.name())
            .field("over", &self.is_over())
            .finish()
    }
}
