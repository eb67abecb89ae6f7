//! Loads, checks and runs WebAssembly component plugins: typed, closed by default.
//!
//! A [`Host`] holds the engine that all plugins share. [`Host::load`] reads a component, checks it
//! against a [`World`] and compiles it; what it gives is a [`Plugin`], whose calls are typed and run
//! in an instance of their own, so that nothing is left over from one call to the next.
//!
//! ```no_run
//! use plugwright::{Document, Host, Plugin, Setting, Transformer};
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
//! A plugin of the world [`Streamer`] takes a document piece by piece too, in a [`Session`], so that
//! neither side holds it whole:
//!
//! ```no_run
//! # use plugwright::{Head, Host, Plugin, Streamer};
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
//! # Contracts
//!
//! The worlds of `plugwright:plugin` are the ones that this library brings along, in each version of it that
//! is served: a plugin that was built for an older one has an adapter, which is chosen when it is loaded. An application with a
//! contract of its own implements [`World`] for what [`wasmtime`]'s `bindgen!` makes of it, and calls
//! its plugins by [`Plugin::call`] and [`Plugin::call_async`].
//!
//! # What a plugin can touch
//!
//! Nothing but what its world imports, and what it is given by [`Grants`]. What is not granted is not
//! linked, and a plugin that imports it is not loaded. Rust's standard library imports some of WASI
//! whether a program uses it or not, so the host links those interfaces in a form that gives nothing:
//! no arguments, no environment, no folders, standard input at its end, a monotonic clock that
//! advances one millisecond a reading, and a seed for hash maps that is the same in every call. Sockets
//! are never linked. So, without grants, a plugin's answer depends on its arguments alone.
//!
//! A plugin built by the pipeline holds a [`Manifest`], which says what it asks for and what it stays within:
//! it gets what it asks for and was granted, and nothing else. An operator can write a [`Policy`], which says
//! which plugins are loaded at all, and what each of them is granted: [`HostBuilder::policy`].
//!
//! # What a plugin can use up
//!
//! Each call has [`Limits`]: time, memory, stack, what goes to the host and comes out. They are those
//! of the host and those of the [handle](Plugin::limited) that is called, of which the stricter ones
//! hold. A call that goes beyond one ends with [`CallError::Exceeded`], and a trap ends with
//! [`CallError::Trapped`]; either way the instance is gone, and the next call gets a fresh one.
//!
//! # Synchronous and asynchronous calls
//!
//! Each function of a plugin has two forms. `transform` waits for the answer, also inside of a Tokio
//! runtime. `transform_async` gives other tasks their turn every few milliseconds while the plugin
//! computes; to drop it ends the plugin's work. It runs on any executor, Tokio or not, because what
//! plugins wait for is done by threads of this library. A [`Plugin`] can be called by any number of threads and
//! tasks at once; calls beyond [`HostBuilder::concurrency`] wait for their turn.
//!
//! # Contracts of your own
//!
//! The host knows no contract. One of your own takes wasmtime's `bindgen!` and a [`World`], which is
//! some thirty lines; its host functions are methods on [`State`], and [`Plugin::call`] is what the
//! typed functions of this crate are made of.
//!
//! # What it takes
//!
//! Loading and calling are spans of the `tracing` crate with the target [`CALL_TARGET`], whose fields
//! are time, memory and bytes.
//!
//! # Plugins that change
//!
//! [`Host::watch`] loads a plugin and watches its file: when it changes, it is checked and compiled
//! beside, and serves from the next call on. One that is broken is refused, and the one before goes
//! on serving.
//!
//! # Where a plugin's words go
//!
//! What a plugin logs, and each line that it writes to its standard output and standard error, is an
//! event of the `tracing` crate with the target [`LOG_TARGET`], in the order in which it came. Those of one
//! call, or of some, go to a function of the application's instead: [`Plugin::with_log`].
//!
//! # When a plugin traps
//!
//! [`CallError::Trapped`] says over what, by [`TrapKind`], and in which of the plugin's functions, by
//! [`Frame`]. Plugins ship stripped, so names, files and lines come from the symbols that the pipeline
//! keeps: a file of the same name in the folder `symbols` beside the plugin, or the one given to
//! [`Plugin::with_symbols`].
//!
//! # Whose plugins
//!
//! A host loads any plugin, unless [`HostBuilder::trust`] gives it the public keys of those whose plugins
//! it is to load. Then nothing is done with bytes before a signature of theirs is found good: that of
//! minisign, in a file [beside](signature_beside) the plugin's.
//!
//! # Compiling
//!
//! What a plugin costs to compile is not known before it is compiled. A [`Compiler`] says who does it, and
//! [`HostBuilder::compiler`] takes it: the host's own process, or one that has limits and can be ended, whose
//! program calls [`compile_worker`] first. [`Host::load_async`] holds up nobody while a plugin is compiled.
//!
//! # What is kept on disk
//!
//! Compiling a plugin takes far longer than calling it, so what it was compiled to is kept in a folder
//! for the user alone: a [`Cache`]. [`HostBuilder::cache`] says in which, [`HostBuilder::no_cache`]
//! that nothing is kept.

