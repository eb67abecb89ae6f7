//! The built-in contract of Plugwright: worlds of plugins that turn one document into another.
//!
//! This crate re-exports the host library [`plugwright`], so an application needs only this dependency.
//!
//! ```no_run
//! use plugwright_contract::prelude::*;
//! use plugwright_contract::{Document, Host, Plugin, Setting, Transformer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let host = Host::builder().build()?;
//! let markdown: Plugin<Transformer> = host.load("dist/markdown.wasm")?;
//! let document = Document::new("hello.md", "text/markdown", "# Hello");
//! let html = markdown.transform(&document, &[Setting::new("unsafe-html", "true")])?;
//! println!("{}", String::from_utf8_lossy(&html.body));
//! # Ok(())
//! # }
//! ```
//!
//! A plugin of the world [`Streamer`] also takes a document piece by piece, in a [`Session`]. Neither side has to hold
//! the whole document then:
//!
//! ```no_run
//! # use plugwright_contract::prelude::*;
//! # use plugwright_contract::{Head, Host, Plugin, Streamer};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let host = Host::builder().build()?;
//! let checksum: Plugin<Streamer> = host.load("dist/checksum.wasm")?;
//! let mut session = checksum.session(&Head::new("hello.txt", "text/plain"), &[])?;
//! for piece in ["Hello, ", "world"] {
//!     print!("{}", String::from_utf8_lossy(&session.push(piece.as_bytes())?));
//! }
//! let (rest, head) = session.finish()?;
//! println!("{}{:?}", String::from_utf8_lossy(&rest), head.attributes);
//! # Ok(())
//! # }
//! ```
//!
//! # Versions
//!
//! The host runs plugins of every released version of the contract. When it loads a plugin of an older version, it
//! chooses the adapter for this version.
//!
//! # Tests
//!
//! With the feature `cases`, the module `cases` turns files with documents into tests, for the runner of
//! `plugwright-test`.
//!
//! # Contracts of your own
//!
//! This crate uses only the public interface of [`plugwright`]. So a contract of your own can do everything that this
//! one does.

#![cfg_attr(docsrs, feature(doc_cfg))]
// As in the host, code must not panic over what plugins return.
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unwrap_used
    )
)]

mod adapters;
mod any_plugin;
mod bindings;
#[cfg(feature = "cases")]
pub mod cases;
mod functions;
mod host_functions;
mod map_resource;
mod prettify;
mod schema;
mod session;
mod streamer;
mod transformer;
mod transformer_instance;

use std::sync::LazyLock;

pub use plugwright::*;

pub use any_plugin::{AnyPlugin, LoadAny};
pub use bindings::streamer::exports::plugwright::plugin::sessions::Head;
pub use bindings::transformer::exports::plugwright::plugin::transform::{
    Attribute, Description, Document, Location, OptionDescription, Setting,
};
pub use prettify::{Person, Prettify, PrettifyCalls, PrettifyPre};
pub use schema::{OptionSchema, Schema, SchemaError, Values};
pub use session::{Session, StreamerCalls};
pub use streamer::{Streamer, StreamerPre};
pub use transformer::{Failure, Transformer, TransformerCalls, TransformerPre};
pub use transformer_instance::TransformerInstance;

/// The traits that load and call plugins of this contract, for `use plugwright_contract::prelude::*`.
pub mod prelude {
    pub use crate::{LoadAny, PrettifyCalls, StreamerCalls, TransformerCalls, TransformerInstance};
}

/// Returns the worlds of this contract in all supported versions.
pub fn worlds() -> &'static [WorldType] {
    static WORLDS: LazyLock<Vec<WorldType>> = LazyLock::new(|| {
        bindings::WORLDS.iter().filter_map(|world| WorldType::decode(world).ok()).collect()
    });
    &WORLDS
}

/// Inspects the component `bytes` as [`plugwright::inspect`] does, with the [worlds](worlds()) of this contract.
///
/// # Errors
///
/// As [`plugwright::inspect`].
pub fn inspect(plugin: &str, bytes: &[u8]) -> Result<Inspection, LoadError> {
    plugwright::inspect(plugin, bytes, worlds())
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
