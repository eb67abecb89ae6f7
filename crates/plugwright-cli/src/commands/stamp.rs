//! `plugwright stamp`: puts a plugin's manifest into the plugin.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{ForeignText, Limits, Manifest, Trust, Unverified};

use crate::exit::{self, Failed};
use crate::project::build_table::{BuildTable, MANIFEST};
use crate::{output, wit};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The manifest, `plugin.toml`
    #[arg(value_name = "MANIFEST", value_hint = ValueHint::FilePath)]
    manifest: PathBuf,

    /// The plugin that it is of, which is written anew with the manifest in it
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    plugin: PathBuf,
}

pub(crate) fn stamp(
    Arguments { manifest, plugin }: &Arguments,
    dist: &Path,
    wit: &wit::Options,
    trust: &Trust,
) -> Result<(), Failed> {
    put(manifest, plugin, dist, wit, trust)
}

/// Puts the manifest in the file `manifest` into the plugin in the file `plugin`.
pub(crate) fn put(
    manifest: &Path,
    plugin: &Path,
    dist: &Path,
    wit: &wit::Options,
    trust: &Trust,
) -> Result<(), Failed> {
    let shown = ForeignText::of_path(manifest);
    let text = MANIFEST.read_text(manifest).map_err(|error| {
        let error = anyhow::Error::from(error);
        let told = anyhow!(
            "{error:#}; a plugin says what it is in a manifest, as `world = \"transformer\"`"
        );
        exit::load(error).as_well(told)
    })?;
    let read = Manifest::parse(&text).map_err(|error| exit::load(anyhow!("`{shown}`, {error}")))?;
    let has_table = BuildTable::read(manifest).map_err(exit::load)?.is_some();
    if has_table && manifest.with_file_name("Cargo.toml").exists() {
        return Err(exit::load(anyhow!(
            "`{shown}`: cargo builds the plugin, whatever `[build]` says: leave that out"
        )));
    }
    let candidate = Unverified::open(plugin, &Limits::none())?.signed_beside()?.verify(trust)?;
    let stamped =
        read.embed(&candidate, wit.known([dist, output::folder_of(plugin)])?.called(&read.world))?;
    output::write(Some(plugin), &stamped).map_err(exit::usage)
}
