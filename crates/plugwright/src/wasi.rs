//! WASI: what a plugin imports of it and was granted, and what Rust's standard library imports whether
//! it is used or not, in a form that gives nothing.

mod directory;
mod file_streams;
mod files;
mod http_memory;
mod on_runtime;
mod open;
mod sizes;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, LinkerInstance, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, io, random};
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::random::{WasiRandom, WasiRandomCtx};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxBuilder, WasiView as _};
use wasmtime_wasi_http::p2::bindings::http;
use wasmtime_wasi_http::{WasiHttp, WasiHttpView as _};

use self::files::HasFiles;
pub(crate) use self::files::{Files, Opened};
pub(crate) use self::http_memory::HttpMemory;
use crate::grants::{Clock, Random, Stdin};
use crate::identity::Identity;
use crate::inspect::Surface;
use crate::log::{LineLog, Log, LogLevel, LogSource};
use crate::meter::SharedMeter;
use crate::wasi::on_runtime::Io;
use crate::{Grants, State};

/// Whether the host gives an interface of WASI to a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// It does.
    Given,
    /// It would, with this grant.
    Grantable(&'static str),
    /// It never does.
    Unknown,
}

/// Says whether the host gives the interface `import`, such as `wasi:cli/stdin@0.2.6`, to a plugin with
/// these grants. Any version 0.2 will do.
///
/// What Rust's standard library imports although a program does not use it is given always: standard
/// streams, environment and folders, which are empty unless granted, and the seed of its hash maps and
/// the monotonic clock, which are the same in every call.
pub(crate) fn offer(import: &str, grants: &Grants) -> Offer {
    let Some(name) = name(import) else { return Offer::Unknown };
    let given = |granted: bool, how| if granted { Offer::Given } else { Offer::Grantable(how) };
    match name {
        "wasi:cli/environment"
        | "wasi:cli/exit"
        | "wasi:cli/stderr"
        | "wasi:cli/stdin"
        | "wasi:cli/stdout"
        | "wasi:cli/terminal-input"
        | "wasi:cli/terminal-output"
        | "wasi:cli/terminal-stderr"
        | "wasi:cli/terminal-stdin"
        | "wasi:cli/terminal-stdout"
        | "wasi:clocks/monotonic-clock"
        | "wasi:filesystem/preopens"
        | "wasi:filesystem/types"
        | "wasi:io/error"
        | "wasi:io/poll"
        | "wasi:io/streams"
        | "wasi:random/insecure-seed" => Offer::Given,
        "wasi:clocks/wall-clock" => given(grants.wall_clock.is_some(), "wall-clock"),
        "wasi:random/random" | "wasi:random/insecure" => given(grants.random.is_some(), "random"),
        "wasi:http/outgoing-handler" | "wasi:http/types" => given(grants.origins.is_some(), "http"),
        _ => Offer::Unknown,
    }
}

/// Says whether a grant of that kind gives something for the interface `import`.
pub(crate) fn is_for(kind: &str, import: &str) -> bool {
    let interfaces: &[&str] = match kind {
        "folder" | "folder-rw" => &["wasi:filesystem/preopens"],
        "variable" | "argument" => &["wasi:cli/environment"],
        "stdin" => &["wasi:cli/stdin"],
        // With the one the other is real, too.
        "wall-clock" => &["wasi:clocks/wall-clock", "wasi:clocks/monotonic-clock"],
        "random" => &["wasi:random/random", "wasi:random/insecure"],
        "http" => &["wasi:http/outgoing-handler"],
        _ => &[],
    };
    name(import).is_some_and(|name| interfaces.contains(&name))
}

/// What a component has to be granted.
pub(crate) fn needed_grants(surface: &Surface) -> Vec<&'static str> {
    let none = Grants::none();
    let needed: BTreeSet<_> = surface
        .called()
        .filter_map(|import| match offer(import, &none) {
            Offer::Grantable(grant) => Some(grant),
            Offer::Given | Offer::Unknown => None,
        })
        .collect();
    needed.into_iter().collect()
}

