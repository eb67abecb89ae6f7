//! The engine: compiled code, its cache, and the places for instances.

mod by_thread;
pub(crate) mod cache;
pub(crate) mod compiler;
pub(crate) mod compiler_error;
pub(crate) mod error;
pub(crate) mod places;
pub(crate) mod pools;
pub(crate) mod recent;
pub(crate) mod running;
pub(crate) mod seal;
pub(crate) mod shared;
pub(crate) mod ticker;
