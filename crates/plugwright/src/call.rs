//! Calls of plugins: linking, limits, and the state that the host keeps during a call.

pub(crate) mod budget;
pub(crate) mod call_error;
pub(crate) mod calls;
pub(crate) mod dynamic;
pub(crate) mod identity;
pub(crate) mod instance;
pub(crate) mod kept;
pub(crate) mod log;
pub(crate) mod meter;
pub(crate) mod panicked;
pub(crate) mod plugin;
pub(crate) mod runtime;
pub(crate) mod state;
pub(crate) mod threads;
pub(crate) mod wasi;
pub mod wasmtime;
pub(crate) mod world;
pub(crate) mod world_macro;
