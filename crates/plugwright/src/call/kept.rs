//! An instance that is kept over several calls, for contracts in which one call goes on where another ended.

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

/// An instance of a plugin that is kept over several calls, from [`Plugin::open_instance`]. A handle from one call,
/// such as a session, can be used in the next. A short call takes a fraction of a call in a fresh instance.
///
/// Each call has the limits anew, and so has making the instance. [`Limits::memory`], [`Limits::table_elements`],
/// [`Limits::handles`] and [`Limits::host_memory`] count what the instance holds until it is dropped. A plugin's own
/// failure is an answer, and the instance goes on. After a call that ended otherwise, or was dropped before it was
/// done, the instance is over, and further calls say so. It can be dropped at any time. Until then it counts for the
/// host's [concurrency](crate::HostBuilder::concurrency).
///
/// The price: calls are not separate. The plugin keeps its state, so what it is told in one call can come out in
/// another. Never share an instance between users who must not learn of each other.
///
/// [`Limits::memory`]: crate::Limits::memory
/// [`Limits::table_elements`]: crate::Limits::table_elements
/// [`Limits::handles`]: crate::Limits::handles
/// [`Limits::host_memory`]: crate::Limits::host_memory
pub struct KeptInstance<W: World> {
    plugin: Plugin<W>,
    /// Absent once it is over.
    instance: Option<Instance<W, Place<Arc<Places>>>>,
}

impl<W: World> Plugin<W> {
    /// Makes an instance for many calls, one after the other, and waits for it. Call it with
    /// [`KeptInstance::call`], or, for a plugin that is [called by name](crate::Dynamic), with
    /// [`KeptInstance::call_values`] and [`KeptInstance::call_text`]. It has the limits, data and log of this
    /// handle. [`KeptInstance`] says what the speed costs.
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
    ///         // It trapped, or went beyond a limit: the next one needs another instance.
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
    /// What ended the making; the plugin itself cannot refuse it. In a function that returns the errors of its
    /// calls, [`CallError::map_failure`] converts this error.
    pub fn open_instance(&self) -> Result<KeptInstance<W>, CallError<Infallible>> {
        self.keep(OPEN)
    }

    /// As [`Plugin::open_instance`], and lets other tasks run meanwhile.
    ///
    /// # Errors
    ///
    /// As [`Plugin::open_instance`].
    pub async fn open_instance_async(&self) -> Result<KeptInstance<W>, CallError<Infallible>> {
        self.keep_async(OPEN).await
    }

    /// As [`Plugin::open_instance`], for contracts whose functions open instances, such as sessions: errors name that
    /// `function`, and have its type of failures.
    ///
    /// # Errors
    ///
    /// As [`Plugin::open_instance`].
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
        let place = self.shared.engine.place_to_keep(self.shared.linked.places);
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

    /// Says whether it is over: an earlier call did not come to its end, or the instance was
    /// [ended](KeptInstance::end).
    pub fn is_over(&self) -> bool {
        self.instance.is_none()
    }

    /// Ends it. It no longer counts for the host's concurrency, and further calls say that it is over.
    pub fn end(&mut self) {
        self.instance = None;
    }

    /// Makes a call in it as [`Plugin::call`] does, and waits for the answer.
    ///
    /// # Errors
    ///
    /// As [`Plugin::call`], and [`CallError::InstanceOver`] after any of them but two: [`CallError::Refused`] and
    /// [`CallError::Thread`] leave the instance as it was.
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
        called(&self.plugin, &mut self.instance, function, call).await
    }
}

/// What errors call the making of an instance that no function is known to be called in.
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
    // Without an answer it is over, and so is one of a call that is dropped or forgotten before there is one.
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
