//! Skeletons of new plugins, which are generated from the WIT of any contract. A skeleton builds at once, and each of
//! its functions answers that it is not written yet.

pub mod application;
mod c;
mod c_bindings;
mod c_types;
mod exports;
mod files;
pub mod hosted;
mod javascript;
mod javascript_text;
pub mod language;
mod layout;
mod python;
mod python_types;
mod rust_call;
mod rust_host;
mod rust_names;
pub mod rust_plugin;
mod rust_types;
mod rust_values;
mod rust_written;
pub mod sample;
mod typescript;
mod typescript_types;
mod typescript_values;
mod world;
mod zig;

use std::collections::BTreeMap;
use std::path::PathBuf;

use wit_parser::{Resolve, WorldId};

pub use hosted::check_hosted;

/// The contract and the plugin that a skeleton is generated for.
pub struct Request<'a> {
    /// The contract, with everything that its types refer to.
    pub resolve: &'a Resolve,
    /// The plugin's world.
    pub world: WorldId,
    /// The plugin's name: lowercase words joined by `-`.
    pub name: &'a str,
    /// The path of the WIT folder, relative to the plugin's folder and with `/` as the separator: `../../wit`.
    pub wit: &'a str,
}

/// The files of a new plugin.
#[derive(Debug, Default)]
pub struct Skeleton {
    /// The files in the plugin's folder, by their relative paths.
    pub files: BTreeMap<PathBuf, String>,
    /// The files in the plugin's folder of cases, by their relative paths.
    pub cases: BTreeMap<PathBuf, String>,
}
