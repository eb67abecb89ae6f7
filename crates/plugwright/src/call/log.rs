//! A plugin's log and output, as events of `tracing` or to the sink of a call.

pub(crate) mod output;

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use tracing::Level;
use tracing::field::display;

use crate::text::foreign_text::{ForeignText, indented, is_shown, shown, whole};

/// The target of the `tracing` events for a plugin's log and output.
///
/// An event has the fields `plugin` (the plugin's name), `source` (`log`, `stdout` or `stderr`) and `fields` (the named
/// values of the line as `key=value` pairs, absent if there are none), and a message. All of them are escaped like
/// [`ForeignText`](crate::ForeignText). In a message of several lines, all lines but the first are indented.
pub const LOG_TARGET: &str = "plugwright::plugin";

/// The source of a line.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogSource {
    /// The contract's log function.
    Log,
    /// The plugin's standard output.
    Stdout,
    /// The plugin's standard error.
    Stderr,
}

/// How important a line of a plugin's log is, from least to most important.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// Every step, for debugging the plugin itself.
    Trace,
    /// Details that help to understand one run.
    Debug,
    /// What an operator wants to know about a normal run.
    Info,
    /// Something is unusual, but the plugin continues.
    Warn,
    /// Something failed.
    Error,
}

/// A line of a plugin's log, as passed to the sink of [`Plugin::with_log`](crate::Plugin::with_log).
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The plugin's name.
    pub plugin: ForeignText,
    /// The source of the line.
    pub source: LogSource,
    /// How important the line is. Lines of standard output have [`LogLevel::Info`], and lines of standard error have
    /// [`LogLevel::Warn`].
    pub level: LogLevel,
    /// The text of the line. A message of the contract's log function can have several lines.
    pub message: ForeignText,
    /// The named values of the line.
    pub fields: Vec<(ForeignText, ForeignText)>,
}

impl LogLine {
    /// Returns the named values as `key=value key="another value"`, escaped like [`ForeignText::whole`]. The text is
    /// empty if there are none.
    pub fn pairs(&self) -> impl fmt::Display {
        let pairs = self.fields.iter();
        Pairs(pairs.map(|(key, value)| (key.exact(), value.exact())).collect())
    }
}

/// A sink for raw output.
type OutputSink = dyn Fn(LogSource, &[u8]) + Send + Sync;

/// Where the lines of a call go: to a sink if there is one, and to `tracing` otherwise.
#[derive(Clone, Default)]
pub(crate) struct Log {
    lines: Option<Arc<dyn Fn(LogLine) + Send + Sync>>,
    /// The sink for raw output, before it is split into lines.
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

    /// Passes raw output of the plugin to the sink.
    ///
    /// # Errors
    ///
    /// An error if the sink panicked, as for [`Log::write`].
    fn output(&self, source: LogSource, bytes: &[u8]) -> wasmtime::Result<()> {
        let Some(sink) = &self.output else { return Ok(()) };
        panic::catch_unwind(AssertUnwindSafe(|| sink(source, bytes)))
            .map_err(|_| wasmtime::format_err!("the sink of the plugin's output panicked"))
    }

    /// Writes one line of `plugin`.
    ///
    /// # Errors
    ///
    /// An error if the sink panicked. It ends this call and no other.
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
        // The line may be written while a panic drops the call's store, and a second panic would abort the process.
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
    // The level of an event is part of its static description, so each level needs its own macro call.
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
