//! Plugins behind HTTP, in an engine that is not ours: `wasmtime serve`.

mod cases;
mod client;
mod command;
mod guide;
mod load;
mod plugins;
mod served;
