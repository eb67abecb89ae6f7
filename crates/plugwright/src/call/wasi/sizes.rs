//! The functions of WASI whose sizes a plugin chooses, held to the plugin's limits.

use wasmtime::component::{LinkerInstance, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi::p2::bindings::random::insecure::Host as _;
use wasmtime_wasi::p2::bindings::random::random::Host as _;

use crate::call::state::State;
use crate::permission::limits::Limit;

/// Links the text of an error, without the debugging details that the host would add.
pub(super) fn link_error<D: Send + 'static>(
    error: &mut LinkerInstance<'_, State<D>>,
) -> Result<()> {
    error.func_wrap(
        "[method]error.to-debug-string",
        |mut store: StoreContextMut<'_, State<D>>, (error,): (Resource<wasmtime::Error>,)| {
            Ok((format!("{:#}", store.data_mut().resources.get(&error)?),))
        },
    )
}

/// Links the function that returns any number of random bytes.
pub(super) fn link_random<D: Send + 'static>(
    random: &mut LinkerInstance<'_, State<D>>,
) -> Result<()> {
    random.func_wrap(
        "get-random-bytes",
        |mut store: StoreContextMut<'_, State<D>>, (length,): (u64,)| {
            let state = store.data_mut();
            let _held = state.held(Limit::HostMemory).with(length)?;
            Ok((state.ctx().ctx.random().get_random_bytes(length)?,))
        },
    )
}

/// Links the function that returns any number of insecure random bytes.
pub(super) fn link_insecure<D: Send + 'static>(
    random: &mut LinkerInstance<'_, State<D>>,
) -> Result<()> {
    random.func_wrap(
        "get-insecure-random-bytes",
        |mut store: StoreContextMut<'_, State<D>>, (length,): (u64,)| {
            let state = store.data_mut();
            let _held = state.held(Limit::HostMemory).with(length)?;
            Ok((state.ctx().ctx.random().get_insecure_random_bytes(length)?,))
        },
    )
}
