//! The functions of WASI that would take or give as much as a plugin asks for, held to what it may.

use wasmtime::component::{LinkerInstance, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi::p2::bindings::random::insecure::Host as _;
use wasmtime_wasi::p2::bindings::random::random::Host as _;

use crate::call::state::State;
use crate::permission::limits::Limit;

/// Links the text of an error, without what the host would add for whoever debugs it.
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

/// Links the random numbers that may be as many as the plugin likes.
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

/// Links those that are not secret.
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
