//! The streams of a file. They wait on the plugin's own threads, and their memory is counted.

use std::sync::Arc;

use bytes::Bytes;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};

use crate::call::budget::Held;
use crate::call::identity::Identity;
use crate::call::threads::Unavailable;

/// How many bytes a stream of a file holds: the bytes that wasmtime-wasi reads or writes at once, and the stream
/// itself.
pub(super) const STREAM: u64 = (64 << 10) + 512;

/// An input or output stream of a file.
pub(super) struct FileStream<S> {
    stream: S,
    /// The plugin whose threads the stream waits on.
    identity: Arc<Identity>,
    /// The bytes that are written once there is a thread for it.
    unwritten: Option<Bytes>,
    /// The error of an operation, which is returned by the next operation.
    failed: Option<Unavailable>,
    _held: Held,
    /// Keeps the file counted as open until the stream is dropped.
    _file: Option<Arc<Held>>,
}

impl<S> FileStream<S> {
    pub(super) fn new(
        stream: S,
        identity: Arc<Identity>,
        held: Held,
        file: Option<Arc<Held>>,
    ) -> Self {
        Self { stream, identity, unwritten: None, failed: None, _held: held, _file: file }
    }

    fn check(&mut self) -> StreamResult<()> {
        self.failed.take().map_or(Ok(()), |error| Err(failed(error)))
    }
}

fn failed(error: Unavailable) -> StreamError {
    StreamError::LastOperationFailed(error.into())
}

#[async_trait]
impl InputStream for FileStream<DynInputStream> {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.check()?;
        // If no thread is free now, there is nothing to read yet.
        let read = self.identity.threads.within(|| self.stream.read(size)).map_err(failed)?;
        read.unwrap_or_else(|| Ok(Bytes::new()))
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.check()?;
        let read = self.identity.threads.around(self.stream.blocking_read(size));
        read.await.map_err(failed)?
    }

    async fn cancel(&mut self) {
        self.stream.cancel().await;
    }
}

#[async_trait]
impl Pollable for FileStream<DynInputStream> {
    async fn ready(&mut self) {
        if self.failed.is_none() {
            self.failed = self.identity.threads.around(self.stream.ready()).await.err();
        }
    }
}

#[async_trait]
impl OutputStream for FileStream<DynOutputStream> {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        // wasmtime-wasi does not enforce the number of bytes that it allows.
        if bytes.len() > self.check_write()? {
            return Err(StreamError::trap("cannot write more than `check-write` allows"));
        }
        let again = bytes.clone();
        let written = self.identity.threads.within(|| self.stream.write(bytes)).map_err(failed)?;
        written.unwrap_or_else(|| {
            self.unwritten = Some(again);
            Ok(())
        })
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.check()?;
        self.stream.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.check()?;
        if self.unwritten.is_some() { Ok(0) } else { self.stream.check_write() }
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.ready().await;
        self.check()?;
        let written = self.identity.threads.around(self.stream.blocking_write_and_flush(bytes));
        written.await.map_err(failed)?
    }

    async fn cancel(&mut self) {
        self.stream.cancel().await;
    }
}

#[async_trait]
impl Pollable for FileStream<DynOutputStream> {
    async fn ready(&mut self) {
        let Self { stream, identity, unwritten, failed, .. } = self;
        if unwritten.is_some() && failed.is_none() {
            let begin = async {
                match unwritten.take().map(|bytes| stream.write(bytes)) {
                    // The stream reports the outcome itself.
                    Some(_) | None => stream.ready().await,
                }
            };
            *failed = identity.threads.around(begin).await.err();
        } else {
            stream.ready().await;
        }
    }
}
