//! Chooses the engine of a host: an engine with its own pool while there is address space for it, then an engine whose
//! pool hosts share, then an engine without a pool.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};

use crate::engine::places::Places;
use crate::engine::running::{Pool, Running, Settings, TAKEN, Taken};

/// The most places of all pools of single hosts. A place takes 4 GiB of address space. A process has 128 TiB on most
/// machines, and the application needs some of it. A host that is the only one may have more.
const MOST_OWN: u32 = 12_000;

/// The most places of all pools.
const MOST: u32 = 20_000;

/// The number of places of a shared pool.
const COMMON: u32 = 1000;

/// The engines that hosts share.
static SHARED: Mutex<Vec<Weak<Running>>> = Mutex::new(Vec::new());

/// Returns the engine for a host with room for `places` instances.
pub(crate) fn engine(settings: Settings, places: u32) -> wasmtime::Result<Arc<Running>> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.retain(|engine| engine.strong_count() > 0);
    let pooled = |taken: Taken, pool: Pool| Running::pooled(settings, taken.0, taken, pool);
    let own = Taken::new(places, MOST_OWN).map(|taken| pooled(taken, Pool::Own));
    let reason = match own {
        Some(Ok(own)) => return Ok(Arc::new(own)),
        Some(Err(error)) => format!("{error:#}"),
        None => "other hosts use all address space for pools".to_owned(),
    };
    let mut living: Vec<_> = shared.iter().filter_map(Weak::upgrade).collect();
    living.retain(|engine| engine.settings == settings);
    if let Some(common) = living.iter().find(|engine| engine.is_pooled()) {
        return Ok(Arc::clone(common));
    }
    // The shared pool may be smaller than the requested one, and fit where that did not.
    let pool = Pool::Common(Arc::new(Places::new(COMMON)));
    let common = Taken::new(COMMON, MOST).map(|taken| pooled(taken, pool));
    if let Some(Ok(common)) = common {
        static TOLD: Once = Once::new();
        TOLD.call_once(|| {
            tracing::warn!(
                "there is no room for another pool, so this host and later ones share a pool of {COMMON} \
                 instances ({reason}): create fewer hosts, or lower `HostBuilder::concurrency` for each"
            );
        });
        let common = Arc::new(common);
        shared.push(Arc::downgrade(&common));
        return Ok(common);
    }
    if TAKEN.load(Ordering::Acquire) == 0 {
        // A single host has done nothing wrong, so this is only a debug event.
        tracing::debug!("instances are placed on demand, without a pool: {reason}");
    } else {
        static TOLD: Once = Once::new();
        TOLD.call_once(|| {
            tracing::warn!(
                "there is no address space for the pool of another host, so its calls take longer \
                 ({reason}): create fewer hosts, or lower `HostBuilder::concurrency` for each"
            );
        });
    }
    if let Some(engine) = living.pop() {
        return Ok(engine);
    }
    let engine = Running::on_demand(settings).map(Arc::new)?;
    shared.push(Arc::downgrade(&engine));
    Ok(engine)
}
