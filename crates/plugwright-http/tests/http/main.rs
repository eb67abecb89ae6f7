//! Plugins behind HTTP, in an engine that is not ours: `wasmtime serve`.

mod cases;
mod client;
mod command;
mod load;
mod served;
