//! Calls of plugins, each in its own instance.

use std::fmt;

use tracing::{Instrument as _, Span};
use wasmtime::Store;

use crate::admission::compatibility;
use crate::admission::known::Known;
use crate::admission::load_error::LoadError;
use crate::admission::surface::Surface;
use crate::call::call_error::{CallError, broken_off};
use crate::call::instance::{Instance, NoInstance, begin, microseconds};
use crate::call::plugin::Plugin;
use crate::call::runtime::block_on;
use crate::call::state::State;
use crate::call::world::World;
use crate::text::foreign_text::ForeignText;

impl<W: World> Plugin<W> {
    /// Calls the plugin. This makes an instance and passes it to `call`, which calls one of the functions that
    /// wasmtime's `bindgen!` generates for the world. Other tasks can run while the plugin computes.
    ///
    /// `function` is the name of that function, for errors and spans. `call` returns the plugin's own result inside the
    /// engine's result. Dropping the future before it is done ends the plugin's work.
    ///
    /// The future runs on any executor, and may move from one executor to another, because threads of this library do
    /// what a plugin waits for, such as sleeping or reading granted files. The application's own host functions run
    /// where the future is polled, so they see the caller's Tokio runtime if there is one.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] with the plugin's own failure, or another [`CallError`] that says what ended the call.
    pub async fn call_async<R, F>(
        &self,
        function: &str,
        call: impl AsyncFnOnce(&W, &mut Store<State<W::Data>>) -> wasmtime::Result<Result<R, F>>,
    ) -> Result<R, CallError<F>>
    where
        F: fmt::Debug + fmt::Display,
    {
        let span = self.span(function);
        // A disabled span needs no entering each time that the call is polled.
        if span.is_disabled() {
            self.call_fresh(function, &span, call).await
        } else {
            self.call_fresh(function, &span, call).instrument(span.clone()).await
        }
    }

    /// Makes the call in a fresh instance, and records in the span what the call used.
    async fn call_fresh<R, F>(
        &self,
        function: &str,
        span: &Span,
        call: impl AsyncFnOnce(&W, &mut Store<State<W::Data>>) -> wasmtime::Result<Result<R, F>>,
    ) -> Result<R, CallError<F>>
    where
        F: fmt::Debug + fmt::Display,
    {
        let begin = begin(span);
        let place = self.shared.engine.place(self.shared.linked.places);
        let mut instance = self.instance(function, place).await?;
        if let Some(begin) = begin {
            span.record("instantiation", microseconds(begin.elapsed()));
        }
        let answer = instance.call(self, function, call).await;
        instance.record(self, span, begin);
        answer
    }

    /// Calls the plugin as [`Plugin::call_async`] does, and blocks until the answer is there. This also works inside a
    /// Tokio runtime, where it blocks the calling thread. The application's own host functions see a Tokio runtime of
    /// this library, since the caller's runtime may be the one that is blocked.
    ///
    /// # Errors
    ///
    /// The errors of [`Plugin::call_async`], and [`CallError::Thread`].
    pub fn call<R, F>(
        &self,
        function: &str,
        call: impl AsyncFnOnce(&W, &mut Store<State<W::Data>>) -> wasmtime::Result<Result<R, F>> + Send,
    ) -> Result<R, CallError<F>>
    where
        R: Send,
        F: fmt::Debug + fmt::Display + Send,
    {
        block_on(|| self.call_async(function, call), CallError::no_thread(self.name()))
    }

    /// Makes an instance for calls, once `place` is ready.
    pub(crate) async fn instance<F, P>(
        &self,
        function: &str,
        place: impl Future<Output = P>,
    ) -> Result<Instance<W, P>, CallError<F>>
    where
        F: fmt::Debug + fmt::Display,
    {
        Instance::new(self, place).await.map_err(|none| match none {
            NoInstance::Denied(source) => CallError::Denied { plugin: self.name().into(), source },
            NoInstance::Broken(error) => self.error(function, &error),
        })
    }

    /// Makes an instance and drops it. Without an instance, wasmtime checks only that each export exists; it compares
    /// the types of exports only when there is an instance.
    pub(crate) fn try_out(&self, surface: &Surface, known: &Known) -> Result<(), LoadError> {
        let plugin = || ForeignText::from(self.name());
        let limits = (&self.limits, &self.shared.identity.manifest);
        let instance = async || {
            let place = self.shared.engine.place(self.shared.linked.places);
            Instance::new(self, place).await.map(drop).map_err(|none| match none {
                NoInstance::Denied(source) => LoadError::Denied { plugin: plugin(), source },
                NoInstance::Broken(error) => match broken_off(limits, &error) {
                    Some(reason) => LoadError::Start { plugin: plugin(), reason },
                    None => compatibility::types_differ(self.name(), surface, known, &error),
                },
            })
        };
        block_on(instance, |source| LoadError::Thread { plugin: plugin(), source })
    }
}
