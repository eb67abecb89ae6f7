//! What a plugin of any contract begins with: files that are made from its WIT, of a plugin that builds at once and
//! says of each function that it is not written yet.

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

/// What a skeleton is made for.
pub struct Request<'a> {
    /// The contract, with all that its types refer to.
    pub resolve: &'a Resolve,
    /// The world that the plugin is of.
    pub world: WorldId,
    /// The plugin's name: lowercase words joined by `-`.
    pub name: &'a str,
    /// The folder of WIT, as seen from the plugin's own folder, with `/` between its parts: `../../wit`.
    pub wit: &'a str,
}

/// The files of a plugin.
#[derive(Debug, Default)]
pub struct Skeleton {
    /// What is in the plugin's folder, by paths from there.
    pub files: BTreeMap<PathBuf, String>,
    /// What is in its folder of cases.
    pub cases: BTreeMap<PathBuf, String>,
}
