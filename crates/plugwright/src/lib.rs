//! Loads, checks and runs WebAssembly component plugins: typed, closed by default.
//!
//! A [`Host`] holds the engine that all plugins share. [`Host::load`] reads a component, checks it against a [`World`] and compiles
//! it. It gives a [`Plugin`]. Calls of it are typed, and each runs in an instance of its own, so that nothing is left over from one
//! call to the next.
//!
//! ```no_run
//! use plugwright::{Host, Plugin};
//!
//! plugwright::world!(Greeter, GreeterPre = "greeter" inline "
//!     package demo:greetings@0.1.0;
//!
//!     world greeter {
//!         export greet: func(name: string) -> result<string, string>;
//!     }
//! ");
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let host = Host::builder().build()?;
//! let greeter: Plugin<Greeter> = host.load("dist/greeter.wasm")?;
//! let greeting = greeter.call("greet", async |greeter, store| greeter.call_greet(store, "Ada").await)?;
//! println!("{greeting}");
//! # Ok(())
//! # }
//! ```
//!
//! # Contracts
//!
//! The host knows no contract. All that it has to know of one comes from its WIT. [`world!`] makes a world known. The world's host
//! functions are methods on [`State`]. Plugins are called by [`Plugin::call`] and [`Plugin::call_async`], or in an instance that is
//! [kept](Plugin::keep) over several calls. If a world was released in several versions, each older one has an adapter:
//! [`World::OLDER`]. The crate `plugwright-contract` has worlds of plugins that transform documents.
//!
//! # Grants
//!
//! A plugin can touch what its world imports and what [`Grants`] give it, and nothing else. What is not granted is not linked, and a
//! plugin that imports it is not loaded. Rust's standard library imports some of WASI whether a program uses it or not. The host
//! links those interfaces in a form that gives nothing: no arguments, no environment, no folders, standard input at its end,
//! a monotonic clock that advances one millisecond a reading, and a seed for hash maps that is the same in every call. Sockets are
//! never linked. So, without grants, a plugin's answer depends on its arguments alone.
//!
//! A plugin built by the pipeline holds a [`Manifest`]. It says what the plugin asks for and what it stays within. The plugin gets what
//! it asks for *and* was granted. An operator can write a [`Policy`]: which plugins are loaded at all, and what each of them is
//! granted. [`HostBuilder::policy`] takes it.
//!
//! # Limits
//!
//! Each call has [`Limits`]: time, memory, stack, what goes to the host and what comes out. The host has limits, and so has the
//! [handle](Plugin::with_limits) that is called; the stricter ones hold. A call that exceeds one ends with [`CallError::Exceeded`]. A
//! trap ends with [`CallError::Trapped`]. Either way the instance is gone, and the next call gets a fresh one.
//!
//! # Synchronous and asynchronous calls
//!
//! [`Plugin::call`] waits for the answer, also inside a Tokio runtime. [`Plugin::call_async`] gives other tasks their turn every few
//! milliseconds while the plugin computes. Dropping it ends the plugin's work. It runs on any executor, because threads of this
//! library do what plugins wait for. Any number of threads and tasks can call a [`Plugin`] at once. Calls beyond
//! [`HostBuilder::concurrency`] wait for their turn.
//!
//! # Metrics
//!
//! Loading and calling are spans of the `tracing` crate with the target [`CALL_TARGET`]. Their fields are time, memory and bytes.
//!
//! # Hot reload
//!
//! [`Host::watch`] loads a plugin and watches its file. A file that changes is checked and compiled meanwhile, and serves from the next
//! call on. A broken file is refused, and the plugin before it goes on serving.
//!
//! # Logs
//!
//! What a plugin logs, and each line that it writes to standard output and standard error, is an event of the `tracing` crate with the
//! target [`LOG_TARGET`], in the order in which it came. [`Plugin::with_log`] gives the lines of some calls to a function of the
//! application instead.
//!
//! # Traps
//!
//! [`CallError::Trapped`] has the [`TrapKind`], and the plugin's functions that were running, each a [`Frame`]. Plugins ship
//! stripped, so names, files and lines come from the symbols that the pipeline keeps: a file of the same name in the folder
//! `symbols` beside the plugin, or the one given to [`Plugin::with_symbols`].
//!
//! # Signatures
//!
//! A host loads any plugin, unless [`HostBuilder::trust`] gives it public keys. Then it does nothing with bytes before it finds a good
//! signature of one of these keys: that of minisign, in a file [beside](signature_beside) the plugin's.
//!
//! # Compiling
//!
//! The cost of compiling a plugin is not known before it is compiled. A [`Compiler`] says who compiles, and [`HostBuilder::compiler`]
//! takes it: the host's own process, or a process that has limits and can be ended. That program calls [`compile_worker`] first.
//! [`Host::load_async`] keeps no task waiting while a plugin is compiled.
//!
//! # Cache
//!
//! Compiling a plugin takes far longer than calling it. So compiled code is kept in a folder for the user alone, a [`Cache`].
//! [`HostBuilder::cache`] names the folder, and [`HostBuilder::no_cache`] keeps nothing.

