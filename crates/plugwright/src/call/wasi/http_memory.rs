//! What the host holds for a call's HTTP: fields, requests and responses. They are in the table of wasmtime-wasi-http,
//! which does not count their memory.
//!
//! The functions that take memory replace the functions of wasmtime-wasi-http, and call them. The memory that they take
//! is added up. When the sum becomes large, the memory that is still in use is measured. So nothing has to be counted
//! where memory is freed, which happens in many places.

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

/// The maximum number of bytes of a body that can be written at once.
pub(super) const CHUNK: usize = 64 << 10;

/// The maximum memory of a body: one chunk in transit and one that waits, and their buffers.
pub(crate) const BODY: u64 = 2 * CHUNK as u64 + 1024;

/// The maximum memory of a connection: the buffers in which hyper reads ahead and gathers what it writes, about 400 KiB
/// each, and the memory of TLS.
pub(crate) const CONNECTION: u64 = 1 << 20;

/// The maximum number of bytes of names and values in fields.
pub(crate) const FIELDS: usize = 128 << 10;

/// A request that was sent, and its response. Their memory counts until both are gone.
#[derive(Clone)]
pub(crate) struct Sending(
    #[expect(dead_code, reason = "it is there to be dropped")] Arc<[Held; 2]>,
);

impl Sending {
    pub(crate) fn new(memory: Held, descriptor: Held) -> Self {
        Self(Arc::new([memory, descriptor]))
    }
}

/// The memory that a call's HTTP takes in the table.
#[derive(Debug)]
pub(crate) struct HttpMemory {
    /// The memory at the last measurement, and the memory that was taken since then.
    held: Held,
    /// How large the sum may become before the memory is measured again.
    much: u64,
    /// The memory that cannot be measured any more. It counts until the call is over.
    pub(super) gone: Held,
}

impl HttpMemory {
    /// Begins with nothing in both counts.
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

/// How much may be taken before the first measurement.
const LITTLE: u64 = 256 << 10;

/// The memory of an entry in the table, without its fields and texts.
pub(super) const ENTRY: u64 = 512;

/// The memory of a name in fields without its letters, and that of each further value of a name. Their vectors grow by
/// doubling.
pub(super) const NAME: u64 = 144;
pub(super) const VALUE: u64 = 160;

/// Returns the memory of an entry in the table, or 0 if it is not an entry of HTTP.
pub(super) fn size(entry: &dyn Any) -> u64 {
    if let Some(fields) = entry.downcast_ref::<FieldMap>() {
        ENTRY + fields_size(fields)
    } else if let Some(request) = entry.downcast_ref::<OutgoingRequest>() {
        // A scheme has only a few letters; longer schemes are refused.
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
