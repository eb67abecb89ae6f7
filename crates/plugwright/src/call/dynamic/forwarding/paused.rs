//! Limits that do not count the host's own work.

use wasmtime::{Result, StoreContextMut};

use crate::call::dynamic::forwarding::handles::limit_handles;
use crate::call::state::State;

/// The plugin's limits while the host's own forwarder runs. What the host functions themselves count still counts.
pub(super) struct Paused {
    fuel: Option<u64>,
    transfer: usize,
}

impl Paused {
    pub(super) fn begin<D: 'static>(store: &mut StoreContextMut<'_, State<D>>) -> Result<Self> {
        let paused = Self { fuel: store.get_fuel().ok(), transfer: store.hostcall_fuel() };
        if paused.fuel.is_some() {
            store.set_fuel(u64::MAX)?;
        }
        // The plugin's values were counted when they were read from its memory.
        store.set_hostcall_fuel(usize::MAX);
        store.set_max_component_handles(usize::MAX);
        store.data_mut().meter.is_paused = true;
        Ok(paused)
    }

    pub(super) fn end<D: 'static>(self, store: &mut StoreContextMut<'_, State<D>>) -> Result<()> {
        store.data_mut().meter.is_paused = false;
        limit_handles(store);
        store.set_hostcall_fuel(self.transfer);
        self.fuel.map_or(Ok(()), |fuel| store.set_fuel(fuel))
    }
}
