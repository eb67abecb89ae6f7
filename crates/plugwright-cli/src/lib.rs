//! The `plugwright` command as a library, so that it can be a program of another workspace, and that what reads and
//! compares files of others can be tried on its own.

// As in the library: places in bytes and texts of others are looked up, and not sliced.
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
#[expect(clippy::indexing_slicing, reason = "a number of an arena is of something in it")]
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

/// Runs, checks and inspects WebAssembly component plugins
#[derive(Debug, Parser)]
#[command(
    name = "plugwright",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = format!("{}\n\n{}", exit::HELP, help::MORE)
)]
struct Arguments {
    /// The least important log lines of plugins that are shown, on standard error: off, error, warn,
    /// info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL", default_value = "info")]
    log: LevelFilter,

    /// The folder of built plugins, in which they are found by name [default: dist, or what `plugwright.toml` says]
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
    /// Begins a repository of one's own, with a contract, a plugin and an application
    Init(commands::init::Arguments),
    /// Begins a plugin of a contract, with a first case
    New(new::Arguments),
    /// Builds plugins: compiles, validates, strips and checks them, and puts them into the folder of built plugins
    Build(build::Arguments),
    /// Runs a document through one plugin, or through a chain of them
    Run(run::Arguments),
    /// Calls functions of a plugin of any contract, and answers what it imports, by text
    Call(call::Arguments),
    /// Tests plugins by cases that are files, and keeps what comes out as snapshots
    Test(test::Arguments),
    /// Checks that files are plugins that this host can run
    Check(check::Arguments),
    /// Puts a plugin's manifest into the plugin, once it is true of it
    #[command(hide = true)]
    Stamp(stamp::Arguments),
    /// Shows what a plugin says of itself
    Inspect(inspect::Arguments),
    /// Shows how large plugins are, and what takes the room in them
    Size(size::Arguments),
    /// Shows what a plugin asks for, and writes into the lock that it is agreed to
    Add(commands::add::Arguments),
    /// Shows what the plugins of the lock ask for more than was agreed to, and takes what asks for no more
    Update(commands::add::UpdateArguments),
    /// Puts all that is known of plugins into one page, and what a reviewer asks first at its top
    Report(report::Arguments),
    /// Brings a plugin to a registry of OCI, with its statement of provenance, bill of materials and signature
    Push(push::Arguments),
    /// Brings a plugin from a registry of OCI, and what is said of it
    Pull(pull::Arguments),
    /// Makes a component of a plugin that engines run behind HTTP
    Compose(compose::Arguments),
    /// Makes a pair of keys to sign plugins with
    Key(key::Arguments),
    /// Signs plugins
    Sign(sign::Arguments),
    /// Writes the manifest of a folder of plugins, `plugins.json`
    #[command(hide = true)]
    Index(index::Arguments),
    /// Says whether two folders hold the same plugins, and if not, why
    Compare(compare::Arguments),
    /// Builds plugins again, as somebody else would, and compares them with those that are built
    Verify(verify::Arguments),
    /// Builds plugins twice, as two people in two places, and compares them
    Repro(verify::ReproArguments),
    /// Compares a contract with its last release, and says what of it breaks plugins
    Contract(commands::contract::Arguments),
    /// Shows where compiled code is kept and how much there is, or removes it
    Cache(cache::Arguments),
    /// Prints a script by which a shell completes what is typed after `plugwright`
    Completions(completions::Arguments),
    /// Prints this command's page of the manual, or puts all pages into a folder
    Man(man::Arguments),
    /// Puts this command, its completions and its pages of the manual into `bin/` and `share/` of a folder
    #[command(hide = true)]
    Install(install::Arguments),
    /// Shows this help, or that of a command
    Help(help::Arguments),
}

impl Command {
    /// Says whether plugins are loaded, or brought to where they will be, as far as a lock allows it.
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

/// Runs the command with the arguments and the environment of this process, and gives the code to exit with. A program
/// that does this and nothing else is the command.
#[must_use]
pub fn main() -> ExitCode {
    // A process of this command that another one started to compile a plugin goes no further.
    plugwright::compile_worker();
    completions::answer();
    signals::prepare();
    match Arguments::try_parse().and_then(help::as_flag) {
        Ok(arguments) => exit::report(run_command(arguments)),
        // What was asked for, such as help, is a result.
        Err(asked) if !asked.use_stderr() => {
            exit::report(output::tell_styled(&asked.render()).map_err(exit::usage))
        }
        Err(wrong) => wrong.exit(),
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
            // What is put into it is made here, and signed by nobody.
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
