//! WASI: what a plugin imports of it and was granted, and what Rust's standard library imports whether
//! it is used or not, in a form that gives nothing.

pub(crate) mod context;
pub(crate) mod directory;
pub(crate) mod file_streams;
pub(crate) mod files;
pub(crate) mod http;
pub(crate) mod http_memory;
pub(crate) mod link;
pub(crate) mod link_http;
pub(crate) mod on_runtime;
pub(crate) mod open;
pub(crate) mod sizes;
