//! One instance of a plugin in its own store, and how a call in it runs: limits are set before the call, and the
//! outcome is classified after it.

use std::fmt;
use std::pin::pin;
use std::time::{Duration, Instant};

use tracing::{Instrument as _, Span};
use wasmtime::{Store, UpdateDeadline};

use crate::call::call_error::CallError;
use crate::call::meter::Meter;
use crate::call::plugin::Plugin;
use crate::call::state::State;
use crate::call::world::World;
use crate::permission::grant_error::GrantError;
use crate::permission::limits::Limit;

/// An instance, for one call or for all calls of a session. Each of its functions takes the plugin as an argument,
/// since all threads that call would contend for the count of handles to it. `P` is the instance's place in the pool.
pub(crate) struct Instance<W: World, P> {
    world: W,
    store: Store<State<W::Data>>,
    /// Whether there was no call yet. The first call shares its limits with the instantiation.
    fresh: bool,
    // Declared after the store, so that the instance is freed before its place is given back.
    _place: P,
}

/// The reason why there is no instance.
pub(crate) enum NoInstance {
    /// Something that was granted is not available.
    Denied(GrantError),
    /// The engine, or the plugin's own initialisation, failed.
    Broken(wasmtime::Error),
}

impl<W: World, P> Instance<W, P> {
    /// Makes a fresh instance of `plugin` once there is a place for it. Waiting for the place and the call share one
    /// deadline.
    pub(crate) async fn new(
        plugin: &Plugin<W>,
        place: impl Future<Output = P>,
    ) -> Result<Self, NoInstance> {
        // Everything before the call counts for the deadline of the call.
        let deadline = plugin.deadline();
        let place = plugin.until(deadline, async { Ok(place.await) });
        let place = place.await.map_err(NoInstance::Broken)?;
        let shared = &*plugin.shared;
        if !shared.identity.grants.folders.is_empty() {
            let check = async { Ok(shared.identity.check_grants().await) };
            let check = plugin.until(deadline, check).await;
            check.map_err(NoInstance::Broken)?.map_err(NoInstance::Denied)?;
        }
        let (data, log) = (plugin.data.clone(), plugin.log.clone());
        let mut state = State::new(&shared.identity, data, log, plugin.limits);
        state.observer.clone_from(&plugin.observer);
        let mut store = Store::new(&shared.engine.engine, state);
        store.limiter(|state| &mut state.meter);
        let transfer = plugin.limits.value(Limit::Transfer);
        store.set_hostcall_fuel(usize::try_from(transfer).unwrap_or(usize::MAX));
        let handles = plugin.limits.value(Limit::Handles);
        store.set_max_component_handles(usize::try_from(handles).unwrap_or(usize::MAX));
        store.epoch_deadline_callback(|context| match context.data().deadline {
            Some(deadline) if deadline <= Instant::now() => {
                Err(context.data().meter.limits.exceeded(Limit::Deadline).into())
            }
            // Other tasks can run while a plugin computes.
            _ => Ok(UpdateDeadline::Yield(1)),
        });
        plugin.arm(&mut store, deadline);
        // This future is large, and each layer would move it, so it is pinned here.
        let world = {
            let world = pin!(W::instantiate(&shared.linked.pre, &mut store));
            plugin.until(deadline, world).await.map_err(NoInstance::Broken)?
        };
        Ok(Self { world, store, fresh: true, _place: place })
    }

    /// Gives the first call its own limits, since it may come later.
    pub(crate) fn keep(&mut self) {
        self.fresh = false;
    }

    /// Makes one call. Errors name `function`.
    pub(crate) async fn call<R, F>(
        &mut self,
        plugin: &Plugin<W>,
        function: &str,
        call: impl AsyncFnOnce(&W, &mut Store<State<W::Data>>) -> wasmtime::Result<Result<R, F>>,
    ) -> Result<R, CallError<F>>
    where
        F: fmt::Debug + fmt::Display,
    {
        let Self { world, store, fresh, .. } = self;
        if !std::mem::take(fresh) {
            plugin.arm(store, plugin.deadline());
        }
        let deadline = store.data().deadline;
        let answer = {
            let work = pin!(call(world, store));
            plugin.until(deadline, work).await
        };
        let meter = &store.data().meter.shared;
        let beyond = meter.check_http();
        match beyond.map_err(wasmtime::Error::from).and(answer) {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(failure)) => Err(CallError::Refused { plugin: plugin.name().into(), failure }),
            Err(error) => Err(plugin.error(function, &error).told_by_panic(meter.panicked())),
        }
    }

    /// Does what [`Instance::call`] does, in its own span.
    pub(crate) async fn call_in_span<R, F>(
        &mut self,
        plugin: &Plugin<W>,
        function: &str,
        call: impl AsyncFnOnce(&W, &mut Store<State<W::Data>>) -> wasmtime::Result<Result<R, F>>,
    ) -> Result<R, CallError<F>>
    where
        F: fmt::Debug + fmt::Display,
    {
        let span = plugin.span(function);
        if span.is_disabled() {
            return self.call(plugin, function, call).await;
        }
        let begin = begin(&span);
        let answer = self.call(plugin, function, call).instrument(span.clone()).await;
        self.record(plugin, &span, begin);
        answer
    }

    /// Records in the call's span what the call used, unless the span is disabled.
    pub(crate) fn record(&self, plugin: &Plugin<W>, span: &Span, begin: Option<Instant>) {
        let Some(begin) = begin else { return };
        let Meter { memory, input, output, .. } = self.store.data().meter;
        span.record("microseconds", microseconds(begin.elapsed()));
        span.record("memory", memory).record("input", input).record("output", output);
        if let Some((all, left)) = plugin.limits.get(Limit::Fuel).zip(self.store.get_fuel().ok()) {
            span.record("fuel", all.saturating_sub(left));
        }
    }
}

/// Returns the current time as the begin of the call, if the span is enabled.
pub(crate) fn begin(span: &Span) -> Option<Instant> {
    (!span.is_disabled()).then(Instant::now)
}

/// Returns a duration in microseconds, as the spans record it.
pub(crate) fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl<W: World> Plugin<W> {
    /// Returns the deadline of a call that begins now.
    fn deadline(&self) -> Option<Instant> {
        let time = self.limits.get(Limit::Deadline).map(Duration::from_millis)?;
        Instant::now().checked_add(time)
    }

    /// Sets the limits that apply to each call.
    fn arm(&self, store: &mut Store<State<W::Data>>, deadline: Option<Instant>) {
        let state = store.data_mut();
        state.deadline = deadline;
        state.meter.begin_call();
        store.set_epoch_deadline(1);
        // In an engine that does not count fuel, this would return an error, which takes time to make.
        if self.shared.engine.counts_fuel() {
            let _ = store.set_fuel(self.limits.value(Limit::Fuel));
        }
    }

    /// Waits for `work` until `deadline`, even if a host function is waiting.
    async fn until<R>(
        &self,
        deadline: Option<Instant>,
        work: impl Future<Output = wasmtime::Result<R>>,
    ) -> wasmtime::Result<R> {
        let done = self.shared.engine.ticker().until(deadline, work).await;
        done.unwrap_or_else(|| Err(self.limits.exceeded(Limit::Deadline).into()))
    }
}
