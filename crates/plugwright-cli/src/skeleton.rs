//! The skeleton of a plugin for any contract: files generated from its WIT. The plugin builds as it is, and each
//! function returns an error that it is not written yet.

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

/// The description of a skeleton to generate.
pub struct Request<'a> {
    /// The contract, with everything that its types refer to.
    pub resolve: &'a Resolve,
    /// The world of the plugin.
    pub world: WorldId,
    /// The plugin's name: lowercase words joined by `-`.
    pub name: &'a str,
    /// The folder of WIT relative to the plugin's folder, with `/` between its parts: `../../wit`.
    pub wit: &'a str,
}

/// The files of a plugin.
#[derive(Debug, Default)]
pub struct Skeleton {
    /// The files in the plugin's folder, by relative path.
    pub files: BTreeMap<PathBuf, String>,
    /// The files in the folder of its cases, by relative path.
    pub cases: BTreeMap<PathBuf, String>,
}