// What plugins and files say is never taken for what it should be: a place in their bytes and texts is
// looked up, and not sliced.
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

mod amount;
mod bindings;
mod budget;
mod cache;
mod candidate;
mod code;
mod compiler;
mod composition;
mod difference;
mod dist;
mod doctor;
mod engine;
mod error;
mod file_name;
mod file_watch;
mod folder;
mod foreign_text;
mod frame;
mod functions;
mod given_file;
mod grant_error;
mod grants;
mod host;
mod host_functions;
mod http;
mod identity;
mod inspect;
mod instance;
mod limits;
mod loading;
mod log;
mod manifest;
mod map_resource;
mod meter;
mod older;
mod origin;
mod plugin;
mod policy;
mod pools;
mod prettify;
mod refusal;
mod request;
mod runtime;
mod seal;
mod session;
mod size;
mod stack;
mod state;
mod streamer;
mod structure;
mod symbols;
mod text;
mod text_error;
mod threads;
mod ticker;
mod toml_text;
mod transformer;
mod trust;
mod wasi;
mod watch;
mod world;

pub use bindings::streamer::exports::plugwright::plugin::sessions::Head;
pub use bindings::transformer::exports::plugwright::plugin::transform::{
    Attribute, Description, Document, Location, OptionDescription, Setting,
};
pub use budget::Held;
pub use cache::{Cache, CacheEntry, CacheError};
pub use candidate::{Candidate, Unverified, inspect, name_of};
pub use compiler::{Compiler, CompilerError, CompilerLimit, compile_worker};
pub use difference::{Difference, difference};
pub use dist::{Dist, DistEntry, DistError};
pub use doctor::Mismatch;
pub use error::{BuildError, CallError, LimitsError, LoadError, TrapKind};
pub use file_name::NameError;
pub use file_watch::FileWatch;
pub use folder::Access;
pub use foreign_text::ForeignText;
pub use frame::Frame;
pub use given_file::{FileError, FileKind};
pub use grant_error::GrantError;
pub use grants::{Clock, Grants, Random, Stdin};
pub use host::{Host, HostBuilder};
pub use inspect::{Inspection, sha256};
pub use limits::{Exceeded, Limit, Limits, Scope};
pub use log::{LOG_TARGET, LogLevel, LogLine, LogSource};
pub use manifest::Manifest;
pub use plugin::{CALL_TARGET, Plugin};
pub use policy::{Allowed, Idle, Policy, PolicyError};
pub use prettify::{Person, Prettify, PrettifyPre};
pub use refusal::{Refusal, RefusalReason};
pub use request::Request;
pub use session::Session;
pub use size::{Sizes, sizes};
pub use state::State;
pub use streamer::{Streamer, StreamerPre};
pub use structure::Excess;
pub use symbols::symbols_beside;
pub use text::Grant;
pub use text_error::TextError;
pub use toml_text::TomlError;
pub use transformer::{Failure, Transformer, TransformerPre};
pub use trust::{KeyError, PublicKey, Trust, read_signature, signature_beside};
/// The release of wasmtime that this library is built on, for the `bindgen!` of a contract of one's
/// own: see [`World`].
pub use wasmtime;
pub use watch::{WatchError, Watched};
pub use world::{AnyPlugin, Version, World};
