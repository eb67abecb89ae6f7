//! How much a call of a plugin may use, and what it has used so far.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wasmtime::ResourceLimiter;

use crate::amount::{self, Unit};

/// How much one call of a plugin may use.
///
/// A host has limits, a plugin can have stricter ones, and so can one call: see
/// [`HostBuilder::limits`](crate::HostBuilder::limits) and
/// [`Plugin::limited`](crate::Plugin::limited). Where two are given, the stricter one holds. A call
/// that goes beyond one ends with [`CallError::Exceeded`](crate::CallError::Exceeded), which names it.
///
/// [`Limits::default`] has a sane value for everything but fuel; [`Limits::none`] is where to begin
/// when only a few are to be made stricter.
///
/// ```
/// use std::time::Duration;
/// use plugwright::Limits;
///
/// let strict = Limits::none().deadline(Duration::from_millis(200)).memory(16 << 20);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Limits([u64; Limit::ALL.len()]);

/// What is limited.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// The time of a call as the wall clock has it, in milliseconds.
    Deadline,
    /// WebAssembly instructions, by and large. They are counted only if the host's limits have this
    /// one, since counting costs time.
    Fuel,
    /// Bytes of linear memory, all memories of the plugin together.
    Memory,
    /// Elements of tables, all tables of the plugin together.
    TableElements,
    /// Core instances, of which a component may be composed, and as many component instances.
    Instances,
    /// Bytes of WebAssembly's stack. It is the same for all plugins of a host.
    Stack,
    /// Bytes that the plugin hands to the host, in arguments of host functions and in its result.
    Transfer,
    /// Handles to what the host keeps for the plugin, such as maps and streams, and as many to what the
    /// plugin gives the host handles to, such as sessions.
    Handles,
    /// Bytes of the result.
    Output,
    /// Lines that the plugin logs or writes to its standard output and standard error.
    LogLines,
    /// Bytes of these lines.
    LogBytes,
    /// HTTP requests that the plugin sends.
    Requests,
    /// Bytes of the bodies of the answers to them, all together.
    Download,
    /// Bytes of the component, each part as often as it is instantiated. It counts when the plugin is
    /// loaded.
    ComponentSize,
}

/// A limit that a call went beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} is limited to {}; to allow more, raise the limit `{limit}`", limit.subject(), Amount(*limit, *value))]
pub struct Exceeded {
    /// Which one.
    pub limit: Limit,
    /// Its value, in the unit that [`Limit`] names.
    pub value: u64,
}

const UNLIMITED: u64 = u64::MAX;

impl Limits {
    /// No limits but those of the engine and of the machine.
    pub const fn none() -> Self {
        Self([UNLIMITED; Limit::ALL.len()])
    }

    /// Sets how long a call may take, host functions that wait included; 10 seconds by default. A call
    /// ends within 20 milliseconds after it.
    pub fn deadline(self, time: Duration) -> Self {
        self.with(Limit::Deadline, u64::try_from(time.as_millis()).unwrap_or(UNLIMITED))
    }

    /// Sets the amount of fuel, about one unit an instruction; unlimited and not counted by default.
    pub fn fuel(self, units: u64) -> Self {
        self.with(Limit::Fuel, units)
    }

    /// Sets the bytes of linear memory; 256 MiB by default.
    pub fn memory(self, bytes: u64) -> Self {
        self.with(Limit::Memory, bytes)
    }

    /// Sets the elements of tables; 100 000 by default.
    pub fn table_elements(self, elements: u64) -> Self {
        self.with(Limit::TableElements, elements)
    }

    /// Sets the number of core instances; 100 by default.
    pub fn instances(self, instances: u64) -> Self {
        self.with(Limit::Instances, instances)
    }

    /// Sets the bytes of stack; 512 KiB by default.
    pub fn stack(self, bytes: u64) -> Self {
        self.with(Limit::Stack, bytes)
    }

    /// Sets the bytes that a plugin may hand to the host; 128 MiB by default.
    pub fn transfer(self, bytes: u64) -> Self {
        self.with(Limit::Transfer, bytes)
    }

    /// Sets the number of handles; 10 000 by default.
    pub fn handles(self, handles: u64) -> Self {
        self.with(Limit::Handles, handles)
    }

    /// Sets the bytes of the result; 64 MiB by default.
    pub fn output(self, bytes: u64) -> Self {
        self.with(Limit::Output, bytes)
    }

    /// Sets the number of log lines; 10 000 by default.
    pub fn log_lines(self, lines: u64) -> Self {
        self.with(Limit::LogLines, lines)
    }

    /// Sets the bytes of log lines; 1 MiB by default.
    pub fn log_bytes(self, bytes: u64) -> Self {
        self.with(Limit::LogBytes, bytes)
    }

    /// Sets the number of HTTP requests, to whatever was granted; 100 by default.
    pub fn requests(self, requests: u64) -> Self {
        self.with(Limit::Requests, requests)
    }

