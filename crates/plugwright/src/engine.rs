//! The engine that all plugins of a host share: how code is generated, where instances are placed, and
//! the clock behind deadlines.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use wasmtime::component::Component;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig,
    WasmBacktraceDetails,
};

use crate::ticker::Ticker;
use crate::{BuildError, Limit, Limits, LimitsError};

/// The engine and what belongs to it.
#[derive(Debug)]
pub(crate) struct SharedEngine {
    pub(crate) engine: Engine,
    pub(crate) ticker: Ticker,
    /// The places for instances, if they come from a pool, and how many there are.
    places: Option<(Arc<Semaphore>, u32)>,
    counts_fuel: bool,
    stack: u64,
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

impl SharedEngine {
    /// Makes the engine: with a pool of instances where the machine has the address space for one.
    pub(crate) fn new(limits: &Limits, places: u32) -> Result<Self, BuildError> {
        let fuel = limits.get(Limit::Fuel).is_some();
        let stack = usize::try_from(limits.value(Limit::Stack)).unwrap_or(usize::MAX);
        let stack = stack.clamp(16 << 10, 64 << 20);
        let mut config = Config::new();
        config
            // The same answer on every machine: floating-point results that the specification leaves
            // open are fixed.
            .cranelift_nan_canonicalization(true)
            .relaxed_simd_deterministic(true)
            .epoch_interruption(true)
            .consume_fuel(fuel)
            .max_wasm_stack(stack)
            // Host functions run on the same stack, above what the plugin may use.
            .async_stack_size(stack + (1 << 20))
            // Lines are looked up in `dist/symbols/`, because what ships is stripped.
            .wasm_backtrace_details(WasmBacktraceDetails::Disable);

        let failed = |error: &wasmtime::Error| BuildError::Engine { reason: format!("{error:#}") };
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits, places)));
        let (engine, places) = match Engine::new(&config) {
            Ok(engine) => {
                tracing::debug!(places, "instances come from a pool");
                (engine, Some((Arc::new(Semaphore::new(places as usize)), places)))
            }
            Err(error) => {
                config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
                let engine = Engine::new(&config).map_err(|error| failed(&error))?;
                tracing::debug!("instances are placed on demand, without a pool: {error:#}");
                (engine, None)
            }
        };
        let ticker = Ticker::start(&engine).map_err(|error| BuildError::Engine {
            reason: format!("it can have no thread for deadlines: {error}"),
        })?;
        Ok(Self { engine, ticker, places, counts_fuel: fuel, stack: stack as u64 })
    }

    /// Refuses limits that only hold for the whole host.
    pub(crate) fn can_enforce(&self, limits: &Limits) -> Result<(), LimitsError> {
        if limits.get(Limit::Fuel).is_some() && !self.counts_fuel {
            return Err(LimitsError::FuelNotCounted);
        }
        match limits.get(Limit::Stack) {
            Some(stack) if stack < self.stack => {
                Err(LimitsError::StackOfHost { stack: self.stack })
            }
            _ => Ok(()),
        }
    }

    /// How many places of the pool an instance of `component` takes.
    pub(crate) fn places_for(&self, component: &Component) -> u32 {
        let needed =
            component.resources_required().map_or(1, |it| it.num_memories.max(it.num_tables));
        // One that needs more than there are is refused by the pool itself.
        needed.clamp(1, self.places.as_ref().map_or(1, |(_, places)| *places))
    }

    /// Waits until there are `count` places for an instance, which are given back when the answer is
    /// dropped.
    pub(crate) async fn place(&self, count: u32) -> Option<SemaphorePermit<'_>> {
        let (places, _) = self.places.as_ref()?;
        // The semaphore is never closed, so there is always a permit in the end.
        places.acquire_many(count).await.ok()
    }

    /// The same, for an instance that outlives the call.
    pub(crate) async fn place_to_keep(&self, count: u32) -> Option<OwnedSemaphorePermit> {
        let (places, _) = self.places.as_ref()?;
        Arc::clone(places).acquire_many_owned(count).await.ok()
    }

    /// Says whether instances come from a pool.
    pub(crate) fn is_pooled(&self) -> bool {
        self.places.is_some()
    }
}

/// A pool with so many memories, tables and stacks.
fn pool(limits: &Limits, places: u32) -> PoolingAllocationConfig {
    let elements = usize::try_from(limits.value(Limit::TableElements)).unwrap_or(usize::MAX);
    let instances = u32::try_from(limits.value(Limit::Instances)).unwrap_or(u32::MAX);
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
        .table_elements(elements.min(1 << 20))
        .max_unused_warm_slots(WARM_PLACES)
        .linear_memory_keep_resident(kept_resident)
        .table_keep_resident(kept_resident)
        // The kernel says which pages a call wrote to, where it can.
        .pagemap_scan(Enabled::Auto);
    pool
}
