//! The `plugwright` command as a library, so that another workspace can build the command as its own program.
//! `plugwright init` makes such a workspace. Its `main` is:
//!
//! ```ignore
//! use std::process::ExitCode;
//!
//! fn main() -> ExitCode {
//!     plugwright_cli::main()
//! }
//! ```
//!
//! The features `compose`, `registry` and `report` add verbs. The public modules are for the tests of Plugwright
//! itself. They read and compare untrusted files.

// As in the library: code uses checked access for positions in foreign bytes and text, and never slices them.
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

pub mod bar;
mod begun;
mod chain;
#[warn(clippy::arithmetic_side_effects)]
pub mod chain_file;
mod commands;
#[warn(clippy::arithmetic_side_effects)]
pub mod comparison;
mod compiler;
mod completion;
#[warn(clippy::arithmetic_side_effects)]
pub mod contract;
mod description;
mod exit;
#[warn(clippy::arithmetic_side_effects)]
pub mod folder_link;
mod init;
mod input;
mod lock_file;
mod log;
mod many;
mod media_types;
mod minisign;
mod output;
mod parallel;
#[warn(clippy::arithmetic_side_effects)]
pub mod parts;
mod permissions;
mod pipeline;
mod plugin_argument;
mod processes;
mod progress;
mod project;
mod readme;
mod rebuild;
mod record;
mod recorded_case;
mod registry;
mod results;
#[warn(clippy::arithmetic_side_effects)]
pub mod review;
mod signals;
#[expect(clippy::indexing_slicing, reason = "an arena contains the item of each of its ids")]
pub mod skeleton;
#[warn(clippy::arithmetic_side_effects)]
pub mod sources;
#[warn(clippy::arithmetic_side_effects)]
pub mod statement;
mod stats;
mod stream;
#[warn(clippy::arithmetic_side_effects)]
pub mod surface;
mod template;
mod tested;
mod text_argument;
mod trust;
mod visible;
mod watch;
mod wit;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing::level_filters::LevelFilter;

use crate::commands::{
    build, cache, call, check, compare, completions, compose, help, index, inspect, install, key,
    man, new, pull, push, report, run, sign, size, stamp, test, verify,
};
use crate::exit::Failed;
use crate::project::Project;

/// Builds, tests, runs and ships plugins that are WebAssembly components
#[derive(Debug, Parser)]
#[command(
    name = "plugwright",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = format!("{}\n\n{}", exit::HELP, help::MORE)
)]
struct Arguments {
    /// The lowest level of plugin log lines to show on standard error: off, error, warn, info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL", default_value = "info")]
    log: LevelFilter,

    /// The folder of built plugins, where plugins are found by name [default: dist, or as set in `plugwright.toml`]
    #[arg(long, global = true, value_name = "FOLDER", env = "PLUGWRIGHT_DIST")]
    dist: Option<PathBuf>,

    #[command(flatten)]
    wit: wit::Options,

    #[command(flatten)]
    cache: cache::Options,

    #[command(flatten)]
    compiler: compiler::Options,

    #[command(flatten)]
    trust: trust::Options,

    #[command(flatten)]
    lock: lock_file::Options,

    #[command(flatten)]
    registry: registry::Options,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Creates a new repository with a contract, a plugin and an application
    Init(commands::init::Arguments),
    /// Creates a new plugin for a contract, with a first test case
    New(new::Arguments),
    /// Builds plugins: compiles, validates, strips and checks them, and puts them into the folder of built plugins
    Build(build::Arguments),
    /// Runs a document through a plugin or a chain of plugins
    Run(run::Arguments),
    /// Calls functions of a plugin of any contract with text statements, or lists its functions
    Call(call::Arguments),
    /// Tests plugins with case files, and compares the results with snapshots
    Test(test::Arguments),
    /// Checks that this host can run plugins
    Check(check::Arguments),
    /// Embeds a manifest in its plugin, after checking that the manifest is true
    #[command(hide = true)]
    Stamp(stamp::Arguments),
    /// Shows a plugin's metadata, imports, exports and options
    Inspect(inspect::Arguments),
    /// Shows the size of plugins, and which parts take the most space
    Size(size::Arguments),
    /// Shows what a plugin asks for, and records in the lock file that this was agreed to
    Add(commands::add::Arguments),
    /// Updates the plugins in the lock file, and shows what asks for more than was agreed to
    Update(commands::add::UpdateArguments),
    /// Writes one page with all that is known about plugins, with findings first
    Report(report::Arguments),
    /// Pushes a plugin to an OCI registry, with its provenance, bill of materials and signature
    Push(push::Arguments),
    /// Pulls a plugin from an OCI registry, with its provenance, bill of materials and signature
    Pull(pull::Arguments),
    /// Wraps a plugin in a component that WebAssembly engines can serve over HTTP
    Compose(compose::Arguments),
    /// Creates a key pair for signing plugins
    Key(key::Arguments),
    /// Signs plugins
    Sign(sign::Arguments),
    /// Writes `plugins.json`, the list of the plugins in a folder
    #[command(hide = true)]
    Index(index::Arguments),
    /// Compares two folders of plugins, and explains how they differ
    Compare(compare::Arguments),
    /// Rebuilds plugins in a fresh place, and compares them with the built plugins
    Verify(verify::Arguments),
    /// Builds plugins twice, in two different places, and compares the results
    Repro(verify::ReproArguments),
    /// Compares a contract with its last release, and shows which changes break plugins
    Contract(commands::contract::Arguments),
    /// Shows the cache of compiled code, or clears it
    Cache(cache::Arguments),
    /// Prints a shell's completion script for `plugwright`
    Completions(completions::Arguments),
    /// Prints the man page of `plugwright`, or writes all its man pages to a folder
    Man(man::Arguments),
    /// Installs this command, its completions and its man pages into `bin/` and `share/` of a folder
    #[command(hide = true)]
    Install(install::Arguments),
    /// Shows this help, or the help of a command
    Help(help::Arguments),
}

