//! `plugwright index`: writes the list of the plugins in a folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::{Args, ValueHint};
use plugwright::{Dist, DistEntry, ForeignText, Limits, Trust, Unverified};

use crate::exit::{self, Failed};
use crate::wit::{self, Known};
use crate::{output, plugin_argument};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder, with `<plugin>.wasm` files and their unstripped copies in `symbols/`
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
}

pub(crate) fn index(
    Arguments { folder }: &Arguments,
    wit: &wit::Options,
    trust: &Trust,
) -> Result<(), Failed> {
    write(folder, wit, trust, |_| true)
}

/// Writes the list of the plugins in the folder, and copies the contracts of its plugins into it.
/// The list has only the files that are `wanted`.
pub(crate) fn write(
    folder: &Path,
    wit: &wit::Options,
    trust: &Trust,
    wanted: impl Fn(&Path) -> bool,
) -> Result<(), Failed> {
    // This comes first: a contract in the folder may be damaged, and is replaced here before it is read.
    wit.keep(folder).map_err(exit::contract)?;
    let known = wit.known([folder])?;
    let files = plugin_argument::files_in(folder).map_err(exit::load)?;
    let files: Vec<_> = files.into_iter().filter(|file| wanted(file)).collect();
    let entries = entries(folder, files, &known, trust).map_err(exit::load)?;
    let json = serde_json::to_string_pretty(&entries).map_err(exit::load)? + "\n";
    output::write_beside(&folder.join(Dist::MANIFEST), json.as_bytes()).map_err(exit::usage)
}

fn entries(
    folder: &Path,
    files: Vec<PathBuf>,
    known: &Known,
    trust: &Trust,
) -> Result<Vec<DistEntry>> {
    let mut entries = Vec::new();
    for path in files {
        let read = Unverified::open(&path, &Limits::none())?.signed_beside()?;
        let symbols = folder.join("symbols").join(path.file_name().unwrap_or_default());
        let before = fs::metadata(&symbols).with_context(|| {
            let symbols = ForeignText::of_path(&symbols);
            format!("cannot read `{symbols}`, the unstripped plugin: put it there")
        })?;
        let name = read.name().to_owned();
        let inspection = read.verify(trust)?.inspect(known.all())?;
        let no_version = || {
            let path = ForeignText::of_path(&path);
            anyhow!(
                "`{path}` has no version: run `wasm-tools metadata add --version VERSION {path}`"
            )
        };
        entries.push(DistEntry {
            version: inspection.version.clone().ok_or_else(no_version)?,
            world: known.named(&inspection).ok_or_else(|| {
                anyhow!(
                    "the contract of `{}` is unknown: name the folder of its WIT with `--wit`",
                    ForeignText::of_path(&path)
                )
            })?,
            name,
            sha256: inspection.sha256,
            bytes: inspection.bytes as u64,
            bytes_before_strip: before.len(),
            imports: inspection.imports,
            exports: inspection.exports,
        });
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}
