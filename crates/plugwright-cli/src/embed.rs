//! `plugwright embed`: puts a plugin's manifest into the plugin.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueHint};
use plugwright::Manifest;

use crate::exit::{self, Failed};
use crate::guest::Guest;
use crate::{output, plugin_argument};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The manifest, `plugin.toml`
    #[arg(value_name = "MANIFEST", value_hint = ValueHint::FilePath)]
    manifest: PathBuf,

    /// The plugin that it is of, which is written anew with the manifest in it
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    plugin: PathBuf,
}

pub(crate) fn embed(Arguments { manifest, plugin }: &Arguments) -> Result<(), Failed> {
    let shown = manifest.display();
    let text = fs::read_to_string(manifest)
        .with_context(|| {
            format!("cannot read `{shown}`, in which a plugin says what it is: `world = \"transformer\"`")
        })
        .map_err(exit::load)?;
    let read = Manifest::parse(&text).map_err(|error| exit::load(anyhow!("`{shown}`, {error}")))?;
    let is_guest = Guest::read(manifest).map_err(exit::load)?.is_some();
    if is_guest && manifest.with_file_name("Cargo.toml").exists() {
        return Err(exit::load(anyhow!(
            "`{shown}`: cargo builds the plugin, whatever `[guest]` says: leave that out"
        )));
    }
    let bytes = fs::read(plugin)
        .with_context(|| format!("cannot read `{}`", plugin.display()))
        .map_err(exit::load)?;
    let embedded = read.embed(&plugin_argument::name_of(plugin), &bytes)?;
    output::write(Some(plugin), &embedded).map_err(exit::usage)
}
