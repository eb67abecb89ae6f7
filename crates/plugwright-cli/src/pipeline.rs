//! The pipeline: the stages from a plugin's source to a file in the folder of built plugins.
//!
//! The pipeline compiles, validates and strips a plugin, adds its name, version and manifest, and checks it against its
//! contract and the host. Then it writes the plugin beside its symbols and its provenance.

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
