//! WASI: the interfaces that a plugin imports and was granted, and the interfaces that Rust's standard library always
//! imports, in a form that gives no access.

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