    /// Sets the bytes of the answers to them; 16 MiB by default.
    pub fn download(self, bytes: u64) -> Self {
        self.with(Limit::Download, bytes)
    }

    /// Sets the bytes of a component; 64 MiB by default.
    pub fn component_size(self, bytes: u64) -> Self {
        self.with(Limit::ComponentSize, bytes)
    }

    /// Sets one limit, in the unit that [`Limit`] names.
    #[expect(clippy::indexing_slicing, reason = "there is a value for each limit")]
    pub fn with(mut self, limit: Limit, value: u64) -> Self {
        self.0[limit as usize] = value;
        self
    }

    /// The value of one limit, in the unit that [`Limit`] names, if there is one.
    pub fn get(&self, limit: Limit) -> Option<u64> {
        Some(self.value(limit)).filter(|value| *value != UNLIMITED)
    }

    /// Of each limit the stricter one.
    pub fn strictest(mut self, other: Self) -> Self {
        for (value, other) in self.0.iter_mut().zip(other.0) {
            *value = other.min(*value);
        }
        self
    }

    /// Of each limit the loosest one, and fuel counted if one of them has it.
    pub fn loosest(limits: impl IntoIterator<Item = Self>) -> Self {
        let limits: Vec<_> = limits.into_iter().collect();
        Limit::ALL.into_iter().fold(Self::none(), |loosest, limit| {
            let values = || limits.iter().map(|limits| limits.get(limit));
            match values().try_fold(0, |most, value| Some(most.max(value?))) {
                Some(most) => loosest.with(limit, most),
                // It is counted only where the host has a limit of it.
                None if limit == Limit::Fuel && values().any(|value| value.is_some()) => {
                    loosest.with(limit, UNLIMITED - 1)
                }
                None => loosest,
            }
        })
    }

    /// The limits that there are, as `plugwright run --limit` takes them: `memory=64MiB`.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        Limit::ALL.into_iter().filter_map(|limit| Some(limit.text(self.get(limit)?)))
    }

    /// The value of one limit, the greatest number if there is none.
    #[expect(clippy::indexing_slicing, reason = "there is a value for each limit")]
    pub(crate) fn value(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }

    /// The error of a call that goes beyond the limit.
    pub(crate) fn exceeded(&self, limit: Limit) -> Exceeded {
        Exceeded { limit, value: self.value(limit) }
    }

    /// Refuses `amount` if it is beyond the limit.
    pub(crate) fn check(&self, limit: Limit, amount: u64) -> Result<(), Exceeded> {
        if amount <= self.value(limit) { Ok(()) } else { Err(self.exceeded(limit)) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::none()
            .deadline(Duration::from_secs(10))
            .memory(256 << 20)
            .table_elements(100_000)
            .instances(100)
            .stack(512 << 10)
            .transfer(128 << 20)
            .handles(10_000)
            .output(64 << 20)
            .log_lines(10_000)
            .log_bytes(1 << 20)
            .requests(100)
            .download(16 << 20)
            .component_size(64 << 20)
    }
}

impl Limit {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 14] = [
        Self::Deadline,
        Self::Fuel,
        Self::Memory,
        Self::TableElements,
        Self::Instances,
        Self::Stack,
        Self::Transfer,
        Self::Handles,
        Self::Output,
        Self::LogLines,
        Self::LogBytes,
        Self::Requests,
        Self::Download,
        Self::ComponentSize,
    ];

    /// The name, as in `plugwright run --limit`: `table-elements`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::Fuel => "fuel",
            Self::Memory => "memory",
            Self::TableElements => "table-elements",
            Self::Instances => "instances",
            Self::Stack => "stack",
            Self::Transfer => "transfer",
            Self::Handles => "handles",
            Self::Output => "output",
            Self::LogLines => "log-lines",
            Self::LogBytes => "log-bytes",
            Self::Requests => "requests",
            Self::Download => "download",
            Self::ComponentSize => "component-size",
        }
    }

    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::Memory
            | Self::Stack
            | Self::Transfer
            | Self::Output
            | Self::LogBytes
            | Self::Download
            | Self::ComponentSize => Unit::Bytes,
            Self::Deadline => Unit::Milliseconds,
            Self::Fuel
            | Self::TableElements
            | Self::Instances
            | Self::Handles
            | Self::LogLines
            | Self::Requests => Unit::Count,
        }
    }

    /// The limit with this value, as `plugwright run --limit` takes it.
    pub(crate) fn text(self, value: u64) -> String {
        format!("{self}={}", amount::write(value, self.unit()))
    }

    fn subject(self) -> &'static str {
        match self {
            Self::Deadline => "the time of a call",
            Self::Fuel => "the work of a call",
            Self::Memory => "memory",
            Self::TableElements => "the size of tables",
            Self::Instances => "what a component is composed of",
            Self::Stack => "the stack",
            Self::Transfer => "what a plugin hands to the host",
            Self::Handles => "what the host keeps for a plugin",
            Self::Output => "the result",
            Self::LogLines | Self::LogBytes => "the log of a call",
            Self::Requests => "the number of HTTP requests",
            Self::Download => "what a plugin gets by HTTP",
            Self::ComponentSize => "what a component comes to",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A limit's value with its unit.
struct Amount(Limit, u64);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(limit, value) = self;
        match limit {
            Limit::Deadline => write!(f, "{value} ms"),
            Limit::Fuel => write!(f, "{value} units of fuel"),
            Limit::TableElements => write!(f, "{value} elements"),
            Limit::Instances => write!(f, "{value} core instances"),
            Limit::Handles => write!(f, "{value} handles"),
            Limit::LogLines => write!(f, "{value} lines"),
            Limit::Requests => write!(f, "{value} requests"),
            _ => write!(f, "{value} bytes"),
        }
    }
}

