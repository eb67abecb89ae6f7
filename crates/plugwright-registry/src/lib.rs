//! Carries plugins to registries of OCI and back, in the layout that the field has agreed on.
//!
//! A plugin is an artifact of the [CNCF's layout for Wasm](https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/):
//! a manifest with the configuration of a component, and one layer, its bytes. What is said of it, such as where it comes from,
//! what it is made of and who signed it, are artifacts that refer to it, which whoever reads the plain layout
//! never meets.
//!
//! What a registry answers is not trusted: all of it is read up to a limit, and each digest is compared.

mod client;
mod credentials;
mod error;
mod layout;
mod reference;
mod store;

pub use client::{Attached, Client, ClientBuilder, Limits, Pulled, Pushed, Sent};
pub use error::RegistryError;
pub use layout::Artifact;
pub use reference::{Reference, ReferenceError};
pub use store::{Store, Stored};
