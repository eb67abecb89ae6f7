//! A plugin's standard output and standard error, as lines of its log.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use super::{Log, LogLevel, LogSource};
use crate::call::meter::SharedMeter;

/// The maximum length of a line of output. Longer lines are cut, so that a plugin that never ends its line cannot fill
/// the host's memory.
const LONGEST_LINE: usize = 8 * 1024;

/// A plugin's standard output or standard error, as lines of its log.
#[derive(Clone)]
pub(crate) struct LineLog(Arc<Mutex<Lines>>);

struct Lines {
    log: Log,
    plugin: Arc<str>,
    source: LogSource,
    level: LogLevel,
    line: Vec<u8>,
    meter: Arc<SharedMeter>,
}

impl LineLog {
    pub(crate) fn new(
        log: &Log,
        plugin: &Arc<str>,
        source: LogSource,
        level: LogLevel,
        meter: &Arc<SharedMeter>,
    ) -> Self {
        let (log, plugin, meter) = (log.clone(), Arc::clone(plugin), Arc::clone(meter));
        Self(Arc::new(Mutex::new(Lines { log, plugin, source, level, line: Vec::new(), meter })))
    }

    fn push(&self, bytes: &[u8]) -> wasmtime::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(bytes)
    }
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) -> wasmtime::Result<()> {
        self.log.output(self.source, bytes)?;
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

    fn end(&mut self) -> wasmtime::Result<()> {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (length, line) = (line.len(), String::from_utf8_lossy(line));
        self.meter.line(&line, length)?;
        self.log.write(&self.plugin, self.source, self.level, &line, &[])
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            // The call is over, so the error cannot end it any more.
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
        self.push(&bytes).map_err(StreamError::Trap)
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
            Err(error) => Err(io::Error::other(error)),
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
