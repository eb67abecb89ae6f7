//! The program behind `just release`. A dry run makes all files of a release and changes nothing. Without `--dry-run`, the
//! program prepares the working tree for the release commit. It never pushes or publishes anything: the workflow
//! `.github/workflows/release.yml` does that, with the subcommands `archive`, `crates` and `join` of this program.

mod archive;
mod changelog;
mod checks;
mod crates;
mod dry_run;
mod files;
mod git;
mod join;
mod package;
mod plugins;
mod prepare;
mod run;
mod statement;
mod version;

use std::env;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};

/// Makes a release of this workspace
#[derive(Debug, Parser)]
#[command(name = "release", args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,

    #[command(flatten)]
    whole: Whole,
}

/// The arguments for a whole release.
#[derive(Debug, Args)]
struct Whole {
    /// The version to release, such as `0.2.0`
    #[arg(required = true)]
    version: Option<String>,

    /// Make all files of the release from a copy of the last commit, and print what would be pushed
    #[arg(long)]
    dry_run: bool,

    /// The `plugwright` command that checks the contract
    #[arg(
        long,
        value_name = "FILE",
        env = "PLUGWRIGHT",
        default_value = "target/debug/plugwright"
    )]
    plugwright: PathBuf,

    /// The folder for the files, which must not exist yet [default: target/releases/VERSION]
    #[arg(long, value_name = "FOLDER", requires = "dry_run")]
    output: Option<PathBuf>,

    #[command(flatten)]
    built: Built,

    #[command(flatten)]
    joined: Joined,
}

/// A command that is already built.
#[derive(Debug, Args)]
struct Built {
    /// A built command, instead of the one that `just install` builds
    #[arg(long, value_name = "FILE")]
    command: Option<PathBuf>,

    /// The folder of the adapters for that command
    #[arg(long, value_name = "FOLDER", default_value = "dist/http", requires = "command")]
    adapters: PathBuf,
}

/// The files of a release besides the archives of the command.
#[derive(Debug, Args)]
struct Joined {
    /// A folder of packaged crates, instead of those that `just package` makes
    #[arg(long, value_name = "FOLDER")]
    crates: Option<PathBuf>,

    /// A folder of built plugins, such as `dist`, to add an archive of
    #[arg(long, value_name = "FOLDER")]
    plugins: Option<PathBuf>,

    /// The builder in the provenance statement, a URI
    #[arg(
        long,
        value_name = "URI",
        env = "PLUGWRIGHT_BUILT_BY",
        default_value = "urn:plugwright:builder:local"
    )]
    built_by: String,
}

/// The subcommands for the workflow, which runs each on another machine.
#[derive(Debug, Subcommand)]
enum Part {
    /// Make the archive of the command for this machine, with the version in Cargo.toml
    Archive {
        /// The folder for the archive
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,

        #[command(flatten)]
        built: Built,
    },
    /// List the crates to publish and their versions, in the order of their dependencies
    Crates,
    /// Package the crates to publish, and build each package on its own, offline, from vendored sources
    Package,
    /// Add the crates, the plugins, the notes, the provenance statement and the checksums to the archives in a folder
    Join {
        /// The folder of the archives
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,

        /// The pushed tag, which must match the version in Cargo.toml; without it, this is a dry run
        #[arg(long, value_name = "TAG")]
        tag: Option<String>,

        #[command(flatten)]
        joined: Joined,
    },
}

fn main() -> ExitCode {
    let Arguments { part, whole } = Arguments::parse();
    match perform(part.as_ref(), &whole).and_then(|told| tell(&told)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If this fails, there is nowhere left to report it.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs what the arguments ask for, and returns the text for standard output.
fn perform(part: Option<&Part>, whole: &Whole) -> Result<String> {
    let root = env::current_dir().context("cannot find the current folder")?;
    let target = root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()));
    match part {
        Some(Part::Archive { folder, built }) => archive::archive(&root, &target, folder, built),
        Some(Part::Crates) => {
            let public = crates::public(&root, &version::current(&root)?)?;
            Ok(public.iter().map(|it| format!("{} {}\n", it.name, it.version)).collect())
        }
        Some(Part::Package) => {
            let public = crates::public(&root, &version::current(&root)?)?;
            let folder = package::package(&root, &target, &public)?;
            Ok(public.iter().map(|it| format!("{}\n", folder.join(it.file()).display())).collect())
        }
        Some(Part::Join { folder, tag, joined }) => {
            if let Some(tag) = tag {
                checks::tag_of_version(&root, tag)?;
            }
            let commit = git::commit(&root)?;
            let joined = join::join(&root, &target, &commit, folder, joined, tag.is_none())?;
            Ok(joined.shown())
        }
        None => {
            let version = checks::checks(&root, whole.version.as_deref().unwrap_or_default())?;
            checks::contract(&root, &whole.plugwright)?;
            match whole.dry_run {
                true => dry_run::dry_run(&root, &target, &version, whole),
                false => prepare::in_place(&root, &version),
            }
        }
    }
}

fn tell(text: &str) -> Result<()> {
    io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
}
