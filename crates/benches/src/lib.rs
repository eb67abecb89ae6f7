//! Tools for the benchmarks: the plugins' functions as native code, plain wasmtime, and ratios of two things that are
//! measured in turn.

pub mod native;
mod photo;
pub mod plain;
mod plugins;
mod ratio;
mod results;
mod shown;
pub mod work;

pub use plugins::{document, echo, first, host, hosts, markdown, shipped, text, upper};
pub use ratio::{beside, of, ratio};
pub use results::{Growth, folder, keep, measured};
pub use shown::{cells, number, shown, table};
