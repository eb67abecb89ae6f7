//! `plugwright report`: writes one page with all that is known about plugins.

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
The page is a single HTML file without scripts, which needs no other files and no network. The most important
findings are at the top: failing cases, plugins that ask for more than before, breaking changes of the
contract, exceeded budgets, signatures (with `--trust`), and what could not be determined. The report runs the
cases of the project in the current folder or a folder above it, and leaves their snapshots unchanged.
Without `--base`, nothing is marked as new. The same files always produce the same page, byte for byte.

The exit code is 0 whatever the report finds: use `plugwright test`, `plugwright contract` and
`plugwright check` to fail on problems.")]
pub(crate) struct Arguments {
    /// The folder of built plugins: the plugins that its `plugins.json` lists, or its `.wasm` files without that list;
    /// subfolders need reports of their own
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    folder: PathBuf,

    /// Writes the page to FILE, or to standard output if FILE is `-`
    #[arg(short, long, value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    output: PathBuf,

    /// Compares with the plugins in this folder, such as the last release, and marks what changed
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    base: Option<PathBuf>,

    /// Shows the times in this JSON file, which `just bench plugins` in a clone of Plugwright writes
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    bench: Option<PathBuf>,

    /// Also writes a summary in Markdown, for example for CI, to FILE, or to standard output if FILE is `-`
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
        "this `plugwright` was built without `report`: run `just install` in a clone of Plugwright, or build it with \
         `--features report`"
    )))
}
