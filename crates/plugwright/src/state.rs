//! What the host keeps for one call of one plugin: a store's data.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::wasi;

/// What the host keeps for one call: the plugin's name for its log, its resources, and a WASI that
/// gives nothing. It is made for the call and dropped after it.
pub struct State {
    pub(crate) plugin: Arc<str>,
    pub(crate) resources: ResourceTable,
    wasi: WasiCtx,
}

impl State {
    pub(crate) fn new(plugin: &Arc<str>) -> Self {
        Self {
            plugin: Arc::clone(plugin),
            resources: ResourceTable::new(),
            wasi: wasi::closed(plugin),
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.resources }
    }
}
