//! An engine that runs: how code is generated, where instances are placed, and the clock behind deadlines.

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

/// An engine that runs, for one host or for several.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) settings: Settings,
    pub(crate) engine: Engine,
    pub(crate) key: EngineKey,
    pub(crate) ticker: Ticker,
    pub(crate) pool: Pool,
    // Dropped after the engine.
    _taken: Option<Taken>,
}

/// What is the same for all plugins of an engine.
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
    /// In memory that is set aside for them, as much as the one host asks for.
    Own,
    /// The same for several hosts, with places for all of them.
    Common(Arc<Places>),
    /// In memory that the system gives for each.
    None,
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
        let key = EngineKey::new(&engine);
        Ok(Self { settings, engine, key, ticker, pool, _taken: taken })
    }

    /// Says whether instances come from a pool.
    pub(crate) fn is_pooled(&self) -> bool {
        !matches!(self.pool, Pool::None)
    }
}

/// How many places all pools of this process have.
pub(crate) static TAKEN: AtomicU32 = AtomicU32::new(0);

/// Places that a pool has. They are given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Taken(pub(crate) u32);

impl Taken {
    /// Takes so many places if all pools have at most `most` of them then. One thread does so at a time.
    pub(crate) fn new(places: u32, most: u32) -> Option<Self> {
        let taken = TAKEN.load(Ordering::Acquire);
        let all = taken.checked_add(places).filter(|all| taken == 0 || *all <= most)?;
        // Others only give back meanwhile.
        TAKEN.fetch_add(all - taken, Ordering::AcqRel);
        Some(Self(places))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        TAKEN.fetch_sub(self.0, Ordering::AcqRel);
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
