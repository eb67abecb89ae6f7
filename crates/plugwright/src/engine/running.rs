//! A running engine: how code is generated, where instances are placed, and the clock for deadlines.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use wasmtime::error::Context as _;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig,
    WasmBacktraceDetails,
};

use crate::engine::places::Places;
use crate::engine::seal::EngineKey;
use crate::engine::ticker::Ticker;
use crate::permission::limits::{Limit, Limits};

/// A running engine, for one or several hosts.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) settings: Settings,
    pub(crate) engine: Engine,
    pub(crate) key: EngineKey,
    pub(crate) ticker: Ticker,
    pub(crate) pool: Pool,
    // The last field, so that it is dropped after the engine.
    _taken: Option<Taken>,
}

/// The settings that all plugins of an engine share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) counts_fuel: bool,
    pub(crate) stack: usize,
    table_elements: usize,
    instances: u32,
}

/// Where instances are placed.
#[derive(Debug)]
pub(crate) enum Pool {
    /// In a pool of one host.
    Own,
    /// In a pool that several hosts share, with its places.
    Common(Arc<Places>),
    /// Without a pool: the system allocates memory for each instance.
    None,
}

/// Up to this many bytes of used memory are cleared in place after a call. This is quicker than returning the memory to
/// the system, which causes a page fault for each page on the next use, and delays the other threads of the process.
const KEPT_RESIDENT: usize = 4 << 20;

/// The same where the kernel does not report which pages a call wrote to, so that all of them must be cleared.
const KEPT_RESIDENT_BLINDLY: usize = 64 << 10;

/// How many unused places stay ready for the next call of the plugin that used them last. Up to this number, each
/// loaded plugin has its own place, with as much memory as is kept resident.
const WARM_PLACES: u32 = 16;

impl Settings {
    /// Returns the settings for a host with these limits.
    pub(crate) fn new(limits: &Limits) -> Self {
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
            // Host functions run on the same stack, and need room in addition to the plugin's.
            .async_stack_size(self.stack + (1 << 20));
        config
    }
}

/// Returns the settings for code generation. A compiler process uses the same settings, and all of them are part of the
/// key of compiled code.
fn generating(counts_fuel: bool) -> Config {
    let mut config = Config::new();
    config
        // Floating-point results that the specification leaves open are fixed, so that results are the same on every
        // machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .epoch_interruption(true)
        .consume_fuel(counts_fuel)
        // Shipped plugins are stripped. Lines are looked up in `dist/symbols/` instead.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    config
}

/// Creates an engine that only compiles, and has no room for instances.
pub(crate) fn compiling(counts_fuel: bool) -> wasmtime::Result<Engine> {
    Engine::new(generating(counts_fuel).allocation_strategy(InstanceAllocationStrategy::OnDemand))
}

impl Running {
    /// Creates an engine with a pool of `places` places.
    pub(crate) fn pooled(
        settings: Settings,
        places: u32,
        taken: Taken,
        pool: Pool,
    ) -> wasmtime::Result<Self> {
        let strategy = InstanceAllocationStrategy::Pooling(pooling(settings, places));
        Self::start(settings, strategy, pool, Some(taken))
    }

    /// Creates an engine without a pool.
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
        let ticker = Ticker::start(&engine).context("cannot start the thread for deadlines")?;
        let key = EngineKey::new(&engine);
        Ok(Self { settings, engine, key, ticker, pool, _taken: taken })
    }

    /// Says whether instances come from a pool.
    pub(crate) fn is_pooled(&self) -> bool {
        !matches!(self.pool, Pool::None)
    }
}

/// The number of places of all pools in this process.
pub(crate) static TAKEN: AtomicU32 = AtomicU32::new(0);

/// The places of one pool. They are returned when this value is dropped.
#[derive(Debug)]
pub(crate) struct Taken(pub(crate) u32);

impl Taken {
    /// Takes `places` places, if all pools then have at most `most`. A single pool may have more. Only one thread at a
    /// time calls this.
    pub(crate) fn new(places: u32, most: u32) -> Option<Self> {
        let taken = TAKEN.load(Ordering::Acquire);
        let all = taken.checked_add(places).filter(|all| taken == 0 || *all <= most)?;
        // Other threads can only return places meanwhile.
        TAKEN.fetch_add(all - taken, Ordering::AcqRel);
        Some(Self(places))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        TAKEN.fetch_sub(self.0, Ordering::AcqRel);
    }
}

/// Returns the settings of a pool with `places` memories, tables and stacks.
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
        // Core instances take no room in the pool, and the runtime of another language has dozens of them.
        .total_core_instances(places.saturating_mul(instances))
        .total_component_instances(places)
        .max_memories_per_component(places)
        .max_tables_per_component(places)
        .table_elements(table_elements)
        .max_unused_warm_slots(WARM_PLACES)
        .linear_memory_keep_resident(kept_resident)
        .table_keep_resident(kept_resident)
        // Where possible, the kernel reports which pages a call wrote to.
        .pagemap_scan(Enabled::Auto);
    pool
}
