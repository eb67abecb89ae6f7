//! The engine that all plugins of a host share, and the host's places for instances in it.

use std::ops::Deref;
use std::sync::Arc;

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::engine::error::{BuildError, LimitsError};
use crate::engine::places::{Occupied, Places};
use crate::engine::pools;
use crate::engine::running::{Pool, Running, Settings};
use crate::engine::seal::EngineKey;
use crate::engine::ticker::Ticker;
use crate::permission::limits::{Limit, Limits};

/// The engine of a host, and the host's places in it.
#[derive(Debug)]
pub(crate) struct SharedEngine {
    pub(crate) engine: Engine,
    running: Arc<Running>,
    /// The places for instances of this host.
    places: Arc<Places>,
}

/// A place for an instance, which is returned when this value is dropped: a place of the host, and a place of the pool
/// if hosts share it.
#[derive(Debug)]
pub(crate) struct Place<P: Deref<Target = Places>> {
    _of_host: Occupied<P>,
    _of_pool: Option<Occupied<P>>,
}

impl SharedEngine {
    /// Creates the engine for a host with these limits and `places` instances at once.
    pub(crate) fn new(limits: &Limits, places: u32) -> Result<Self, BuildError> {
        let failed =
            |error: wasmtime::Error| BuildError::Engine { reason: format!("{error:#}").into() };
        let running = pools::engine(Settings::new(limits), places).map_err(failed)?;
        let engine = running.engine.clone();
        let places = Arc::new(Places::new(places));
        Ok(Self { engine, running, places })
    }

    /// Says whether compiled code counts fuel.
    pub(crate) fn counts_fuel(&self) -> bool {
        self.running.settings.counts_fuel
    }

    /// Returns the engine's part of the keys of compiled code.
    pub(crate) fn key(&self) -> &EngineKey {
        &self.running.key
    }

    pub(crate) fn ticker(&self) -> &Ticker {
        &self.running.ticker
    }

    /// Refuses limits that can only be set for the whole host.
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

    /// Returns the number of places that an instance of `component` takes.
    pub(crate) fn places_for(&self, component: &Component) -> u32 {
        let needed =
            component.resources_required().map_or(1, |it| it.num_memories.max(it.num_tables));
        needed.max(1)
    }

    /// Waits until `count` places are free, and takes them. If an instance needs more places than exist, the pool
    /// refuses it.
    pub(crate) async fn place(&self, count: u32) -> Place<&Places> {
        let _of_host = Places::take(&*self.places, count).await;
        let _of_pool = match &self.running.pool {
            Pool::Common(of_pool) => Some(Places::take(&**of_pool, count).await),
            Pool::Own | Pool::None => None,
        };
        Place { _of_host, _of_pool }
    }

    /// Does the same as [`place`](Self::place), for an instance that outlives the call.
    pub(crate) async fn place_to_keep(&self, count: u32) -> Place<Arc<Places>> {
        let _of_host = Places::take(Arc::clone(&self.places), count).await;
        let _of_pool = match &self.running.pool {
            Pool::Common(of_pool) => Some(Places::take(Arc::clone(of_pool), count).await),
            Pool::Own | Pool::None => None,
        };
        Place { _of_host, _of_pool }
    }

    /// Says whether instances come from a pool.
    pub(crate) fn is_pooled(&self) -> bool {
        self.running.is_pooled()
    }
}
