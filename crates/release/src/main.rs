//! The program behind `just release`. A dry run makes all files of a release and changes nothing. Without `--dry-run`, the
//! program prepares the working tree for the release commit. It never pushes or publishes anything: the workflow
//! `.github/workflows/release.yml` does that, with the subcommands `archive`, `crates` and `join` of this program.

mod archive;
mod changelog;
mod checks;
mod contents;
mod crates;
mod dry_run;
mod files;
mod git;
mod join;
mod licences;
mod package;
mod packages;
mod plugins;
mod prepare;
mod run;
mod statement;
mod version;

use std::env;
use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Parser, Subcommand};

use crate::join::How;

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

    /// The `plugwright` command that checks the contract; PLUGWRIGHT names it, too
    #[arg(
        long,
        value_name = "FILE",
        default_value_os_t = variable("PLUGWRIGHT", "target/debug/plugwright")
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
#[derive(Debug, Clone, Args)]
struct Joined {
    /// A folder of packaged crates, instead of those that `just package` makes
    #[arg(long, value_name = "FOLDER")]
    crates: Option<PathBuf>,

    /// A folder of built plugins, such as `dist`, to add an archive of
    #[arg(long, value_name = "FOLDER")]
    plugins: Option<PathBuf>,

    /// The builder in the provenance statement, a URI; PLUGWRIGHT_BUILT_BY names it, too
    #[arg(
        long,
        value_name = "URI",
        value_parser = uri,
        default_value_t = variable("PLUGWRIGHT_BUILT_BY", "urn:plugwright:builder:local").display().to_string()
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

        /// Require the archives of all four systems
        #[arg(long)]
        all_systems: bool,

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
            let _ = writeln!(io::stderr(), "error: {}", printable(&format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}

/// Runs what the arguments ask for, and returns the text for standard output.
fn perform(part: Option<&Part>, whole: &Whole) -> Result<String> {
    let root = env::current_dir().context("cannot find the current folder")?;
    let target = root.join(variable("CARGO_TARGET_DIR", "target"));
    match part {
        Some(Part::Archive { folder, built }) => {
            let _lock = lock(&root, &target)?;
            archive::archive(&root, &target, folder, built)
        }
        Some(Part::Crates) => {
            let public = crates::public(&root, &version::current(&root)?)?;
            Ok(public.iter().map(|it| format!("{} {}\n", it.name, it.version)).collect())
        }
        Some(Part::Package) => {
            let _lock = lock(&root, &target)?;
            let public = crates::public(&root, &version::current(&root)?)?;
            let folder = package::package(&root, &target, &public)?;
            Ok(public.iter().map(|it| format!("{}\n", folder.join(it.file()).display())).collect())
        }
        Some(Part::Join { folder, tag, all_systems, joined }) => {
            if let Some(tag) = tag {
                checks::tag(&root, tag)?;
            }
            let _lock = lock(&root, &target)?;
            let commit = git::commit(&root)?;
            let how = How { is_dry_run: tag.is_none(), all_systems: *all_systems };
            let joined = join::join(&root, &target, &commit, folder, joined, how)?;
            Ok(joined.shown())
        }
        None => {
            let version = checks::checks(&root, whole.version.as_deref().unwrap_or_default())?;
            checks::contract(&root, &whole.plugwright)?;
            if !whole.dry_run {
                return prepare::in_place(&root, &version);
            }
            let _lock = lock(&root, &target)?;
            dry_run::dry_run(&root, &target, &version, whole)
        }
    }
}

/// Keeps others from writing to the same folder below `target`, as long as the returned file is open.
fn lock(root: &Path, target: &Path) -> Result<File> {
    checks::ignored(root, target, "CARGO_TARGET_DIR")?;
    files::create_folder(target)?;
    let path = target.join("release.lock");
    let cannot = || format!("cannot lock `{}`", path.display());
    let file = File::create(&path).with_context(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!("another release is made in `{}`: wait until it has ended", target.display())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(cannot),
    }
}

/// The value of a variable of the environment, or else this default. An empty variable counts as unset.
fn variable(name: &str, default: &str) -> PathBuf {
    env::var_os(name).filter(|it| !it.is_empty()).map_or_else(|| default.into(), PathBuf::from)
}

/// A URI, at least so far that nobody takes something else for one.
fn uri(text: &str) -> Result<String, String> {
    let scheme = text.split_once(':').map(|(scheme, rest)| (scheme.as_bytes(), rest));
    let is_scheme = |scheme: &[u8]| {
        scheme.first().is_some_and(u8::is_ascii_alphabetic)
            && scheme.iter().all(|it| it.is_ascii_alphanumeric() || b"+-.".contains(it))
    };
    let is_odd = |it: char| it.is_control() || it.is_whitespace();
    match scheme {
        Some((scheme, rest)) if is_scheme(scheme) && !rest.is_empty() && !text.contains(is_odd) => {
            Ok(text.to_owned())
        }
        _ => Err("it is not a URI such as `https://example.org/builder`".to_owned()),
    }
}

/// The text without control characters, which could change what a terminal shows.
fn printable(text: &str) -> String {
    let mut shown = String::new();
    for it in text.chars() {
        match it {
            '\n' | '\t' => shown.push(it),
            _ if it.is_control() => shown.extend(it.escape_debug()),
            _ => shown.push(it),
        }
    }
    shown
}

fn tell(text: &str) -> Result<()> {
    io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
}
