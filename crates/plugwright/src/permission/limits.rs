//! The limits of a call of a plugin.

use std::fmt;
use std::time::Duration;

use crate::text::amount::{self, Unit};

/// The limits of one call of a plugin.
///
/// A host has limits, and a plugin and a single call can have stricter ones: see
/// [`HostBuilder::limits`](crate::HostBuilder::limits) and [`Plugin::with_limits`](crate::Plugin::with_limits). The
/// strictest value applies. A call that exceeds a limit ends with [`CallError::Exceeded`](crate::CallError::Exceeded),
/// which names the limit.
///
/// [`Limits::default`] has a reasonable value for every limit except fuel. To make only a few limits stricter, start
/// from [`Limits::none`].
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

/// A kind of limit.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// The wall-clock time of a call, in milliseconds.
    Deadline,
    /// Fuel: about one unit for each WebAssembly instruction. Fuel is counted only if the host's limits set this limit,
    /// because counting costs time.
    Fuel,
    /// Bytes of linear memory in all memories of the plugin together.
    Memory,
    /// Elements in all tables of the plugin together.
    TableElements,
    /// Core instances that a component is composed of, and the same number of component instances.
    Instances,
    /// Bytes of the WebAssembly stack. It is the same for all plugins of a host.
    Stack,
    /// Bytes that the plugin passes to the host: in the arguments of all calls of the contract's functions together
    /// with the result, and in the arguments of each single call of a WASI function.
    Transfer,
    /// Handles to resources that the host keeps for the plugin, such as maps and streams, and the same number of
    /// handles to the plugin's own resources, such as sessions.
    Handles,
    /// Bytes of the host's own memory that it holds for the plugin at one time: HTTP requests and their bodies, folder
    /// listings, file buffers, maps.
    HostMemory,
    /// Files, folders and connections that the plugin has open at one time.
    Descriptors,
    /// Bytes of the result.
    Output,
    /// Lines that the plugin logs, or writes to standard output and standard error.
    LogLines,
    /// Bytes of these lines.
    LogBytes,
    /// HTTP requests that the plugin sends.
    Requests,
    /// Bytes of all HTTP response bodies together.
    Download,
    /// Bytes of the component, with each part counted as often as it is instantiated. This limit is checked when the
    /// plugin is loaded.
    ComponentSize,
}

/// A limit that a call exceeded.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Which limit.
    pub limit: Limit,
    /// Its value, in the unit that [`Limit`] names.
    pub value: u64,
    /// What the limit applies to.
    pub scope: Scope,
}

/// What a limit applies to.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One call.
    Call,
    /// One call, set by the plugin's own [manifest](crate::Manifest).
    Manifest,
    /// All calls of a host together: the host's [budget](crate::HostBuilder::memory_budget).
    Host,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, value, scope } = self;
        let (subject, amount) = (limit.subject(), Amount(*limit, *value));
        match scope {
            Scope::Call => write!(
                f,
                "{subject} is limited to {amount}; to allow more, raise the limit `{limit}`"
            ),
            Scope::Manifest => write!(
                f,
                "{subject} is limited to {amount} by the plugin's own manifest; to allow more, raise the limit \
                 `{limit}` in its `plugin.toml`, and build it again"
            ),
            Scope::Host => write!(
                f,
                "{subject} is limited to {amount} for all calls together; make fewer calls at once, or raise \
                 `HostBuilder::{}`",
                if *limit == Limit::Descriptors { "descriptor_budget" } else { "memory_budget" }
            ),
        }
    }
}

impl std::error::Error for Exceeded {}

impl Exceeded {
    /// Returns the same error with [`Scope::Manifest`], if the limits of the plugin's manifest set this value.
    pub(crate) fn by(self, manifest: &Limits) -> Self {
        match self.scope {
            Scope::Call if manifest.get(self.limit) == Some(self.value) => {
                Self { scope: Scope::Manifest, ..self }
            }
            _ => self,
        }
    }
}

pub(crate) const UNLIMITED: u64 = u64::MAX;

impl Limits {
    /// The minimum [stack](Limits::stack) in bytes: what a host function needs, and some for the plugin.
    pub const LEAST_STACK: u64 = 16 << 10;

    /// The maximum [stack](Limits::stack) in bytes. It is bounded because every running call reserves its whole stack.
    pub const MOST_STACK: u64 = 64 << 20;

    /// Returns no limits, except those of the engine and the machine.
    pub const fn none() -> Self {
        Self([UNLIMITED; Limit::ALL.len()])
    }

    /// Sets how long a call may take, including the time in host functions; 10 seconds by default. A call ends at most
    /// 20 milliseconds after its deadline.
    pub fn deadline(self, time: Duration) -> Self {
        self.with(Limit::Deadline, u64::try_from(time.as_millis()).unwrap_or(UNLIMITED))
    }

    /// Sets the amount of fuel, about one unit for each instruction; unlimited and not counted by default.
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

    /// Sets the bytes of stack; 512 KiB by default. A host uses at least [`Limits::LEAST_STACK`] and at most
    /// [`Limits::MOST_STACK`].
    pub fn stack(self, bytes: u64) -> Self {
        self.with(Limit::Stack, bytes)
    }

    /// Sets the bytes that a plugin may pass to the host; 128 MiB by default.
    pub fn transfer(self, bytes: u64) -> Self {
        self.with(Limit::Transfer, bytes)
    }

    /// Sets the number of handles; 10 000 by default.
    pub fn handles(self, handles: u64) -> Self {
        self.with(Limit::Handles, handles)
    }

    /// Sets the bytes that the host may hold for a call at one time; 64 MiB by default. The host's
    /// [budget](crate::HostBuilder::memory_budget) limits all calls together.
    pub fn host_memory(self, bytes: u64) -> Self {
        self.with(Limit::HostMemory, bytes)
    }

