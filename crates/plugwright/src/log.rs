//! A plugin's words as events of `tracing`.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

pub(crate) use tracing::Level;
use tracing::field::display;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use crate::Exceeded;
use crate::foreign_text::{indented, is_shown, shown, whole};
use crate::limits::SharedMeter;

/// The target of the `tracing` events that carry a plugin's words.
///
/// An event's fields are `plugin` (its name), `source` (`log`, `stdout` or `stderr`), `fields` (the
/// named values of the line as `key=value` pairs, absent if it has none) and the message. All of them are
/// escaped as [`ForeignText`](crate::ForeignText) is; a message of several lines has all but the first
/// indented.
pub const LOG_TARGET: &str = "plugwright::plugin";

/// A line of output is cut here, so that a plugin that never ends its line cannot fill the host's
/// memory.
const LONGEST_LINE: usize = 8 * 1024;

/// Where a plugin's words came from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    Log,
    Stdout,
    Stderr,
}

/// Writes one line of `plugin` to `tracing`.
pub(crate) fn write(
    plugin: &str,
    source: Source,
    level: Level,
    message: &str,
    fields: &[(String, String)],
) {
    let source = match source {
        Source::Log => "log",
        Source::Stdout => "stdout",
        Source::Stderr => "stderr",
    };
    let (plugin, message) = (display(shown(plugin)), indented(message));
    let fields = (!fields.is_empty()).then(|| display(Pairs(fields)));
    // The level of an event is part of its static description, hence one call for each.
    macro_rules! event {
        ($level:expr) => {
            tracing::event!(target: LOG_TARGET, $level, plugin, source, fields, "{message}")
        };
    }
    match level {
        Level::TRACE => event!(Level::TRACE),
        Level::DEBUG => event!(Level::DEBUG),
        Level::INFO => event!(Level::INFO),
        Level::WARN => event!(Level::WARN),
        Level::ERROR => event!(Level::ERROR),
    }
}

/// A plugin's standard output or standard error, as lines of its log.
#[derive(Clone)]
pub(crate) struct LineLog(Arc<Mutex<Lines>>);

struct Lines {
    plugin: Arc<str>,
    source: Source,
    level: Level,
    line: Vec<u8>,
    meter: Arc<SharedMeter>,
}

impl LineLog {
    pub(crate) fn new(
        plugin: &Arc<str>,
        source: Source,
        level: Level,
        meter: &Arc<SharedMeter>,
    ) -> Self {
        let (plugin, meter) = (Arc::clone(plugin), Arc::clone(meter));
        Self(Arc::new(Mutex::new(Lines { plugin, source, level, line: Vec::new(), meter })))
    }

    fn push(&self, bytes: &[u8]) -> Result<(), Exceeded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(bytes)
    }
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Exceeded> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            for part in piece.chunks(LONGEST_LINE) {
                if self.line.len() + part.len() > LONGEST_LINE {
                    self.end()?;
                }
                self.line.extend_from_slice(part);
            }
            if piece.ends_with(b"\n") {
                self.end()?;
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Exceeded> {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.meter.line(line.len())?;
        write(&self.plugin, self.source, self.level, &String::from_utf8_lossy(line), &[]);
        Ok(())
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            // The call is over: there is nothing left to end.
            let _ = self.end();
        }
    }
}

impl IsTerminal for LineLog {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LineLog {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for LineLog {
    async fn ready(&mut self) {}
}

impl OutputStream for LineLog {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        self.push(&bytes).map_err(|exceeded| StreamError::Trap(exceeded.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(LONGEST_LINE)
    }
}

impl tokio::io::AsyncWrite for LineLog {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(match self.push(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(exceeded) => Err(io::Error::other(exceeded)),
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Key-value pairs as `key=value key="another value"`.
struct Pairs<'a>(&'a [(String, String)]);

impl fmt::Display for Pairs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            let plain = |c: char| !c.is_whitespace() && c != '"' && is_shown('\0', c);
            let is_plain = !value.is_empty() && value.chars().all(plain);
            let value = if is_plain { value.clone() } else { format!("{value:?}") };
            write!(f, "{}={}", whole(key), whole(&value))?;
        }
        Ok(())
    }
}