/// Says whether a plugin with these imports may wait for something of WASI, for which the library's
/// [runtime](crate::runtime) has to run.
pub(crate) fn waits(imports: &[String]) -> bool {
    imports.iter().filter_map(|import| name(import)).any(|name| {
        matches!(
            name,
            "wasi:filesystem/types"
                | "wasi:http/outgoing-handler"
                | "wasi:io/poll"
                | "wasi:io/streams"
        )
    })
}

/// Links those of `imports` that [`offer`] gives.
pub(crate) fn link<D: Send + 'static>(
    imports: &[String],
    linker: &mut Linker<State<D>>,
) -> Result<()> {
    // The same interface in two versions is linked once.
    let names: BTreeSet<&str> = imports.iter().filter_map(|import| name(import)).collect();
    names.into_iter().try_for_each(|name| link_one(name, linker))
}

/// The name without its version, of an interface of WASI 0.2.
fn name(import: &str) -> Option<&str> {
    let (name, version) = import.split_once('@')?;
    let of_wasi =
        name.starts_with("wasi:") && version.starts_with("0.2.") && !version.contains('-');
    of_wasi.then_some(name)
}

fn link_one<D: Send + 'static>(name: &str, l: &mut Linker<State<D>>) -> Result<()> {
    match name {
        "wasi:cli/environment" => cli::environment::add_to_linker::<_, WasiCli>(l, State::cli),
        "wasi:cli/exit" => cli::exit::add_to_linker::<_, WasiCli>(l, State::cli),
        "wasi:cli/stderr" => cli::stderr::add_to_linker::<_, WasiCli>(l, State::cli),
        "wasi:cli/stdin" => cli::stdin::add_to_linker::<_, WasiCli>(l, State::cli),
        "wasi:cli/stdout" => cli::stdout::add_to_linker::<_, WasiCli>(l, State::cli),
        "wasi:cli/terminal-input" => {
            cli::terminal_input::add_to_linker::<_, WasiCli>(l, State::cli)
        }
        "wasi:cli/terminal-output" => {
            cli::terminal_output::add_to_linker::<_, WasiCli>(l, State::cli)
        }
        "wasi:cli/terminal-stderr" => {
            cli::terminal_stderr::add_to_linker::<_, WasiCli>(l, State::cli)
        }
        "wasi:cli/terminal-stdin" => {
            cli::terminal_stdin::add_to_linker::<_, WasiCli>(l, State::cli)
        }
        "wasi:cli/terminal-stdout" => {
            cli::terminal_stdout::add_to_linker::<_, WasiCli>(l, State::cli)
        }
        "wasi:clocks/monotonic-clock" => {
            clocks::monotonic_clock::add_to_linker::<_, WasiClocks>(l, State::clocks)
        }
        "wasi:clocks/wall-clock" => {
            clocks::wall_clock::add_to_linker::<_, WasiClocks>(l, State::clocks)
        }
        "wasi:filesystem/preopens" => {
            filesystem::preopens::add_to_linker::<_, HasFiles>(l, State::files)
        }
        "wasi:filesystem/types" => {
            let mut types = shadowing(l, "wasi:filesystem/types@0.2.0")?;
            filesystem::types::add_to_linker_instance::<_, HasFiles>(&mut types, State::files)?;
            directory::link(&mut types)
        }
        "wasi:http/outgoing-handler" => {
            let mut handler = shadowing(l, "wasi:http/outgoing-handler@0.2.0")?;
            http_memory::link_handler(&mut handler)
        }
        "wasi:http/types" => {
            let options = http::types::LinkOptions::default();
            let mut types = shadowing(l, "wasi:http/types@0.2.0")?;
            http::types::add_to_linker_instance::<_, WasiHttp>(&mut types, &options, State::http)?;
            http_memory::link_types(&mut types)
        }
        "wasi:io/error" => {
            let mut error = shadowing(l, "wasi:io/error@0.2.0")?;
            io::error::add_to_linker_instance::<_, Errors>(&mut error, Errors::of)?;
            sizes::link_error(&mut error)
        }
        "wasi:io/poll" => io::poll::add_to_linker::<_, Io>(l, Io::of),
        "wasi:io/streams" => io::streams::add_to_linker::<_, Io>(l, Io::of),
        "wasi:random/insecure" => {
            let mut insecure = shadowing(l, "wasi:random/insecure@0.2.0")?;
            random::insecure::add_to_linker_instance::<_, WasiRandom>(&mut insecure, of_random)?;
            sizes::link_insecure(&mut insecure)
        }
        "wasi:random/insecure-seed" => {
            random::insecure_seed::add_to_linker::<_, WasiRandom>(l, of_random)
        }
        "wasi:random/random" => {
            let mut secure = shadowing(l, "wasi:random/random@0.2.0")?;
            random::random::add_to_linker_instance::<_, WasiRandom>(&mut secure, of_random)?;
            sizes::link_random(&mut secure)
        }
        _ => Ok(()),
    }
}

