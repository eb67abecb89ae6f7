//! The pipeline: how a plugin's source becomes a file in the folder of built plugins.
//!
//! A plugin is compiled, validated, stripped, gets its name, version and manifest, and is checked against its contract and
//! the host; then it takes its place beside its symbols and the statement of where it comes from.

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
