//! The streams of a file, which wait on the plugin's own threads and hold no more than they say.

use std::sync::Arc;

use bytes::Bytes;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};

use crate::budget::Held;
use crate::state::Identity;

/// How many bytes a stream of a file may have in flight, which is what wasmtime-wasi reads or takes at once,
/// and what it is made of.
pub(super) const STREAM: u64 = (64 << 10) + 512;

/// A stream of a file, either way.
pub(super) struct FileStream<S> {
    pub(super) stream: S,
    /// Whose threads it waits on.
    pub(super) identity: Arc<Identity>,
    pub(super) _held: Held,
}

#[async_trait]
impl InputStream for FileStream<DynInputStream> {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.identity.threads.within(|| self.stream.read(size))
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.identity.threads.around(self.stream.blocking_read(size)).await
    }

    async fn cancel(&mut self) {
        self.stream.cancel().await;
    }
}

#[async_trait]
impl Pollable for FileStream<DynInputStream> {
    async fn ready(&mut self) {
        self.identity.threads.around(self.stream.ready()).await;
    }
}

#[async_trait]
impl OutputStream for FileStream<DynOutputStream> {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        // The library takes what it is given, although it says how much that may be.
        if bytes.len() > self.stream.check_write()? {
            return Err(StreamError::trap("cannot write more than `check-write` allows"));
        }
        self.identity.threads.within(|| self.stream.write(bytes))
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.stream.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.stream.check_write()
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.identity.threads.around(self.stream.blocking_write_and_flush(bytes)).await
    }

    async fn cancel(&mut self) {
        self.stream.cancel().await;
    }
}

#[async_trait]
impl Pollable for FileStream<DynOutputStream> {
    async fn ready(&mut self) {
        self.stream.ready().await;
    }
}