/// What one call has used so far.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) limits: Limits,
    pub(crate) memory: u64,
    table_elements: u64,
    received: u64,
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) shared: Arc<SharedMeter>,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        let shared = Arc::new(SharedMeter { limits, ..SharedMeter::default() });
        Self { limits, memory: 0, table_elements: 0, received: 0, input: 0, output: 0, shared }
    }

    /// Counts bytes that the plugin handed to a host function.
    pub(crate) fn receive(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.received = self.received.saturating_add(bytes as u64);
        self.limits.check(Limit::Transfer, self.received)
    }

    /// Counts bytes of the result.
    pub(crate) fn give(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.output = self.output.saturating_add(bytes as u64);
        self.limits.check(Limit::Output, self.output)
    }

    /// Begins to count anew what is limited for each call, for another call in the same instance.
    pub(crate) fn begin_call(&mut self) {
        (self.received, self.input, self.output) = (0, 0, 0);
        let SharedMeter { limits: _, log_lines, log_bytes, requests, downloaded } = &*self.shared;
        for count in [log_lines, log_bytes, requests, downloaded] {
            count.store(0, Ordering::Relaxed);
        }
    }
}

/// wasmtime asks before each growth. What it limits itself it limits for each memory and each table,
/// so a component with many of them needs sums.
impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
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
        let elements = self.table_elements.saturating_add(growth(current, desired));
        self.limits.check(Limit::TableElements, elements)?;
        if beyond(maximum, desired) {
            return Ok(false);
        }
        self.table_elements = elements;
        Ok(true)
    }

    fn instances(&self) -> usize {
        usize::try_from(self.limits.value(Limit::Instances)).unwrap_or(usize::MAX)
    }

    // Each instance has its memories and tables counted in its own way above; their number follows
    // from the number of instances.
    fn tables(&self) -> usize {
        usize::MAX
    }

    fn memories(&self) -> usize {
        usize::MAX
    }
}

/// By how much a memory or a table is to grow. A plugin can ask for as much as there are numbers.
fn growth(current: usize, desired: usize) -> u64 {
    desired.saturating_sub(current) as u64
}

/// Says whether the plugin asks for more than it declared itself, which fails and is not to be counted.
fn beyond(maximum: Option<usize>, desired: usize) -> bool {
    maximum.is_some_and(|maximum| desired > maximum)
}

/// What is counted outside of the store: by the streams behind standard output and error, and by HTTP.
#[derive(Debug, Default)]
pub(crate) struct SharedMeter {
    limits: Limits,
    log_lines: AtomicU64,
    log_bytes: AtomicU64,
    requests: AtomicU64,
    downloaded: AtomicU64,
}

impl SharedMeter {
    /// Counts one line of the log.
    pub(crate) fn line(&self, bytes: usize) -> Result<(), Exceeded> {
        self.count(Limit::LogLines, &self.log_lines, 1)?;
        self.count(Limit::LogBytes, &self.log_bytes, bytes)
    }

    /// Counts one HTTP request.
    pub(crate) fn request(&self) -> Result<(), Exceeded> {
        self.count(Limit::Requests, &self.requests, 1)
    }

    /// Counts bytes of an answer to one.
    pub(crate) fn download(&self, bytes: usize) -> Result<(), Exceeded> {
        self.count(Limit::Download, &self.downloaded, bytes)
    }

    /// Says whether HTTP went beyond a limit, of which the plugin saw nothing but a request that failed.
    pub(crate) fn check_http(&self) -> Result<(), Exceeded> {
        self.limits.check(Limit::Requests, self.requests.load(Ordering::Relaxed))?;
        self.limits.check(Limit::Download, self.downloaded.load(Ordering::Relaxed))
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
        // Another memory and another table of the same plugin.
        assert!(meter.memory_growing(0, usize::MAX, None).is_err());
        assert!(meter.table_growing(0, usize::MAX, None).is_err());
    }
}