impl Command {
    /// Returns whether the command loads plugins, or puts them where they will be loaded, so that a lock file applies
    /// to it.
    fn loads_plugins(&self) -> bool {
        matches!(
            self,
            Self::Run(_)
                | Self::Call(_)
                | Self::Test(_)
                | Self::Check(_)
                | Self::Inspect(_)
                | Self::Build(_)
                | Self::Add(_)
                | Self::Update(_)
                | Self::Pull(_)
                | Self::Compose(_)
        )
    }
}

/// Runs the command with the arguments and the environment of this process, and returns the exit code. A program whose
/// `main` only calls this function is the `plugwright` command.
#[must_use]
pub fn main() -> ExitCode {
    // In a process that another `plugwright` started to compile a plugin, this call does not return.
    plugwright::compile_worker();
    completions::answer();
    signals::prepare();
    match Arguments::try_parse().and_then(help::as_flag) {
        Ok(arguments) => exit::report(run_command(arguments)),
        // Output that the user asked for, such as help, is a result and not an error.
        Err(asked) if !asked.use_stderr() => {
            exit::report(output::tell_styled(&asked.render()).map_err(exit::usage))
        }
        Err(wrong) => visible::visible_error(wrong).exit(),
    }
}

fn run_command(
    Arguments { log, dist, wit, cache, compiler, trust, lock, registry, command }: Arguments,
) -> Result<(), Failed> {
    registry::prepare(registry);
    if !command.loads_plugins() {
        lock.refuse()?;
    }
    let stats = match &command {
        Command::Run(arguments) => arguments.stats(),
        Command::Call(arguments) => arguments.stats(),
        _ => None,
    };
    log::show(log, stats.as_ref());
    let project = match command {
        Command::Help(_)
        | Command::Key(_)
        | Command::Init(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Install(_) => Project::unread(),
        _ => Project::find().map_err(exit::usage)?,
    };
    let project = project.with(dist, wit.named().map(Into::into));
    let (dist, wit) = (project.dist(), wit.or_in(project.wit()));
    let host = || lock.apply(trust.apply(compiler.apply(cache.host()?)?)?);
    match command {
        Command::Build(arguments) => {
            trust.trust().and_then(|trust| build::build(&arguments, project, &trust, host))
        }
        Command::Init(arguments) => commands::init::init(&arguments),
        Command::New(arguments) => new::new(&arguments, project),
        Command::Run(arguments) => {
            host().and_then(|host| run::run(&arguments, &dist, host, stats.as_ref()))
        }
        Command::Call(arguments) => {
            host().and_then(|host| call::call(&arguments, &dist, &wit, host, stats.as_ref()))
        }
        Command::Test(arguments) => test::test(&arguments, &dist, host),
        Command::Check(arguments) => {
            host().and_then(|host| check::check(&arguments, &dist, &wit, host))
        }
        Command::Stamp(arguments) => {
            // `stamp` makes the stamped plugin itself, so the plugin has no signature to check yet.
            let host = cache.host().and_then(|host| compiler.apply(host));
            let trust = trust.trust()?;
            host.and_then(|host| stamp::stamp(&arguments, &dist, &wit, &trust, host))
        }
        Command::Inspect(arguments) => {
            host().and_then(|host| inspect::inspect(&arguments, &dist, &wit, host))
        }
        Command::Size(arguments) => {
            trust.trust().and_then(|trust| size::size(&arguments, &dist, &trust))
        }
        Command::Report(arguments) => {
            report::report(&arguments, &project.wit(), &wit, &trust, host)
        }
        Command::Key(arguments) => key::key(&arguments),
        Command::Add(arguments) => commands::add::add(&arguments, &dist, &trust, &lock),
        Command::Update(arguments) => commands::add::update(&arguments, &dist, &trust, &lock),
        Command::Push(arguments) => {
            trust.trust().and_then(|trust| push::push(&arguments, &dist, &trust))
        }
        Command::Pull(arguments) => host().and_then(|host| pull::pull(&arguments, host)),
        Command::Compose(arguments) => {
            host().and_then(|host| compose::compose(&arguments, &dist, &wit, host))
        }
        Command::Sign(arguments) => sign::sign(&arguments, &dist),
        Command::Index(arguments) => {
            trust.trust().and_then(|trust| index::index(&arguments, &wit, &trust))
        }
        Command::Compare(arguments) => {
            trust.trust().and_then(|trust| compare::compare(&arguments, &trust))
        }
        Command::Verify(arguments) => {
            trust.trust().and_then(|trust| verify::verify(&arguments, project, &trust))
        }
        Command::Repro(arguments) => {
            trust.trust().and_then(|trust| verify::repro(&arguments, project, &trust))
        }
        Command::Contract(arguments) => commands::contract::contract(&arguments, &project.wit()),
        Command::Cache(arguments) => cache::cache(&arguments, &cache),
        Command::Completions(arguments) => completions::completions(&arguments),
        Command::Man(arguments) => man::man(&arguments),
        Command::Install(arguments) => install::install(&arguments),
        Command::Help(_) => help::all(),
    }
}
