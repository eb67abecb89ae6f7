//! A loaded plugin, and how a call of it runs.

use std::fmt;
use std::sync::Arc;

use wasmtime::{Engine, Store};

use crate::error::trap_reason;
use crate::{CallError, LoadError, State, World, doctor};

/// A plugin of the world `W`: compiled and checked, ready to be called from any thread. A clone is
/// another handle to it.
///
/// Each call gets an instance of its own, so nothing is left over from one call to the next, and a
/// call that traps harms no other.
pub struct Plugin<W: World> {
    shared: Arc<Shared<W>>,
}

struct Shared<W: World> {
    name: Arc<str>,
    engine: Engine,
    pre: W::Pre,
}

impl<W: World> Plugin<W> {
    /// The plugin's name: that of its file, without the extension.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Calls the plugin: makes an instance and hands it to `call`, which calls one of the functions
    /// that wasmtime's `bindgen!` made for the world.
    ///
    /// `function` is that function's name, for errors. `call` gives back the plugin's own result
    /// inside the engine's.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] with the plugin's own failure, or [`CallError::Trapped`].
    pub fn call<R, F>(
        &self,
        function: &'static str,
        call: impl FnOnce(&W, &mut Store<State>) -> wasmtime::Result<Result<R, F>> + Send,
    ) -> Result<R, CallError<F>>
    where
        R: Send,
        F: fmt::Debug + fmt::Display + Send,
    {
        let name = &self.shared.name;
        let answer = outside_of_async_runtimes(|| {
            let (instance, mut store) = self.instantiate()?;
            call(&instance, &mut store)
        });
        match answer {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(failure)) => Err(CallError::Refused { plugin: name.to_string(), failure }),
            Err(error) => Err(CallError::from_engine(name, function, &error)),
        }
    }

    pub(crate) fn new(name: Arc<str>, engine: Engine, pre: W::Pre) -> Self {
        Self { shared: Arc::new(Shared { name, engine, pre }) }
    }

    /// Makes an instance and drops it. What wasmtime checks before that is that each export is there;
    /// their types it compares only with an instance at hand.
    pub(crate) fn try_out(&self) -> Result<(), LoadError> {
        let name = &self.shared.name;
        outside_of_async_runtimes(|| self.instantiate().map(drop)).map_err(|error| {
            let trapped = error.is::<wasmtime::Trap>() || error.is::<wasmtime_wasi::I32Exit>();
            if trapped {
                LoadError::Start { plugin: name.to_string(), reason: trap_reason(&error) }
            } else {
                doctor::types_differ::<W>(name, &error)
            }
        })
    }

    /// Makes a fresh instance in a store of its own.
    fn instantiate(&self) -> wasmtime::Result<(W, Store<State>)> {
        let Shared { name, engine, pre } = &*self.shared;
        let mut store = Store::new(engine, State::new(name));
        let instance = W::instantiate(pre, &mut store)?;
        Ok((instance, store))
    }
}

impl<W: World> Clone for Plugin<W> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<W: World> fmt::Debug for Plugin<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("name", &self.name()).field("world", &W::NAME).finish()
    }
}

/// Runs `work` where it may block.
///
/// WASI's synchronous functions block on Tokio, which panics where a Tokio runtime already drives
/// the thread. There `work` gets a thread of its own, with the caller's `tracing` subscriber.
fn outside_of_async_runtimes<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    if tokio::runtime::Handle::try_current().is_err() {
        return work();
    }
    let dispatch = tracing::dispatcher::get_default(Clone::clone);
    let span = tracing::Span::current();
    let work = || tracing::dispatcher::with_default(&dispatch, || span.in_scope(work));
    std::thread::scope(|scope| {
        scope.spawn(work).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