    /// Sets how many files, folders and connections a call may have open at one time; 100 by default. The host's
    /// [budget](crate::HostBuilder::descriptor_budget) limits all calls together.
    pub fn descriptors(self, descriptors: u64) -> Self {
        self.with(Limit::Descriptors, descriptors)
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

    /// Sets the number of HTTP requests to all granted origins together; 100 by default.
    pub fn requests(self, requests: u64) -> Self {
        self.with(Limit::Requests, requests)
    }

    /// Sets the bytes of all HTTP response bodies together; 16 MiB by default.
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

    /// Returns the value of one limit, in the unit that [`Limit`] names, or `None` if it is unlimited.
    pub fn get(&self, limit: Limit) -> Option<u64> {
        Some(self.value(limit)).filter(|value| *value != UNLIMITED)
    }

    /// Returns the stricter value of each limit.
    pub fn strictest(mut self, other: Self) -> Self {
        for (value, other) in self.0.iter_mut().zip(other.0) {
            *value = other.min(*value);
        }
        self
    }

    /// Returns the loosest value of each limit. Fuel is counted if any of `limits` sets it.
    pub fn loosest(limits: impl IntoIterator<Item = Self>) -> Self {
        let limits: Vec<_> = limits.into_iter().collect();
        Limit::ALL.iter().copied().fold(Self::none(), |loosest, limit| {
            let values = || limits.iter().map(|limits| limits.get(limit));
            match values().try_fold(0, |most, value| Some(most.max(value?))) {
                Some(most) => loosest.with(limit, most),
                // Fuel is counted only if the host has a fuel limit, so this sets one that is never reached.
                None if limit == Limit::Fuel && values().any(|value| value.is_some()) => {
                    loosest.with(limit, UNLIMITED - 1)
                }
                None => loosest,
            }
        })
    }

    /// Returns the limits that are set, as `plugwright run --limit` takes them: `memory=64MiB`.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        Limit::ALL.iter().copied().filter_map(|limit| Some(limit.text(self.get(limit)?)))
    }

    /// Returns the value of one limit, or the largest number if it is unlimited.
    #[expect(clippy::indexing_slicing, reason = "there is a value for each limit")]
    pub(crate) fn value(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }

    /// Returns the bytes of stack of a host with these limits.
    pub(crate) fn stack_of_host(&self) -> u64 {
        self.value(Limit::Stack).clamp(Self::LEAST_STACK, Self::MOST_STACK)
    }

    /// Returns the error of a call that exceeds the limit.
    pub(crate) fn exceeded(&self, limit: Limit) -> Exceeded {
        let value = if limit == Limit::Stack { self.stack_of_host() } else { self.value(limit) };
        Exceeded { limit, value, scope: Scope::Call }
    }

    /// Refuses an `amount` beyond the limit.
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
            .host_memory(64 << 20)
            .descriptors(100)
            .output(64 << 20)
            .log_lines(10_000)
            .log_bytes(1 << 20)
            .requests(100)
            .download(16 << 20)
            .component_size(64 << 20)
    }
}

impl Limit {
    /// All limits.
    pub const ALL: &'static [Self] = &[
        Self::Deadline,
        Self::Fuel,
        Self::Memory,
        Self::TableElements,
        Self::Instances,
        Self::Stack,
        Self::Transfer,
        Self::Handles,
        Self::HostMemory,
        Self::Descriptors,
        Self::Output,
        Self::LogLines,
        Self::LogBytes,
        Self::Requests,
        Self::Download,
        Self::ComponentSize,
    ];

    /// Returns the name, as `plugwright run --limit` takes it: `table-elements`.
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
            Self::HostMemory => "host-memory",
            Self::Descriptors => "descriptors",
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
            | Self::HostMemory
            | Self::Output
            | Self::LogBytes
            | Self::Download
            | Self::ComponentSize => Unit::Bytes,
            Self::Deadline => Unit::Milliseconds,
            Self::Fuel
            | Self::TableElements
            | Self::Instances
            | Self::Handles
            | Self::Descriptors
            | Self::LogLines
            | Self::Requests => Unit::Count,
        }
    }

    /// Returns the limit with this value, as `plugwright run --limit` takes it.
    pub(crate) fn text(self, value: u64) -> String {
        format!("{self}={}", amount::write(value, self.unit()))
    }

    fn subject(self) -> &'static str {
        match self {
            Self::Deadline => "the time of a call",
            Self::Fuel => "a call",
            Self::Memory => "memory",
            Self::TableElements => "the size of tables",
            Self::Instances => "a component",
            Self::Stack => "the stack",
            Self::Transfer => "the data that a plugin passes to the host",
            Self::Handles => "a plugin",
            Self::HostMemory => "the memory that the host holds for a plugin",
            Self::Descriptors => "the number of open files, folders and connections",
            Self::Output => "the result",
            Self::LogLines | Self::LogBytes => "the log of a call",
            Self::Requests => "a call",
            Self::Download => "the data that a plugin downloads",
            Self::ComponentSize => "the size of a component",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A limit's value with its unit, or with the name of what is counted.
struct Amount(Limit, u64);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(limit, value) = self;
        let told = amount::told(*value, limit.unit());
        let (one, many) = match limit {
            Limit::Fuel => ("unit of fuel", "units of fuel"),
            Limit::TableElements => ("element", "elements"),
            Limit::Instances => ("core instance", "core instances"),
            Limit::Handles => ("handle", "handles"),
            Limit::LogLines => ("line", "lines"),
            Limit::Requests => ("HTTP request", "HTTP requests"),
            _ => return f.write_str(&told),
        };
        write!(f, "{told} {}", if *value == 1 { one } else { many })
    }
}
