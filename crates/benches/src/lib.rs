//! What the host is measured beside, and how: the same functions called natively, plain wasmtime, and
//! ratios of two things that are measured in turn.

pub mod native;
pub mod plain;
mod plugins;
mod ratio;
mod results;

pub use plugins::{document, echo, host, hosts, markdown, text};
pub use ratio::{beside, of, ratio};
pub use results::{Growth, folder, measured};
