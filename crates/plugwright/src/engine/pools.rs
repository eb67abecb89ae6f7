//! Which engine a host gets: one with a pool of its own while there is address space for that, then one that
//! hosts share, then one without a pool.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};

use crate::engine::places::Places;
use crate::engine::running::{Pool, Running, Settings, TAKEN, Taken};

/// How many places all pools of hosts alone may have. A place is 4 GiB of address space, of which a process
/// has 128 TiB on most machines, and an application needs some itself. A host that is the only one may have
/// more.
const MOST_OWN: u32 = 12_000;

/// How many places all pools may have.
const MOST: u32 = 20_000;

/// How many places a pool has that hosts share.
const COMMON: u32 = 1000;

/// The engines that hosts share.
static SHARED: Mutex<Vec<Weak<Running>>> = Mutex::new(Vec::new());

/// The engine for a host with room for so many instances.
pub(crate) fn engine(settings: Settings, places: u32) -> wasmtime::Result<Arc<Running>> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.retain(|engine| engine.strong_count() > 0);
    let pooled = |taken: Taken, pool: Pool| Running::pooled(settings, taken.0, taken, pool);
    let own = Taken::new(places, MOST_OWN).map(|taken| pooled(taken, Pool::Own));
    let reason = match own {
        Some(Ok(own)) => return Ok(Arc::new(own)),
        Some(Err(error)) => format!("{error:#}"),
        None => "other hosts have all that there is for it".to_owned(),
    };
    let mut living: Vec<_> = shared.iter().filter_map(Weak::upgrade).collect();
    living.retain(|engine| engine.settings == settings);
    if let Some(common) = living.iter().find(|engine| engine.is_pooled()) {
        return Ok(Arc::clone(common));
    }
    // A smaller one may find room where one that was asked for did not.
    let pool = Pool::Common(Arc::new(Places::new(COMMON)));
    let common = Taken::new(COMMON, MOST).map(|taken| pooled(taken, pool));
    if let Some(Ok(common)) = common {
        static TOLD: Once = Once::new();
        TOLD.call_once(|| {
            tracing::warn!(
                "there is no room for one more pool, so this host and further ones share one for {COMMON} \
                 instances ({reason}): make fewer hosts, or give each less with `HostBuilder::concurrency`"
            );
        });
        let common = Arc::new(common);
        shared.push(Arc::downgrade(&common));
        return Ok(common);
    }
    if TAKEN.load(Ordering::Acquire) == 0 {
        // One host alone has done nothing wrong, and who wants to know asks it.
        tracing::debug!("instances are placed on demand, without a pool: {reason}");
    } else {
        static TOLD: Once = Once::new();
        TOLD.call_once(|| {
            tracing::warn!(
                "there is no address space for a pool of one more host, so calls take longer in it \
                 ({reason}): make fewer hosts, or give each less with `HostBuilder::concurrency`"
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
