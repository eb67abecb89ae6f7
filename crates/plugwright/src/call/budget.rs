//! What the host holds for plugins. It is counted for each call, and for all calls together, until it is freed.

#![warn(clippy::arithmetic_side_effects)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::call::meter::SharedMeter;
use crate::permission::limits::{Exceeded, Limit, Scope};

/// What a host may hold for all its calls together.
#[derive(Debug)]
pub(crate) struct Budget {
    memory: u64,
    held: AtomicU64,
    descriptors: u64,
}

/// How many descriptors are open for the plugins of this process, in all hosts: the system counts descriptors per
/// process.
static OPEN: AtomicU64 = AtomicU64::new(0);

/// How many bytes a host may hold for all its calls by default.
const MEMORY: u64 = 1 << 30;

impl Budget {
    /// Makes a budget of these bytes and descriptors, or of the defaults.
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

/// Returns half of the descriptors that this process may have. The other half is for the application's own files and
/// listeners.
fn half_of_descriptors() -> u64 {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        getrlimit(Resource::Nofile).current.map_or(u64::MAX, |most| most / 2)
    }
    #[cfg(not(unix))]
    u64::MAX
}

/// Something that the host holds for a call. It counts until this value is dropped: see
/// [`State::hold`](crate::State::hold).
#[derive(Debug)]
#[must_use]
pub struct Held {
    limit: Limit,
    amount: u64,
    call: Arc<SharedMeter>,
    host: Arc<Budget>,
}

impl Held {
    /// Holds nothing yet. What is held later counts for `limit`.
    pub(crate) fn nothing(limit: Limit, call: &Arc<SharedMeter>, host: &Arc<Budget>) -> Self {
        Self { limit, amount: 0, call: Arc::clone(call), host: Arc::clone(host) }
    }

    /// Holds `amount`, if the limits of the call and the host allow it.
    pub(crate) fn with(mut self, amount: u64) -> Result<Self, Exceeded> {
        self.more(amount)?;
        Ok(self)
    }

    /// Returns how much is held.
    pub(crate) fn amount(&self) -> u64 {
        self.amount
    }

    /// Holds `amount` more, if the limits of the call and the host allow it.
    pub(crate) fn more(&mut self, amount: u64) -> Result<(), Exceeded> {
        let limit = self.limit;
        let (most, all) = self.host.of(limit);
        let own = self.call.held(limit);
        if !add(own, amount, self.call.limits().value(limit)) {
            return Err(self.call.limits().exceeded(limit));
        }
        if !add(all, amount, most) {
            own.fetch_sub(amount, Ordering::Relaxed);
            return Err(Exceeded { limit, value: most, scope: Scope::Host });
        }
        // The sum is not larger than the count, which did not overflow.
        self.amount = self.amount.saturating_add(amount);
        Ok(())
    }

    /// Releases `amount`.
    pub(crate) fn less(&mut self, amount: u64) {
        let amount = amount.min(self.amount);
        self.amount = self.amount.saturating_sub(amount);
        self.call.held(self.limit).fetch_sub(amount, Ordering::Relaxed);
        self.host.of(self.limit).1.fetch_sub(amount, Ordering::Relaxed);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.less(self.amount);
    }
}

/// Adds `more` to the count, unless the sum exceeds `most`. In that case the count does not change, not even for a moment.
fn add(count: &AtomicU64, more: u64, most: u64) -> bool {
    let sum = |count: u64| count.checked_add(more).filter(|sum| *sum <= most);
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::meter::Meter;
    use crate::permission::limits::Limits;

    #[test]
    fn what_is_refused_does_not_count() {
        let host = Arc::new(Budget::new(Some(1000), None));
        let held = |most| {
            let meter = Meter::new(Limits::none().host_memory(most));
            Held::nothing(Limit::HostMemory, &meter.shared, &host)
        };
        let (mut one, mut other) = (held(u64::MAX), held(500));
        one.more(100).expect("it is within both");
        for (of_one, amount, scope) in [
            (true, u64::MAX, Scope::Call),
            (true, u64::MAX - 100, Scope::Host),
            (true, 901, Scope::Host),
            (false, u64::MAX, Scope::Call),
            (false, 501, Scope::Call),
        ] {
            let held = if of_one { &mut one } else { &mut other };
            let exceeded = held.more(amount).expect_err("it is too much");
            assert_eq!(exceeded.scope, scope, "{amount}");
            assert_eq!(host.held.load(Ordering::Relaxed), 100, "{amount}");
        }
        other.more(500).expect("it is within both");
        one.more(400).expect("it is all that there is");
        drop((one, other));
        assert_eq!(host.held.load(Ordering::Relaxed), 0);
    }
}
