//! The engine that all plugins of a host share: how code is generated, where instances are placed, and
//! the clock behind deadlines.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use wasmtime::component::Component;
use wasmtime::error::Context as _;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig,
    WasmBacktraceDetails,
};

use crate::pools::{self, Taken};
use crate::ticker::Ticker;
use crate::{BuildError, Limit, Limits, LimitsError};

/// The engine of a host, and the host's room in it.
#[derive(Debug)]
pub(crate) struct SharedEngine {
    pub(crate) engine: Engine,
    running: Arc<Running>,
    /// The places for instances of this host, and how many there are.
    places: (Arc<Semaphore>, u32),
}

/// An engine that runs, for one host or for several.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) settings: Settings,
    pub(crate) engine: Engine,
    pub(crate) ticker: Ticker,
    pool: Pool,
    // Dropped after the engine.
    _taken: Option<Taken>,
}

/// What is the same for all plugins of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    counts_fuel: bool,
    stack: usize,
    table_elements: usize,
    instances: u32,
}

/// Where instances are placed.
#[derive(Debug)]
pub(crate) enum Pool {
    /// In memory that is set aside for them, as much as the one host asks for.
    Own,
    /// The same for several hosts, and how many places there are for all of them.
    Common(Arc<Semaphore>, u32),
    /// In memory that the system gives for each.
    None,
}

/// A place for an instance, which is given back when it is dropped: one of the host's, and one of those of a
/// pool that hosts share.
#[derive(Debug)]
pub(crate) struct Place<P> {
    _of_host: Option<P>,
    _of_pool: Option<P>,
}

/// A call that dirtied at most so much memory has it cleared in place, which is quicker than giving
/// it back to the system: that takes a page fault for each page when it is used again, and holds up the
/// other threads of the process.
const KEPT_RESIDENT: usize = 4 << 20;

/// The same where the kernel does not say which pages a call wrote to: all of it has to be cleared then.
const KEPT_RESIDENT_BLINDLY: usize = 64 << 10;

/// How many places are left as the last call of a plugin had them, ready for its next one. Each plugin that
/// was loaded has a place of its own until then, with as much memory as is kept resident.
const WARM_PLACES: u32 = 16;

impl Settings {
    /// Those of hosts with such limits.
    fn new(limits: &Limits) -> Self {
        let value = |limit| usize::try_from(limits.value(limit)).unwrap_or(usize::MAX);
        let instances = limits.value(Limit::Instances);
        Self {
            counts_fuel: limits.get(Limit::Fuel).is_some(),
            stack: usize::try_from(limits.stack_of_host()).unwrap_or(usize::MAX),
            table_elements: value(Limit::TableElements).min(1 << 20),
            instances: u32::try_from(instances).unwrap_or(u32::MAX),
        }
    }

    fn config(self) -> Config {
        let mut config = generating(self.counts_fuel);
        config
            .max_wasm_stack(self.stack)
            // Host functions run on the same stack, above what the plugin may use.
            .async_stack_size(self.stack + (1 << 20));
        config
    }
}

/// How code is generated. Whoever compiles for an engine of a host has the same, and all of it is in the key of
/// compiled code.
fn generating(counts_fuel: bool) -> Config {
    let mut config = Config::new();
    config
        // The same answer on every machine: floating-point results that the specification leaves
        // open are fixed.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .epoch_interruption(true)
        .consume_fuel(counts_fuel)
        // Lines are looked up in `dist/symbols/`, because what ships is stripped.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    config
}

/// An engine that compiles for those of hosts, and has no room for instances.
pub(crate) fn compiling(counts_fuel: bool) -> wasmtime::Result<Engine> {
    Engine::new(generating(counts_fuel).allocation_strategy(InstanceAllocationStrategy::OnDemand))
}

impl Running {
    /// An engine with a pool of so many places.
    pub(crate) fn pooled(
        settings: Settings,
        places: u32,
        taken: Taken,
        pool: Pool,
    ) -> wasmtime::Result<Self> {
        let strategy = InstanceAllocationStrategy::Pooling(pooling(settings, places));
        Self::start(settings, strategy, pool, Some(taken))
    }

    /// An engine without a pool.
    pub(crate) fn on_demand(settings: Settings) -> wasmtime::Result<Self> {
        Self::start(settings, InstanceAllocationStrategy::OnDemand, Pool::None, None)
    }

