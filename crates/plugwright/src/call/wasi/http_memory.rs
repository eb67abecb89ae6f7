//! What the host holds of HTTP for a call: fields, requests and answers, in the table of wasmtime-wasi-http,
//! which counts none of it.
//!
//! The functions that take memory stand in the place of the library's own, and go on to those. What they took
//! is added up, and when that comes to much, what is there is measured. So nothing has to be done where
//! something is freed, which is in many places.

use std::any::Any;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use wasmtime::component::ResourceTable;
use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::p2::bindings::http::types::Method;
use wasmtime_wasi_http::p2::body::HostFutureTrailers;
use wasmtime_wasi_http::p2::types::{
    HostIncomingResponse as IncomingResponse, HostOutgoingRequest as OutgoingRequest,
    HostOutgoingResponse as OutgoingResponse,
};

use crate::call::budget::Held;
use crate::permission::limits::Exceeded;

/// How much may be written of a body at once.
pub(super) const CHUNK: usize = 64 << 10;

/// What a body takes at most: a chunk that is on its way and one that waits, and what they are kept in.
pub(crate) const BODY: u64 = 2 * CHUNK as u64 + 1024;

/// What a connection takes at most: what hyper reads ahead and what it gathers before it writes, some
/// 400 KiB each, and what TLS takes.
pub(crate) const CONNECTION: u64 = 1 << 20;

/// How many bytes of names and values may be in fields.
pub(crate) const FIELDS: usize = 128 << 10;

/// A request that is sent, and its answer: what they take counts until nothing of them is left.
#[derive(Clone)]
pub(crate) struct Sending(
    #[expect(dead_code, reason = "it is there to be dropped")] Arc<[Held; 2]>,
);

impl Sending {
    pub(crate) fn new(memory: Held, descriptor: Held) -> Self {
        Self(Arc::new([memory, descriptor]))
    }
}

/// What a call holds of HTTP in the table.
#[derive(Debug)]
pub(crate) struct HttpMemory {
    /// What there was when it was measured, and what was taken since.
    held: Held,
    /// How much that may be before it is measured again.
    much: u64,
    /// What went to where it cannot be measured. It counts until the call is over.
    pub(super) gone: Held,
}

impl HttpMemory {
    /// Nothing, twice, to begin with.
    pub(crate) fn new(held: Held, gone: Held) -> Self {
        Self { held, much: LITTLE, gone }
    }

    /// Counts `taken` bytes, which are in the table.
    pub(super) fn take(&mut self, table: &mut ResourceTable, taken: u64) -> Result<(), Exceeded> {
        if self.held.amount() + taken <= self.much && self.held.more(taken).is_ok() {
            return Ok(());
        }
        let there = table.iter_mut().map(|entry| size(entry)).sum();
        self.held.less(self.held.amount());
        self.much = 2 * there + LITTLE;
        self.held.more(there)
    }
}

/// How much may be taken before it is measured for the first time.
const LITTLE: u64 = 256 << 10;

/// What an entry of the table takes besides its fields and texts.
pub(super) const ENTRY: u64 = 512;

/// What one name takes in fields besides its letters, and one more value of a name. The vectors that they are
/// in grow by doubling.
pub(super) const NAME: u64 = 144;
pub(super) const VALUE: u64 = 160;

/// What an entry of the table takes, if it is of HTTP.
pub(super) fn size(entry: &dyn Any) -> u64 {
    if let Some(fields) = entry.downcast_ref::<FieldMap>() {
        ENTRY + fields_size(fields)
    } else if let Some(request) = entry.downcast_ref::<OutgoingRequest>() {
        // A scheme is of a few letters, or it would have been refused.
        let OutgoingRequest { method, scheme: _, authority, path_with_query, headers, body } =
            request;
        let method = if let Method::Other(name) = method { name.capacity() } else { 0 };
        let texts = [authority, path_with_query].map(|it| it.as_ref().map_or(0, String::capacity));
        let body = if body.is_some() { BODY } else { 0 };
        ENTRY + fields_size(headers) + (method + texts.iter().sum::<usize>()) as u64 + body
    } else if let Some(response) = entry.downcast_ref::<OutgoingResponse>() {
        let body = if response.body.is_some() { BODY } else { 0 };
        ENTRY + fields_size(&response.headers) + body
    } else if let Some(response) = entry.downcast_ref::<IncomingResponse>() {
        ENTRY + fields_size(&response.headers)
    } else if let Some(HostFutureTrailers::Done(Ok(Some(fields)))) = entry.downcast_ref() {
        ENTRY + fields_size(fields)
    } else {
        0
    }
}

fn fields_size(fields: &HeaderMap) -> u64 {
    let names = fields.capacity().max(fields.keys_len()) as u64;
    let values = fields.len().saturating_sub(fields.keys_len()) as u64;
    let letters = fields.keys().map(|name| name.as_str().len()).sum::<usize>()
        + fields.values().map(HeaderValue::len).sum::<usize>();
    names * NAME + values * VALUE + letters as u64
}
