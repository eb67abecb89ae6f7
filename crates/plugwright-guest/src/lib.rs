//! For authors of plugins: a plugin of Plugwright's contract in fifteen lines.
//!
//! A plugin is a crate whose package is called `plugin-` and its name. This is all of `plugin-shout`, `src/lib.rs`:
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
//! `Cargo.toml`, of which `crate-type` is what makes a component of it:
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
//! `plugin.toml`, the manifest, which would also say what the plugin asks to be granted and what it stays within:
//!
//! ```toml
//! world = "transformer"
//! ```
//!
//! `plugwright build shout` makes `dist/shout.wasm` of it, and `plugwright run shout FILE --option marks=3` runs it.
//!
//! # Worlds
//!
//! | a plugin that | is made by | of |
//! | --- | --- | --- |
//! | turns one document into another | [`transformer!`] | a function |
//! | does so piece by piece, in bounded memory | [`streamer!`] | a type that is a [`Stream`] |
//! | makes words and names look nice | [`prettify!`] | two functions, and a type that is a [`Person`] |
//!
//! # Documents
//!
//! A [`Document`] is a name, a media type, a body and attributes. [`Document::text`] is its text, or the failure that
//! says where it is none. What comes out begins with what came in, so that attributes are kept:
//! `input.with_extension("html").with_media_type("text/html").with_body(html)`.
//!
//! # Options
//!
//! [`options!`] declares a struct; the reading, the description and the sentence of each error come from it.
//! [`choices!`] declares an enum whose cases are values of an option.
//!
//! # Failures
//!
//! A [`Failure`] says who can mend it. [`Invalid`] is what is wrong with the document, or, by [`Invalid::of_option`],
//! with the value of an option, and where. `?` makes a failure of it:
//!
//! ```
//! use plugwright_guest::{Document, Failure, Invalid};
//!
//! fn first_number(input: &Document) -> Result<u64, Failure> {
//!     let text = input.text()?;
//!     let line = text.lines().next().ok_or_else(|| Invalid::new("there is no line"))?;
//!     let number = line.parse().map_err(|_| Invalid::new(format!("`{line}` is no number")).at(1, 1))?;
//!     Ok(number)
//! }
//! ```
//!
//! A panic is no failure: it ends the call as a trap, and the host is told the panic's message and place.
//!
//! # Log
//!
//! [`info!`], [`warn!`] and the others write a line into the host's log, with fields. `println!` goes there, too, and what a
//! panic says: [without WASI](without_wasi!), of which nothing is imported for that.
//!
//! # Tests
//!
//! Compiled for the author's machine, the macros make nothing but the functions, the log goes to standard error, and a
//! plugin's functions are tested by `cargo test`, in any `#[test]`, as others are:
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
//! A [`Stream`] is tested whole and in pieces by [`testing`].
//!
//! # Contracts of one's own
//!
//! What is not about documents is there for plugins of any contract: [`generate!`] makes the bindings, [`options!`]
//! reads options from any list of names and values, [`without_wasi!`] has prints and panics go to the contract's own log,
//! and the log macros are for a contract that imports the interface of [`host`].

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

/// What the macros of this crate call.
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
