//! Types and macros for writing Plugwright plugins in Rust.
//!
//! A plugin is a crate that is built into a WebAssembly component. A host loads the component and calls it, each time
//! in a fresh instance and within limits. This crate has the types of Plugwright's built-in contract, and a macro for
//! each of its worlds. You write a function or implement a trait, and the macro describes it and exports it.
//!
//! # A plugin
//!
//! This plugin makes text loud. A plugin consists of three files. The first is the source, `src/lib.rs`:
//!
//! ```
//! use plugwright_guest::{Document, Failure, options, transformer};
//!
//! transformer! { summary: "makes text loud", takes: ["text/plain"], gives: ["text/plain"], run: shout(&Options) }
//!
//! options! {
//!     struct Options {
//!         /// how many exclamation marks follow, from 0 to 9
//!         marks: u8 = 1, in 0..=9;
//!     }
//! }
//!
//! fn shout(input: Document, options: &Options) -> Result<Document, Failure> {
//!     let loud = input.text()?.to_uppercase() + &"!".repeat(options.marks.into());
//!     Ok(input.with_body(loud))
//! }
//! # fn main() {}
//! ```
//!
//! The second is `Cargo.toml`. The package is called `plugin-` and the plugin's name, and `crate-type` makes it a
//! component:
//!
//! ```toml
//! [package]
//! name = "plugin-shout"
//! version = "0.1.0"
//! edition = "2024"
//!
//! [lib]
//! crate-type = ["cdylib"]
//!
//! [dependencies]
//! plugwright-guest = "0.1.0"
//! ```
//!
//! The third is the manifest, `plugin.toml`. It can also say what the plugin asks to be granted, and which limits it
//! stays within:
//!
//! ```toml
//! world = "transformer"
//! ```
//!
//! `plugwright build shout` writes the component `dist/shout.wasm`. `plugwright run shout FILE --option marks=3` runs it.
//! In a project, `plugwright new shout` makes these files, with first tests.
//!
//! # Macros and types
//!
//! One macro makes a crate a plugin. Choose it by what the plugin does:
//!
//! | the plugin | macro | you write |
//! | --- | --- | --- |
//! | turns one document into another | [`transformer!`] | a function |
//! | does so piece by piece, in bounded memory | [`streamer!`] | a type that implements [`Stream`] |
//! | makes words and names look nice | [`prettify!`] | two functions, and a type that implements [`Person`] |
//!
//! The others help with the work:
//!
//! | for | use |
//! | --- | --- |
//! | input and output | [`Document`], [`Head`], [`Attribute`], [`Attributes`] |
//! | options | [`options!`], [`choices!`] |
//! | errors | [`Failure`], [`Invalid`], [`Location`] |
//! | the host's log | [`trace!`], [`debug!`], [`info!`], [`warn!`], [`error!`] |
//! | unit tests of streamers | [`testing`] |
//! | contracts of your own | [`generate!`], [`without_wasi!`] |
//!
//! # Documents
//!
//! A [`Document`] has a name, a media type, a body and attributes. [`Document::text`] returns the body as text, or
//! fails with the place of the first byte that is not UTF-8. Make the result from the input, so that attributes are
//! kept:
//!
//! ```
//! use plugwright_guest::Document;
//!
//! fn page(input: Document, html: String) -> Document {
//!     input.with_extension("html").with_media_type("text/html").with_body(html)
//! }
//! ```
//!
//! # Options
//!
//! [`options!`] declares a struct with a field for each option. It generates the parser, the description that
//! `plugwright inspect` shows, and the errors for unknown options and wrong values. [`choices!`] declares an enum whose
//! cases are values of an option.
//!
//! # Failures
//!
//! A plugin that cannot do its work returns a [`Failure`]. Its case names who can fix the problem: the author of the
//! document, the caller, or the author of the plugin. [`Invalid`] says what is wrong with the document and where, and
//! `?` turns it into a failure. [`Invalid::of_option`] makes it a failure of an option:
//!
//! ```
//! use plugwright_guest::{Document, Failure, Invalid};
//!
//! fn first_number(input: &Document) -> Result<u64, Failure> {
//!     let text = input.text()?;
//!     let line = text.lines().next().ok_or_else(|| Invalid::new("the first line is missing"))?;
//!     let number = line.parse().map_err(|_| Invalid::new(format!("`{line}` is not a number")).at(1, 1))?;
//!     Ok(number)
//! }
//! ```
//!
//! A panic is not a failure. It ends the call as a trap, and the host gets the message and the place of the panic.
//!
//! # Log
//!
//! [`info!`] and the other log macros write a line with fields to the host's log. Lines of `println!` and messages of
//! panics go there, too. Printing imports nothing of WASI: see [`without_wasi!`].
//!
//! # Tests
//!
//! On the author's machine, the world's macro exports nothing, and the log goes to standard error. So `cargo test`
//! tests a plugin's functions as it tests any others:
//!
//! ```
//! # use plugwright_guest::{Document, Failure};
//! # fn shout(input: Document) -> Result<Document, Failure> {
//! #     let loud = input.text()?.to_uppercase();
//! #     Ok(input.with_body(loud))
//! # }
//! let loud = shout(Document::new("greeting.txt", "text/plain", "hello"));
//! assert_eq!(loud.unwrap().body, b"HELLO");
//! ```
//!
//! [`testing`] sends a document through a [`Stream`] whole and in pieces. `plugwright test` tests the component itself,
//! with cases that are files.
//!
//! # Contracts of your own
//!
//! A plugin of another contract can use the parts of this crate that do not deal with documents:
//!
//! - [`generate!`] generates the bindings of the contract.
//! - [`options!`] reads options from any list of names and values.
//! - [`without_wasi!`] sends printed lines and panic messages to the contract's own log.
//! - The log macros work for a contract that imports the interface of [`host`].
//!
//! # Further reading
//!
//! The guide in `docs/src` of Plugwright's repository goes on from here: `first-plugin.md` builds and tests a plugin
//! step by step, `options-and-failures.md` and `sessions.md` cover options and streamers, `files-and-grants.md` shows
//! how a plugin asks for a folder, and `own-contract.md` begins with a contract of your own.

extern crate self as plugwright_guest;

mod document;
mod failure;
mod generate;
pub mod host;
#[cfg(any(test, target_family = "wasm"))]
mod lines;
mod log;
mod media_type;
mod name;
mod options;
mod prettify;
mod print;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod stdio;
mod streamer;
pub mod testing;
mod transformer;
mod worlds;

pub use document::{Attribute, Attributes, Document, Head};
pub use failure::{BadOption, Failure, Invalid, Location};
pub use options::{Choice, Kind, OptionDescription, Options, Setting, Spaced, Value};
pub use prettify::Person;
pub use streamer::Stream;
pub use transformer::Description;

/// Functions and types that the macros of this crate use.
#[doc(hidden)]
pub mod __private {
    pub use crate::log::check_message;
    pub use crate::media_type::check as check_media_types;
    pub use crate::name::{kebab, plain, text};
    pub use crate::options::{Described, describe, is_one_of, none_of, within, write_kinds};
    pub use crate::prettify::Words;
    pub use crate::print::{Sink, log};
    #[cfg(target_family = "wasm")]
    pub use crate::stdio;
    pub use crate::streamer::{Ending, Session, transform as stream};
    pub use crate::transformer::{About, Transform, transform};
    #[cfg(any(target_family = "wasm", feature = "generate"))]
    pub use wit_bindgen;
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
