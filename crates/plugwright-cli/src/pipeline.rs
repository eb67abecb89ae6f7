//! The pipeline, which turns a plugin's source into a file in the folder of built plugins.
//!
//! The pipeline compiles, validates and strips a plugin, embeds its name, version and manifest, and checks it against
//! its contract and the host. Then it moves the plugin to its place, beside its symbols and its provenance statement.

pub(crate) mod checked;
pub(crate) mod crates;
mod freshness;
mod language;
mod linked;
pub(crate) mod list;
pub(crate) mod lock;
pub(crate) mod pinned;
pub(crate) mod program;
pub(crate) mod provenance;
pub(crate) mod rebuild;
pub(crate) mod run;
pub(crate) mod sbom;
pub(crate) mod stages;
mod tools;
