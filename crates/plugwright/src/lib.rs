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
//! # What a plugin can touch
//!
//! Nothing but what its world imports. Rust's standard library imports some of WASI whether a
//! program uses it or not, so the host links those interfaces in a form that gives nothing: no
//! arguments, no environment, no folders, standard input at its end, a wall clock that stands at the
//! Unix epoch, a monotonic clock that advances one millisecond a reading, and random numbers that
//! are the same in every call. Sockets are not linked. So a plugin's answer depends on its arguments
//! alone.
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
//! event of the `tracing` crate with the target [`LOG_TARGET`], in the order in which it came.
//!
//! # When a plugin traps
//!
//! [`CallError::Trapped`] says over what, by [`TrapKind`], and in which of the plugin's functions, by
//! [`Frame`]. Plugins ship stripped, so names, files and lines come from the symbols that the pipeline
//! keeps: a file of the same name in the folder `symbols` beside the plugin, or the one given to
//! [`Plugin::with_symbols`].
//!
//! # What is kept on disk
//!
//! Compiling a plugin takes far longer than calling it, so what it was compiled to is kept in a folder
//! for the user alone: a [`Cache`]. [`HostBuilder::cache`] says in which, [`HostBuilder::no_cache`]
//! that nothing is kept.

mod bindings;
mod cache;
mod dist;
mod doctor;
mod engine;
mod error;
mod file_watch;
mod grants;
mod host;
mod host_functions;
mod inspect;
mod instance;
mod limits;
mod log;
mod plugin;
mod prettify;
mod runtime;
mod session;
mod state;
mod streamer;
mod symbols;
mod ticker;
mod transformer;
mod wasi;
mod watch;
mod world;

pub use bindings::prettify::Prettify;
pub use bindings::streamer::exports::plugwright::plugin::sessions::Head;
pub use bindings::transformer::Transformer;
pub use bindings::transformer::exports::plugwright::plugin::transform::{
    Attribute, Description, Document, Location, OptionDescription, Setting,
};
pub use cache::{Cache, CacheEntry, CacheError};
pub use dist::{Dist, DistEntry, DistError};
pub use doctor::Mismatch;
pub use error::{BuildError, CallError, Frame, LimitsError, LoadError, TrapKind};
pub use file_watch::FileWatch;
pub use grants::{Access, Clock, GrantError, Grants, Random, Stdin};
pub use host::{Host, HostBuilder};
pub use inspect::{Inspection, inspect};
pub use limits::{Exceeded, Limit, Limits};
pub use log::LOG_TARGET;
pub use plugin::{CALL_TARGET, Plugin};
pub use prettify::Person;
pub use session::Session;
pub use state::State;
pub use streamer::{Streamer, StreamerPre};
pub use symbols::symbols_beside;
pub use transformer::Failure;
pub use watch::{WatchError, Watched};
pub use world::{AnyPlugin, World};
