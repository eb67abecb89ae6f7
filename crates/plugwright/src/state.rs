//! What the host keeps for one call of one plugin: a store's data.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

use crate::http::Http;
use crate::limits::Meter;
use crate::{Exceeded, GrantError, Grants, Limit, Limits, wasi};

/// What the host keeps for one call: what host functions see as `self`.
///
/// It is made for the call and dropped after it. `D` is the application's own part,
/// [`World::Data`](crate::World::Data).
pub struct State<D = ()> {
    /// The application's own part.
    pub data: D,
    pub(crate) plugin: Arc<str>,
    pub(crate) resources: ResourceTable,
    pub(crate) meter: Meter,
    pub(crate) deadline: Option<Instant>,
    grants: Arc<Grants>,
    /// Made when the plugin first asks for something of it, since few do.
    wasi: Option<Box<WasiCtx>>,
    http: Option<Box<Http>>,
}

impl<D> State<D> {
    /// The name of the plugin that calls.
    pub fn plugin(&self) -> &str {
        &self.plugin
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

    pub(crate) fn new(
        plugin: &Arc<str>,
        data: D,
        limits: Limits,
        grants: &Arc<Grants>,
    ) -> Result<Self, GrantError> {
        let mut resources = ResourceTable::new();
        resources
            .set_max_capacity(usize::try_from(limits.value(Limit::Handles)).unwrap_or(usize::MAX));
        let meter = Meter::new(limits);
        // Only a folder can be missing, and there would be nobody to tell when it is asked for.
        let wasi = if grants.folders.is_empty() {
            None
        } else {
            Some(Box::new(wasi::context(plugin, grants, &meter.shared)?))
        };
        Ok(Self {
            data,
            plugin: Arc::clone(plugin),
            resources,
            meter,
            deadline: None,
            grants: Arc::clone(grants),
            wasi,
            http: None,
        })
    }
}

impl<D: Send> WasiView for State<D> {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let Self { plugin, grants, meter, wasi, resources, .. } = self;
        let ctx = wasi.get_or_insert_with(|| {
            let context = wasi::context(plugin, grants, &meter.shared);
            Box::new(context.expect("only folders can fail, and those are opened at once"))
        });
        WasiCtxView { ctx, table: resources }
    }
}

impl<D: Send> WasiHttpView for State<D> {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let Self { plugin, grants, meter, http, resources, .. } = self;
        let http = http.get_or_insert_with(|| Box::new(Http::new(plugin, grants, &meter.shared)));
        let Http { context, hooks } = &mut **http;
        WasiHttpCtxView { ctx: context, hooks, table: resources }
    }
}