/// The interface `name`, in which a function can take the place of another one. Its version is any: all
/// versions 0.2 are one to the linker.
fn shadowing<'l, D: 'static>(
    linker: &'l mut Linker<State<D>>,
    name: &str,
) -> Result<LinkerInstance<'l, State<D>>> {
    linker.allow_shadowing(true).instance(name)
}

fn of_random<D: Send>(state: &mut State<D>) -> &mut WasiRandomCtx {
    state.ctx().ctx.random()
}

/// A WASI for one call of `plugin`, with what it was granted. Folders are [`Files`]' own.
pub(crate) fn context(identity: &Identity, log: &Log, meter: &Arc<SharedMeter>) -> WasiCtx {
    // The builder's own defaults close standard input, arguments, environment, folders and sockets,
    // but leave the machine's clocks and random numbers open.
    let Identity { name: plugin, grants, .. } = identity;
    let mut builder = WasiCtxBuilder::new();
    builder
        .stdout(LineLog::new(log, plugin, LogSource::Stdout, LogLevel::Info, meter))
        .stderr(LineLog::new(log, plugin, LogSource::Stderr, LogLevel::Warn, meter))
        .args(&grants.arguments);
    for (name, value) in &grants.variables {
        builder.env(name, value);
    }
    match &grants.stdin {
        Some(Stdin::Bytes(bytes)) => {
            builder.stdin(MemoryInputPipe::new(bytes.clone()));
        }
        Some(Stdin::Inherited) => {
            builder.inherit_stdin();
        }
        None => {}
    }
    match grants.wall_clock {
        Some(Clock::Real) => {}
        fixed => {
            let time = fixed.and_then(Clock::fixed).unwrap_or_default();
            builder.wall_clock(FixedClock(time)).monotonic_clock(CountingClock::default());
        }
    }
    match grants.random {
        Some(Random::Real) => {}
        seeded => {
            let seed = match seeded {
                Some(Random::Seeded(seed)) => seed,
                _ => 0,
            };
            builder
                .secure_random(StdRng::seed_from_u64(seed))
                .insecure_random(StdRng::seed_from_u64(!seed))
                .insecure_random_seed(seed.into());
        }
    }
    builder.build()
}

/// A wall clock that stands.
struct FixedClock(Duration);

impl HostWallClock for FixedClock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        self.0
    }
}

/// A monotonic clock that advances one millisecond a reading: language runtimes that wait for time
/// to pass would hang on one that stands.
#[derive(Default)]
struct CountingClock(AtomicU64);

impl HostMonotonicClock for CountingClock {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        self.0.fetch_add(1_000_000, Ordering::Relaxed)
    }
}

/// Gives `wasi:io/error` the table of errors.
struct Errors;

impl Errors {
    fn of<D>(state: &mut State<D>) -> &mut ResourceTable {
        &mut state.resources
    }
}

impl HasData for Errors {
    type Data<'a> = &'a mut ResourceTable;
}
