//! What the host keeps for one call of one plugin: the data of the store.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::filesystem::WasiFilesystemCtxView;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

use crate::call::budget::Held;
use crate::call::dynamic::forwarding::kept::Forwarding;
use crate::call::dynamic::observed::Observer;
use crate::call::identity::Identity;
use crate::call::log::{Log, LogLevel, LogSource};
use crate::call::meter::{Meter, SharedMeter};
use crate::call::wasi;
use crate::call::wasi::files::{Files, Opened};
use crate::call::wasi::http::Http;
use crate::call::wasi::http_memory::{HttpMemory, Sending};
use crate::permission::limits::{Exceeded, Limit, Limits};

/// What the host keeps for one call. Host functions get it as `self`.
///
/// It is made for the call and dropped after it. `D` is the application's own part:
/// [`World::Data`](crate::World::Data).
pub struct State<D = ()> {
    /// The application's own part.
    pub data: D,
    pub(crate) identity: Arc<Identity>,
    log: Log,
    pub(crate) resources: ResourceTable,
    pub(crate) meter: Meter,
    pub(crate) deadline: Option<Instant>,
    /// The observer of calls of the application's own host functions, if there is one.
    pub(crate) observer: Option<Observer>,
    /// What the forwarder needs for observed calls.
    pub(crate) forwarding: Option<Box<Forwarding>>,
    /// Made when the plugin first uses WASI, since few plugins do.
    wasi: Option<Box<WasiCtx>>,
    http: Option<Box<Http>>,
    opened: Opened,
}

/// How many bytes a field of a log line takes in addition to its key and value: a space, `=` and two `"`.
const BETWEEN: usize = 4;

impl<D> State<D> {
    /// Returns the name of the plugin that calls.
    pub fn plugin(&self) -> &str {
        &self.identity.name
    }

    /// Returns the table of resources that the host keeps for the plugin behind handles. [`Limits::handles`] limits its
    /// size.
    pub fn resources(&mut self) -> &mut ResourceTable {
        &mut self.resources
    }

    /// Counts `bytes` that the plugin passed to a host function. A host function has to call this if it keeps them.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] if the sum in this call exceeds [`Limits::transfer`]. If the host function returns this error, the
    /// call ends.
    pub fn receive(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.meter.receive(bytes)
    }

    /// Counts `bytes` of memory that a host function keeps for the plugin, such as the value behind a handle. They
    /// count until the returned value is dropped.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] if the host holds more for this call than [`Limits::host_memory`] allows, or more for all calls
    /// than [`HostBuilder::memory_budget`](crate::HostBuilder::memory_budget) allows. If the host function returns this
    /// error, the call ends.
    pub fn hold(&self, bytes: usize) -> Result<Held, Exceeded> {
        self.held(Limit::HostMemory).with(bytes as u64)
    }

    /// Counts `bytes` of arguments, for the span of the call.
    pub fn count_input(&mut self, bytes: usize) {
        self.meter.input = self.meter.input.saturating_add(bytes as u64);
    }

    /// Counts `bytes` of the result.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] if the sum exceeds [`Limits::output`].
    pub fn count_output(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.meter.give(bytes)
    }

    /// Writes a line of the plugin's log to the sink of [`Plugin::with_log`](crate::Plugin::with_log), or to `tracing`
    /// if there is no sink. This is for the log functions of the application's own contract.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] if the lines of this call exceed [`Limits::log_lines`] or [`Limits::log_bytes`], or an error if the
    /// sink panicked. If the host function returns this error, the call ends.
    pub fn write_log(
        &mut self,
        level: LogLevel,
        message: &str,
        fields: &[(String, String)],
    ) -> wasmtime::Result<()> {
        let size = fields.iter().map(|(key, value)| BETWEEN + key.len() + value.len());
        self.meter.shared.line(message, message.len() + size.sum::<usize>())?;
        self.log.write(&self.identity.name, LogSource::Log, level, message, fields)
    }

    pub(crate) fn new(identity: &Arc<Identity>, data: D, log: Log, limits: Limits) -> Self {
        let mut resources = ResourceTable::new();
        resources
            .set_max_capacity(usize::try_from(limits.value(Limit::Handles)).unwrap_or(usize::MAX));
        Self {
            data,
            identity: Arc::clone(identity),
            log,
            resources,
            meter: Meter::new(limits),
            deadline: None,
            observer: None,
            forwarding: None,
            wasi: None,
            http: None,
            opened: Opened::default(),
        }
    }

    /// Returns a count for this limit that holds nothing yet.
    pub(crate) fn held(&self, limit: Limit) -> Held {
        Held::nothing(limit, &self.meter.shared, &self.identity.budget)
    }

    /// Counts a descriptor that the call opens.
    pub(crate) fn descriptor(&self) -> Result<Held, Exceeded> {
        self.held(Limit::Descriptors).with(1)
    }
}

impl<D: Send> State<D> {
    /// Returns the call's files.
    pub(crate) fn files(&mut self) -> Files<'_> {
        let Self { identity, log, meter, wasi, resources: table, opened, .. } = self;
        let ctx = wasi_of(wasi, identity, log, &meter.shared).filesystem();
        Files { view: WasiFilesystemCtxView { ctx, table }, identity, meter: &meter.shared, opened }
    }

    /// Returns the memory that is held for HTTP, and the table of resources.
    pub(crate) fn http_memory(&mut self) -> (&mut HttpMemory, &mut ResourceTable) {
        let Self { identity, meter, http, resources, .. } = self;
        (&mut http_of(http, identity, &meter.shared).memory, resources)
    }

    /// Sets what the next request holds when it is sent.
    pub(crate) fn send(&mut self, sending: Sending) {
        let Self { identity, meter, http, .. } = self;
        http_of(http, identity, &meter.shared).hooks.next = Some(sending);
    }

    /// Records that the request was sent or failed.
    pub(crate) fn sent(&mut self) {
        if let Some(http) = &mut self.http {
            http.hooks.next = None;
        }
    }
}

fn wasi_of<'a>(
    wasi: &'a mut Option<Box<WasiCtx>>,
    identity: &Identity,
    log: &Log,
    meter: &Arc<SharedMeter>,
) -> &'a mut WasiCtx {
    wasi.get_or_insert_with(|| Box::new(wasi::context::context(identity, log, meter)))
}

fn http_of<'a>(
    http: &'a mut Option<Box<Http>>,
    identity: &Arc<Identity>,
    meter: &Arc<SharedMeter>,
) -> &'a mut Http {
    http.get_or_insert_with(|| Box::new(Http::new(identity, meter)))
}

impl<D: Send> WasiView for State<D> {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let Self { identity, log, meter, wasi, resources, .. } = self;
        let ctx = wasi_of(wasi, identity, log, &meter.shared);
        WasiCtxView { ctx, table: resources }
    }
}

impl<D: Send> WasiHttpView for State<D> {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let Self { identity, meter, http, resources, .. } = self;
        let Http { context, hooks, .. } = http_of(http, identity, &meter.shared);
        WasiHttpCtxView { ctx: context, hooks, table: resources }
    }
}
