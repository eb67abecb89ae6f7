//! Loads, checks and runs plugins that are WebAssembly components. Calls are typed, and plugins get no access by
//! default.
//!
//! A [`Host`] holds the engine that all plugins share. [`Host::load`] reads a component, checks it against a
//! [`World`], compiles it and returns a [`Plugin`]. Calls of a plugin are typed. Each call runs in its own instance, so
//! no state is left over from one call to the next.
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
//! The host has no contract of its own. Everything that it needs to know about a contract comes from the contract's
//! WIT. [`world!`] makes a world known to the host. The world's host functions are methods on [`State`]. Call a plugin
//! with [`Plugin::call`] or [`Plugin::call_async`], or [keep](Plugin::keep) an instance for several calls. If a world
//! was released in several versions, each older version has a version adapter in
//! [`World::OLDER`]. The crate `plugwright-contract` has the worlds of plugins that transform documents.
//!
//! # Grants
//!
//! A plugin can use what its world imports and what [`Grants`] allow, and nothing else. The host does not link what is
//! not granted, and does not load a plugin that imports something that is not linked. Rust's standard library imports
//! parts of WASI whether a program uses them or not. The host links those interfaces in a form that gives no access: no
//! arguments, no environment variables, no folders, standard input at its end, a monotonic clock that advances one
//! millisecond with each reading, and a seed for hash maps that is the same in every call. Sockets are never linked.
//! Without grants, a plugin's answer therefore depends only on its arguments.
//!
//! A plugin that the pipeline builds contains a [`Manifest`], which declares what the plugin requests and which limits
//! it stays within. The plugin gets the grants that it requests *and* that it is given. An operator can write a
//! [`Policy`], which decides which plugins are loaded and what each of them is granted. Pass the policy to
//! [`HostBuilder::policy`].
//!
//! # Limits
//!
//! Each call has [`Limits`] on its time, memory, stack, data passed to the host and output. The host has limits, and so
//! does the [handle](Plugin::with_limits) that is called; for each limit, the stricter value applies. A call that
//! exceeds a limit ends with [`CallError::Exceeded`]. A call that traps ends with [`CallError::Trapped`]. In both cases
//! the instance is dropped, and the next call gets a fresh one.
//!
//! # Synchronous and asynchronous calls
//!
//! [`Plugin::call`] blocks until the answer is there, and can also be used inside a Tokio runtime.
//! [`Plugin::call_async`] yields to other tasks every few milliseconds while the plugin computes. Dropping the future
//! ends the plugin's work. The future runs on any executor, because this library has its own threads for the operations
//! that plugins wait for. Any number of threads and tasks can call a [`Plugin`] at the same time. Calls beyond
//! [`HostBuilder::concurrency`] wait for their turn.
//!
//! # Metrics
//!
//! Each load and each call is a span of the `tracing` crate with the target [`CALL_TARGET`]. The span's fields are
//! time, memory and bytes.
//!
//! # Hot reload
//!
//! [`Host::watch`] loads a plugin and watches its file. When the file changes, the host checks and compiles the new
//! plugin in the background, and uses it from the next call on. If the new file is refused, the previous plugin stays
//! in use.
//!
//! # Logs
//!
//! Each message that a plugin logs, and each line that it writes to standard output or standard error, is an event of
//! the `tracing` crate with the target [`LOG_TARGET`]. The events keep the order of the lines. [`Plugin::with_log`]
//! passes the lines of some calls to a function of the application instead.
//!
//! # Traps
//!
//! [`CallError::Trapped`] contains the [`TrapKind`] and a [`Frame`] for each of the plugin's functions that was
//! running. Plugins ship stripped, so the names, files and lines come from the symbols that the pipeline keeps. They
//! are in a file of the same name in the folder `symbols` beside the plugin, or in the file passed to
//! [`Plugin::with_symbols`].
//!
//! # Signatures
//!
//! By default, a host loads any plugin. [`HostBuilder::trust`] gives the host public keys. The host then uses a
//! plugin's bytes only after it has verified a minisign signature by one of these keys. The signature is in a file
//! [beside](signature_beside) the plugin.
//!
//! # Compiling
//!
//! The cost of compiling a plugin is not known in advance. A [`Compiler`] is either the host's own process, or a
//! separate process that has limits and can be ended. Pass it to [`HostBuilder::compiler`]. The program of a separate
//! process calls [`compile_worker`] first. [`Host::load_async`] does not block a task while a plugin is compiled.
//!
//! # Cache
//!
//! Compiling a plugin takes far longer than calling it, so the host keeps compiled code in a
//! [`Cache`]: a folder that only the user can access. [`HostBuilder::cache`] sets the folder, and
//! [`HostBuilder::no_cache`] turns caching off.

#![cfg_attr(docsrs, feature(doc_cfg))]
// Plugins and files are untrusted: their bytes and texts are read with checked lookups, and never by indexing or
// slicing, which can panic.
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
/// The release of wasmtime that this library is built on, for the application's own use of `bindgen!`: see [`World`].
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
/// The release of wit-parser that decodes contracts: see [`Contract::resolve`].
pub use wit_parser;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
