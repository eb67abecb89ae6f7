//! What the host keeps for one call of one plugin: a store's data.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

use crate::http::Http;
use crate::limits::Meter;
use crate::log::{Log, LogLevel, LogSource};
use crate::{Exceeded, ForeignText, GrantError, Grants, Limit, Limits, wasi};

/// What the host keeps for one call: what host functions see as `self`.
///
/// It is made for the call and dropped after it. `D` is the application's own part,
/// [`World::Data`](crate::World::Data).
pub struct State<D = ()> {
    /// The application's own part.
    pub data: D,
    pub(crate) identity: Arc<Identity>,
    log: Log,
    pub(crate) resources: ResourceTable,
    pub(crate) meter: Meter,
    pub(crate) deadline: Option<Instant>,
    /// Made when the plugin first asks for something of it, since few do.
    wasi: Option<Box<WasiCtx>>,
    http: Option<Box<Http>>,
}

/// How many bytes a field of a log line takes besides its key and its value: a space, `=` and two `"`.
const BETWEEN: usize = 4;

/// What the calls of a plugin have in common. It is one piece, because all threads that call count their
/// handles to it.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) name: Arc<str>,
    pub(crate) version: Option<ForeignText>,
    pub(crate) grants: Arc<Grants>,
}

impl<D> State<D> {
    /// The name of the plugin that calls.
    pub fn plugin(&self) -> &str {
        &self.identity.name
    }

    /// What the host keeps for the plugin behind handles. Its size is limited by
    /// [`Limits::handles`].
    pub fn resources(&mut self) -> &mut ResourceTable {
        &mut self.resources
    }

    /// Counts `bytes` that the plugin handed to a host function, which has to do this itself if it
    /// keeps them.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] if there are more in this call than [`Limits::transfer`] allows. Given back as the
    /// host function's error, it ends the call.
    pub fn receive(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.meter.receive(bytes)
    }

    /// Counts `bytes` of arguments, for the span of the call.
    pub fn count_input(&mut self, bytes: usize) {
        self.meter.input = self.meter.input.saturating_add(bytes as u64);
    }

    /// Counts `bytes` of the result.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] if there are more than [`Limits::output`] allows.
    pub fn count_output(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.meter.give(bytes)
    }

    /// Writes a line of the plugin's log, as the functions for it of the application's own contract do: to
    /// the sink of [`Plugin::with_log`](crate::Plugin::with_log), or else to `tracing`.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] if there are more lines or bytes of them in this call than [`Limits::log_lines`] and
    /// [`Limits::log_bytes`] allow, or what a sink that panics is told by. Given back as the host function's
    /// error, it ends the call.
    pub fn write_log(
        &mut self,
        level: LogLevel,
        message: &str,
        fields: &[(String, String)],
    ) -> wasmtime::Result<()> {
        let size = fields.iter().map(|(key, value)| BETWEEN + key.len() + value.len());
        self.meter.shared.line(message.len() + size.sum::<usize>())?;
        self.log.write(&self.identity.name, LogSource::Log, level, message, fields)
    }

    pub(crate) fn new(
        identity: &Arc<Identity>,
        data: D,
        log: Log,
        limits: Limits,
    ) -> Result<Self, GrantError> {
        let mut resources = ResourceTable::new();
        resources
            .set_max_capacity(usize::try_from(limits.value(Limit::Handles)).unwrap_or(usize::MAX));
        let meter = Meter::new(limits);
        // Only a folder can be missing, and there would be nobody to tell when it is asked for.
        let wasi = if identity.grants.folders.is_empty() {
            None
        } else {
            Some(Box::new(wasi::context(identity, &log, &meter.shared)?))
        };
        Ok(Self {
            data,
            identity: Arc::clone(identity),
            log,
            resources,
            meter,
            deadline: None,
            wasi,
            http: None,
        })
    }
}

impl<D: Send> WasiView for State<D> {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let Self { identity, log, meter, wasi, resources, .. } = self;
        let ctx = wasi.get_or_insert_with(|| {
            let context = wasi::context(identity, log, &meter.shared);
            #[expect(
                clippy::expect_used,
                reason = "folders alone can fail, and are opened at once"
            )]
            Box::new(context.expect("only folders can fail, and those are opened at once"))
        });
        WasiCtxView { ctx, table: resources }
    }
}

impl<D: Send> WasiHttpView for State<D> {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let Self { identity, meter, http, resources, .. } = self;
        let http = http.get_or_insert_with(|| Box::new(Http::new(identity, &meter.shared)));
        let Http { context, hooks } = &mut **http;
        WasiHttpCtxView { ctx: context, hooks, table: resources }
    }
}
