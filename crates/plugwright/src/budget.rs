//! What the host holds for plugins: counted for each call, and for all calls at once, until it is freed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::meter::SharedMeter;
use crate::{Exceeded, Limit, Scope};

/// What a host may hold for all its calls at once.
#[derive(Debug)]
pub(crate) struct Budget {
    memory: u64,
    held: AtomicU64,
    descriptors: u64,
}

/// How many descriptors the plugins of this process have open, whatever hosts they are in: the system counts
/// them for a process.
static OPEN: AtomicU64 = AtomicU64::new(0);

/// How many bytes all calls of a host may make it hold by default.
const MEMORY: u64 = 1 << 30;

impl Budget {
    /// A budget of these bytes and descriptors, or of as many as is sensible here.
    pub(crate) fn new(memory: Option<u64>, descriptors: Option<u64>) -> Self {
        Self {
            memory: memory.unwrap_or(MEMORY),
            held: AtomicU64::new(0),
            descriptors: descriptors.unwrap_or_else(half_of_descriptors),
        }
    }

    fn of(&self, limit: Limit) -> (u64, &AtomicU64) {
        match limit {
            Limit::Descriptors => (self.descriptors, &OPEN),
            _ => (self.memory, &self.held),
        }
    }
}

/// Half of the descriptors that this process may have. The other half is the application's, for its own
/// files and listeners.
fn half_of_descriptors() -> u64 {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        getrlimit(Resource::Nofile).current.map_or(u64::MAX, |most| most / 2)
    }
    #[cfg(not(unix))]
    u64::MAX
}

/// Something that the host holds for a call, which counts until this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    limit: Limit,
    amount: u64,
    call: Arc<SharedMeter>,
    host: Arc<Budget>,
}

impl Held {
    /// Nothing so far, of what `limit` is of.
    pub(crate) fn nothing(limit: Limit, call: &Arc<SharedMeter>, host: &Arc<Budget>) -> Self {
        Self { limit, amount: 0, call: Arc::clone(call), host: Arc::clone(host) }
    }

    /// Holds so much, if the call and the host may.
    pub(crate) fn with(mut self, amount: u64) -> Result<Self, Exceeded> {
        self.more(amount)?;
        Ok(self)
    }

    /// How much it is.
    pub(crate) fn amount(&self) -> u64 {
        self.amount
    }

    /// Holds more, if the call and the host may.
    pub(crate) fn more(&mut self, amount: u64) -> Result<(), Exceeded> {
        let limit = self.limit;
        let (most, all) = self.host.of(limit);
        let own = self.call.held(limit);
        let exceeded = if add(own, amount) > self.call.limits().value(limit) {
            self.call.limits().exceeded(limit)
        } else if add(all, amount) > most {
            all.fetch_sub(amount, Ordering::Relaxed);
            Exceeded { limit, value: most, scope: Scope::Host }
        } else {
            self.amount += amount;
            return Ok(());
        };
        own.fetch_sub(amount, Ordering::Relaxed);
        Err(exceeded)
    }

    /// Holds less.
    pub(crate) fn less(&mut self, amount: u64) {
        let amount = amount.min(self.amount);
        self.amount -= amount;
        self.call.held(self.limit).fetch_sub(amount, Ordering::Relaxed);
        self.host.of(self.limit).1.fetch_sub(amount, Ordering::Relaxed);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.less(self.amount);
    }
}

fn add(count: &AtomicU64, more: u64) -> u64 {
    count.fetch_add(more, Ordering::Relaxed).wrapping_add(more)
}
