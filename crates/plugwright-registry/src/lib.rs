//! Pushes plugins to OCI registries, and pulls them.
//!
//! ```no_run
//! use plugwright_registry::{Client, Limits, Reference, Store};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let reference: Reference = "oci://registry.example.org/plugins/markdown:0.1.0".parse()?;
//! let store = Store::new("plugins");
//! if store.find(&reference).is_none() {
//!     let client = Client::builder().build()?;
//!     let pulled = client.pull(&reference, &[], &Limits::default(), &|_done, _all| ())?;
//!     store.keep(&reference, &pulled, |_file, _attached| Vec::new())?;
//! }
//! if let Some(stored) = store.find(&reference) {
//!     println!("{} is in {}", stored.reference, stored.file.display());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A [`Client`] talks to registries, and blocks until it is done. A [`Store`] is a folder of pulled plugins, which need
//! no network any more. Credentials come from Docker's configuration, as `docker login` writes it.
//!
//! # Layout
//!
//! A plugin in a registry is an artifact of the
//! [CNCF's layout for Wasm](https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/): a manifest with the configuration of
//! a component, and one layer, the component. Its provenance, its bill of materials and its signature are artifacts of
//! their own, which refer to the plugin. [`Attached`] is such a file. Programs that read only the plain layout ignore
//! them.
//!
//! # Trust
//!
//! Answers of a registry are not trusted. Each is read up to a limit, and each digest is compared. Loading a plugin
//! still checks its signature and its policy: this crate only moves bytes.

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