    fn start(
        settings: Settings,
        strategy: InstanceAllocationStrategy,
        pool: Pool,
        taken: Option<Taken>,
    ) -> wasmtime::Result<Self> {
        let engine = Engine::new(settings.config().allocation_strategy(strategy))?;
        let ticker = Ticker::start(&engine).context("it can have no thread for deadlines")?;
        Ok(Self { settings, engine, ticker, pool, _taken: taken })
    }

    /// Says whether instances come from a pool.
    pub(crate) fn is_pooled(&self) -> bool {
        !matches!(self.pool, Pool::None)
    }
}

impl SharedEngine {
    /// The engine for a host with such limits, and with room for so many instances at once.
    pub(crate) fn new(limits: &Limits, places: u32) -> Result<Self, BuildError> {
        let failed =
            |error: wasmtime::Error| BuildError::Engine { reason: format!("{error:#}").into() };
        let running = pools::engine(Settings::new(limits), places).map_err(failed)?;
        let engine = running.engine.clone();
        Ok(Self { engine, running, places: (Arc::new(Semaphore::new(places as usize)), places) })
    }

    /// Says whether the code of its plugins counts fuel.
    pub(crate) fn counts_fuel(&self) -> bool {
        self.running.settings.counts_fuel
    }

    pub(crate) fn ticker(&self) -> &Ticker {
        &self.running.ticker
    }

    /// Refuses limits that only hold for the whole host.
    pub(crate) fn can_enforce(&self, limits: &Limits) -> Result<(), LimitsError> {
        let settings = self.running.settings;
        if limits.get(Limit::Fuel).is_some() && !settings.counts_fuel {
            return Err(LimitsError::FuelNotCounted);
        }
        match limits.get(Limit::Stack) {
            Some(stack) if stack < settings.stack as u64 => {
                Err(LimitsError::StackOfHost { stack: settings.stack as u64 })
            }
            _ => Ok(()),
        }
    }

    /// How many places an instance of `component` takes.
    pub(crate) fn places_for(&self, component: &Component) -> u32 {
        let needed =
            component.resources_required().map_or(1, |it| it.num_memories.max(it.num_tables));
        needed.max(1)
    }

    /// Waits until there are `count` places for an instance.
    pub(crate) async fn place(&self, count: u32) -> Place<SemaphorePermit<'_>> {
        let (of_host, most) = &self.places;
        // One that needs more than there are is refused by the pool itself. The semaphores are never closed, so
        // there is always a permit in the end.
        let _of_host = of_host.acquire_many(count.min(*most)).await.ok();
        let _of_pool = match &self.running.pool {
            Pool::Common(of_pool, most) => of_pool.acquire_many(count.min(*most)).await.ok(),
            Pool::Own | Pool::None => None,
        };
        Place { _of_host, _of_pool }
    }

    /// The same, for an instance that outlives the call.
    pub(crate) async fn place_to_keep(&self, count: u32) -> Place<OwnedSemaphorePermit> {
        let (of_host, most) = &self.places;
        let of_host = Arc::clone(of_host);
        let _of_host = of_host.acquire_many_owned(count.min(*most)).await.ok();
        let _of_pool = match &self.running.pool {
            Pool::Common(of_pool, most) => {
                Arc::clone(of_pool).acquire_many_owned(count.min(*most)).await.ok()
            }
            Pool::Own | Pool::None => None,
        };
        Place { _of_host, _of_pool }
    }

    /// Says whether instances come from a pool.
    pub(crate) fn is_pooled(&self) -> bool {
        self.running.is_pooled()
    }
}

/// A pool with so many memories, tables and stacks.
fn pooling(settings: Settings, places: u32) -> PoolingAllocationConfig {
    let Settings { table_elements, instances, .. } = settings;
    let kept_resident = if PoolingAllocationConfig::is_pagemap_scan_available() {
        KEPT_RESIDENT
    } else {
        KEPT_RESIDENT_BLINDLY
    };
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(places)
        .total_tables(places)
        .total_stacks(places)
        // These are counted and take no room, and a runtime of another language is dozens of them.
        .total_core_instances(places.saturating_mul(instances))
        .total_component_instances(places)
        .max_memories_per_component(places)
        .max_tables_per_component(places)
        .table_elements(table_elements)
        .max_unused_warm_slots(WARM_PLACES)
        .linear_memory_keep_resident(kept_resident)
        .table_keep_resident(kept_resident)
        // The kernel says which pages a call wrote to, where it can.
        .pagemap_scan(Enabled::Auto);
    pool
}
