//! What a call of a plugin has used so far.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::ResourceLimiter;

use crate::call::panicked::Panicked;
use crate::permission::limits::{Exceeded, Limit, Limits};

/// What one call has used so far.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) limits: Limits,
    pub(crate) memory: u64,
    table_elements: u64,
    received: u64,
    pub(crate) input: u64,
    pub(crate) output: u64,
    /// Whether the host's own component is running, which counts for no limit.
    pub(crate) is_paused: bool,
    /// How many of the instances are the host's own.
    pub(crate) own_instances: usize,
    pub(crate) shared: Arc<SharedMeter>,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        let shared = Arc::new(SharedMeter { limits, ..SharedMeter::default() });
        Self {
            limits,
            memory: 0,
            table_elements: 0,
            received: 0,
            input: 0,
            output: 0,
            is_paused: false,
            own_instances: 0,
            shared,
        }
    }

    /// Counts bytes that the plugin passed to a host function.
    pub(crate) fn receive(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.received = self.received.saturating_add(bytes as u64);
        self.limits.check(Limit::Transfer, self.received)
    }

    /// Counts bytes of the result.
    pub(crate) fn give(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.output = self.output.saturating_add(bytes as u64);
        self.limits.check(Limit::Output, self.output)
    }

    /// Resets the counts of the limits that apply to each call, before another call in the same instance.
    pub(crate) fn begin_call(&mut self) {
        (self.received, self.input, self.output) = (0, 0, 0);
        let SharedMeter { log_lines, log_bytes, requests, downloaded, panicked, .. } =
            &*self.shared;
        for count in [log_lines, log_bytes, requests, downloaded] {
            count.store(0, Ordering::Relaxed);
        }
        *panicked.lock().unwrap_or_else(PoisonError::into_inner) = Panicked::default();
    }
}

/// wasmtime asks this before each growth. wasmtime's own limits apply to each memory and each table, so a component
/// with many of them needs sums.
impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if self.is_paused {
            return Ok(!beyond(maximum, desired));
        }
        let memory = self.memory.saturating_add(growth(current, desired));
        self.limits.check(Limit::Memory, memory)?;
        if beyond(maximum, desired) {
            return Ok(false);
        }
        self.memory = memory;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if self.is_paused {
            return Ok(!beyond(maximum, desired));
        }
        let elements = self.table_elements.saturating_add(growth(current, desired));
        self.limits.check(Limit::TableElements, elements)?;
        if beyond(maximum, desired) {
            return Ok(false);
        }
        self.table_elements = elements;
        Ok(true)
    }

    fn instances(&self) -> usize {
        let most = usize::try_from(self.limits.value(Limit::Instances)).unwrap_or(usize::MAX);
        most.saturating_add(self.own_instances)
    }

    // The memories and tables of each instance are counted by size above. Their number follows from the number of
    // instances.
    fn tables(&self) -> usize {
        usize::MAX
    }

    fn memories(&self) -> usize {
        usize::MAX
    }
}

/// Returns by how much a memory or a table is to grow. A plugin can ask for any number.
fn growth(current: usize, desired: usize) -> u64 {
    desired.saturating_sub(current) as u64
}

/// Returns whether the plugin asks for more than its own declared maximum. Such a growth fails and does not count.
fn beyond(maximum: Option<usize>, desired: usize) -> bool {
    maximum.is_some_and(|maximum| desired > maximum)
}

/// What is counted outside the store: by the streams behind standard output and standard error, by HTTP, and for what
/// the host holds.
#[derive(Debug, Default)]
pub(crate) struct SharedMeter {
    limits: Limits,
    log_lines: AtomicU64,
    log_bytes: AtomicU64,
    requests: AtomicU64,
    downloaded: AtomicU64,
    memory: AtomicU64,
    descriptors: AtomicU64,
    panicked: Mutex<Panicked>,
}

impl SharedMeter {
    /// Counts one line of the log, which has `bytes` bytes including its fields.
    pub(crate) fn line(&self, message: &str, bytes: usize) -> Result<(), Exceeded> {
        self.count(Limit::LogLines, &self.log_lines, 1)?;
        self.count(Limit::LogBytes, &self.log_bytes, bytes)?;
        self.panicked.lock().unwrap_or_else(PoisonError::into_inner).hear(message);
        Ok(())
    }

    /// Returns the plugin's panic message, if it panicked.
    pub(crate) fn panicked(&self) -> Option<String> {
        self.panicked.lock().unwrap_or_else(PoisonError::into_inner).reason()
    }

    /// Counts one HTTP request.
    pub(crate) fn request(&self) -> Result<(), Exceeded> {
        self.count(Limit::Requests, &self.requests, 1)
    }

    /// Counts bytes of an HTTP response.
    pub(crate) fn download(&self, bytes: usize) -> Result<(), Exceeded> {
        self.count(Limit::Download, &self.downloaded, bytes)
    }

    /// Checks the limits of HTTP. If a request exceeded one, the plugin has only seen a failed request.
    pub(crate) fn check_http(&self) -> Result<(), Exceeded> {
        self.limits.check(Limit::Requests, self.requests.load(Ordering::Relaxed))?;
        self.limits.check(Limit::Download, self.downloaded.load(Ordering::Relaxed))
    }

    /// Returns the limits of the call.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the count of what the host holds for this limit.
    pub(crate) fn held(&self, limit: Limit) -> &AtomicU64 {
        if limit == Limit::Descriptors { &self.descriptors } else { &self.memory }
    }

    fn count(&self, limit: Limit, count: &AtomicU64, more: usize) -> Result<(), Exceeded> {
        let sum = count.fetch_add(more as u64, Ordering::Relaxed) + more as u64;
        self.limits.check(limit, sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_that_overflow_are_beyond_the_limit() {
        let mut meter = Meter::new(Limits::none().memory(1 << 20).table_elements(100));
        assert!(meter.memory_growing(0, 1 << 16, None).expect("it is within the limit"));
        assert!(meter.table_growing(0, 50, None).expect("it is within the limit"));
        // This stands for another memory and another table of the same plugin.
        assert!(meter.memory_growing(0, usize::MAX, None).is_err());
        assert!(meter.table_growing(0, usize::MAX, None).is_err());
    }
}
