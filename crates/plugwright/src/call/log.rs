//! A plugin's words: as events of `tracing`, or to the sink that a call was given.

pub(crate) mod output;

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use tracing::Level;
use tracing::field::display;

use crate::text::foreign_text::{ForeignText, indented, is_shown, shown, whole};

/// The target of the `tracing` events that carry a plugin's words.
///
/// An event's fields are `plugin` (its name), `source` (`log`, `stdout` or `stderr`), `fields` (the
/// named values of the line as `key=value` pairs, absent if it has none) and the message. All of them are
/// escaped as [`ForeignText`](crate::ForeignText) is; a message of several lines has all but the first
/// indented.
pub const LOG_TARGET: &str = "plugwright::plugin";

/// Where a plugin's words came from.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogSource {
    /// The contract's function for it.
    Log,
    /// Its standard output.
    Stdout,
    /// Its standard error.
    Stderr,
}

/// How much a line of a plugin's log matters, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// Every step, for whoever debugs the plugin itself.
    Trace,
    /// What helps to understand one run.
    Debug,
    /// What an operator wants to know of a normal run.
    Info,
    /// Something is odd, and the plugin goes on.
    Warn,
    /// Something failed.
    Error,
}

/// A line of a plugin's log, as the sink of [`Plugin::with_log`](crate::Plugin::with_log) gets it.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The plugin's name.
    pub plugin: ForeignText,
    /// Where it came from.
    pub source: LogSource,
    /// How much it matters. What goes to standard output has [`LogLevel::Info`], and what goes to standard
    /// error [`LogLevel::Warn`].
    pub level: LogLevel,
    /// What it says. A message of the contract's function can have several lines.
    pub message: ForeignText,
    /// Its named values.
    pub fields: Vec<(ForeignText, ForeignText)>,
}

impl LogLine {
    /// The named values as `key=value key="another value"`, escaped as [`ForeignText::whole`] is; empty if there are
    /// none.
    pub fn pairs(&self) -> impl fmt::Display {
        let pairs = self.fields.iter();
        Pairs(pairs.map(|(key, value)| (key.exact(), value.exact())).collect())
    }
}

/// What hears output as it is.
type OutputSink = dyn Fn(LogSource, &[u8]) + Send + Sync;

/// Where the lines of a call go: to `tracing` unless there is a sink.
#[derive(Clone, Default)]
pub(crate) struct Log {
    lines: Option<Arc<dyn Fn(LogLine) + Send + Sync>>,
    /// What hears output before it is lines.
    output: Option<Arc<OutputSink>>,
}

impl Log {
    pub(crate) fn lines_to(&self, sink: impl Fn(LogLine) + Send + Sync + 'static) -> Self {
        Self { lines: Some(Arc::new(sink)), ..self.clone() }
    }

    pub(crate) fn output_to(
        &self,
        sink: impl Fn(LogSource, &[u8]) + Send + Sync + 'static,
    ) -> Self {
        Self { output: Some(Arc::new(sink)), ..self.clone() }
    }

    /// Tells what the plugin writes there, as it is.
    ///
    /// # Errors
    ///
    /// As [`Log::write`].
    fn output(&self, source: LogSource, bytes: &[u8]) -> wasmtime::Result<()> {
        let Some(sink) = &self.output else { return Ok(()) };
        panic::catch_unwind(AssertUnwindSafe(|| sink(source, bytes)))
            .map_err(|_| wasmtime::format_err!("the sink of the plugin's output panicked"))
    }

    /// Writes one line of `plugin`.
    ///
    /// # Errors
    ///
    /// Says that the sink panicked, for which its call ends and no other.
    pub(crate) fn write(
        &self,
        plugin: &str,
        source: LogSource,
        level: LogLevel,
        message: &str,
        fields: &[(String, String)],
    ) -> wasmtime::Result<()> {
        let Some(sink) = &self.lines else {
            trace(plugin, source, level, message, fields);
            return Ok(());
        };
        let fields = fields.iter().map(|(key, value)| (key.as_str().into(), value.as_str().into()));
        let (plugin, message) = (plugin.into(), message.into());
        let line = LogLine { plugin, source, level, message, fields: fields.collect() };
        // The line may be written while the call's store is dropped, because of the panic before.
        panic::catch_unwind(AssertUnwindSafe(|| sink(line)))
            .map_err(|_| wasmtime::format_err!("the sink of the plugin's log panicked"))
    }
}

/// Writes one line of `plugin` to `tracing`.
fn trace(
    plugin: &str,
    source: LogSource,
    level: LogLevel,
    message: &str,
    fields: &[(String, String)],
) {
    let source = match source {
        LogSource::Log => "log",
        LogSource::Stdout => "stdout",
        LogSource::Stderr => "stderr",
    };
    let (plugin, message) = (display(shown(plugin)), indented(message));
    let pairs = fields.iter().map(|(key, value)| (&**key, &**value));
    let fields = (!fields.is_empty()).then(|| display(Pairs(pairs.collect())));
    // The level of an event is part of its static description, hence one call for each.
    macro_rules! event {
        ($level:expr) => {
            tracing::event!(target: LOG_TARGET, $level, plugin, source, fields, "{message}")
        };
    }
    match level {
        LogLevel::Trace => event!(Level::TRACE),
        LogLevel::Debug => event!(Level::DEBUG),
        LogLevel::Info => event!(Level::INFO),
        LogLevel::Warn => event!(Level::WARN),
        LogLevel::Error => event!(Level::ERROR),
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        })
    }
}

/// Key-value pairs as `key=value key="another value"`.
struct Pairs<'a>(Vec<(&'a str, &'a str)>);

impl fmt::Display for Pairs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            let plain = |c: char| !c.is_whitespace() && c != '"' && is_shown('\0', c);
            let is_plain = !value.is_empty() && value.chars().all(plain);
            let value = if is_plain { (*value).to_owned() } else { format!("{value:?}") };
            write!(f, "{}={}", whole(key), whole(&value))?;
        }
        Ok(())
    }
}
