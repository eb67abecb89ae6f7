//! The engine that all plugins of a host share: how code is generated, where instances are placed, and
//! the clock behind deadlines.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::engine::error::{BuildError, LimitsError};
use crate::engine::pools;
use crate::engine::running::{Pool, Running, Settings};
use crate::engine::ticker::Ticker;
use crate::permission::limits::{Limit, Limits};

/// The engine of a host, and the host's room in it.
#[derive(Debug)]
pub(crate) struct SharedEngine {
    pub(crate) engine: Engine,
    running: Arc<Running>,
    /// The places for instances of this host, and how many there are.
    places: (Arc<Semaphore>, u32),
}

/// A place for an instance, which is given back when it is dropped: one of the host's, and one of those of a
/// pool that hosts share.
#[derive(Debug)]
pub(crate) struct Place<P> {
    _of_host: Option<P>,
    _of_pool: Option<P>,
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
