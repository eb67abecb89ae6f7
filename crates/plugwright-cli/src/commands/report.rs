//! `plugwright report`: all that is known of plugins, as one page.

#[cfg(feature = "report")]
mod facts;
#[cfg(feature = "report")]
mod folder;
#[cfg(feature = "report")]
mod gather;
#[cfg(feature = "report")]
mod materials;
#[cfg(feature = "report")]
mod of_contract;
#[cfg(feature = "report")]
mod seen;
#[cfg(feature = "report")]
mod tested;
#[cfg(feature = "report")]
mod told;

use std::path::PathBuf;

use clap::{Args, ValueHint};

#[cfg(feature = "report")]
pub(crate) use gather::report;

#[derive(Debug, Args)]
#[command(after_help = "\
The page is one file of HTML without scripts, which needs nothing else and no network. What somebody should know first is at its top: cases that fail, plugins that ask for more than before, a contract that breaks
them, budgets, signatures with `--trust`, and what of all this is not known. The cases of the project in the current folder, or in one above it, are run for it; snapshots stay as they are.
Without `--base` nothing is marked as new. The same files make the same page, byte by byte.
It ends with the exit code 0 whatever is found: `plugwright test`, `plugwright contract` and `plugwright check` are what fails.")]
pub(crate) struct Arguments {
    /// The folder of built plugins: those that its `plugins.json` lists, or without one its files `NAME.wasm`; those in
    /// folders below have reports of their own
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    folder: PathBuf,

    /// Writes the page to FILE, or to standard output if it is `-`
    #[arg(short, long, value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    output: PathBuf,

    /// Compares with the plugins in this folder, such as those of the last release, and marks what is another
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    base: Option<PathBuf>,

    /// Shows the times in this file of JSON, as `just bench plugins` in a clone of Plugwright writes it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    bench: Option<PathBuf>,

    /// Writes a summary in Markdown to FILE, too, such as for a run of CI, or to standard output if it is `-`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    markdown: Option<PathBuf>,
}

#[cfg(not(feature = "report"))]
pub(crate) fn report(
    _: &Arguments,
    _: &std::path::Path,
    _: &crate::wit::Options,
    _: &crate::trust::Options,
    _: impl FnOnce() -> Result<plugwright::HostBuilder, crate::exit::Failed>,
) -> Result<(), crate::exit::Failed> {
    Err(crate::exit::usage(anyhow::anyhow!(
        "this command is built without `report`: install one that has it, as `just install` does, or build it with \
         `--features report`"
    )))
}
