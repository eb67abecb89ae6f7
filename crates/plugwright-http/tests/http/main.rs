//! Plugins behind HTTP, in another engine than Plugwright's: `wasmtime serve`.

mod cases;
mod client;
mod command;
mod guide;
mod load;
mod plugins;
mod served;