// What plugins and files say is never taken for what it should be: a place in their bytes and texts is
// looked up, and not sliced.
#![cfg_attr(docsrs, feature(doc_cfg))]
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

mod admission;
mod call;
mod component;
mod contract;
mod engine;
mod host;
mod permission;
#[cfg(feature = "registry")]
pub mod registry;
mod text;
mod watch;

pub use admission::candidate::{Candidate, Unverified, inspect, name_of};
pub use admission::denial::{Denial, DenialReason};
pub use admission::dist::{Dist, DistEntry, DistError};
pub use admission::inspection::{Inspection, sha256};
pub use admission::load_error::LoadError;
pub use admission::lock::{Lock, LockError, LockedPlugin};
pub use admission::manifest::Manifest;
pub use admission::mismatch::Mismatch;
pub use admission::more::More;
pub use admission::policy::{Allowed, Policy, PolicyError, UnusedRule};
pub use admission::sections::custom_sections;
pub use admission::signature::{KeyError, PublicKey, Trust, read_signature, signature_beside};
pub use admission::size::{Sizes, sizes};
pub use admission::wants::Wants;
pub use call::budget::Held;
pub use call::call_error::{CallError, TrapKind};
pub use call::dynamic::call_text::{ArgumentText, CallText, CallTextError};
pub use call::dynamic::dynamic_error::DynamicError;
pub use call::dynamic::function_name::{FunctionKind, FunctionName, paths};
pub use call::dynamic::functions::{ExportedFunction, FunctionError, Functions, likest};
pub use call::dynamic::imports::{Import, Imports};
pub use call::dynamic::observed::Observed;
pub use call::dynamic::read_value::{Names, NoNames, ValueError, read_value};
pub use call::dynamic::type_text::type_text;
pub use call::dynamic::write_value::{write_value, write_value_whole};
pub use call::dynamic::{AnyWorld, Dynamic, DynamicPre};
pub use call::kept::KeptInstance;
pub use call::log::{LOG_TARGET, LogLevel, LogLine, LogSource};
pub use call::plugin::{CALL_TARGET, Plugin};
pub use call::state::State;
/// The release of wasmtime that this library is built on, for the `bindgen!` of a contract of one's
/// own: see [`World`].
pub use call::wasmtime;
pub use call::world::{OlderWorld, World};
#[doc(hidden)]
pub use call::world_macro::LinksNothing;
pub use component::difference::{Difference, difference};
pub use component::frame::Frame;
pub use component::structure::Excess;
pub use component::symbols::symbols_beside;
pub use contract::error::ContractError;
pub use contract::read::WitFile;
pub use contract::{Contract, WorldType, WorldTypeError};
pub use engine::cache::{Cache, CacheEntry, CacheError};
pub use engine::compiler::Compiler;
pub use engine::compiler::worker::compile_worker;
pub use engine::compiler_error::{CompilerError, CompilerLimit};
pub use engine::error::{BuildError, LimitsError};
pub use host::Host;
pub use host::builder::HostBuilder;
pub use permission::folder::Access;
pub use permission::given_file::{FileError, FileKind};
pub use permission::grant_error::GrantError;
pub use permission::grant_syntax::Grant;
pub use permission::grants::{Clock, Grants, Random, Stdin};
pub use permission::limits::{Exceeded, Limit, Limits, Scope};
pub use permission::requested_grant::RequestedGrant;
pub use text::file_name::NameError;
pub use text::foreign_text::ForeignText;
pub use text::text_error::TextError;
pub use text::toml_text::{TomlError, read_toml};
pub use watch::file_watch::FileWatch;
pub use watch::watched::{WatchError, Watched};
/// The release of wit-parser that contracts are decoded with: see [`Contract::resolve`].
pub use wit_parser;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
