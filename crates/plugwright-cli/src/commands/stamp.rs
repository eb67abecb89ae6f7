//! `plugwright stamp`: embeds a manifest in its plugin, together with the plugin's description of itself.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{
    ForeignText, Grants, Host, HostBuilder, Limits, Manifest, Trust, Unverified, name_of,
};

use crate::exit::{self, Failed};
use crate::project::build_table::{BuildTable, MANIFEST};
use crate::wit::{self, Of};
use crate::{description, output, plugin_argument};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The manifest, `plugin.toml`
    #[arg(value_name = "MANIFEST", value_hint = ValueHint::FilePath)]
    manifest: PathBuf,

    /// The plugin of the manifest; the file is rewritten with the manifest embedded
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    plugin: PathBuf,

    /// The unstripped plugin, which has the possible values of the options
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    symbols: Option<PathBuf>,
}

pub(crate) fn stamp(
    Arguments { manifest, plugin, symbols }: &Arguments,
    dist: &Path,
    wit: &wit::Options,
    trust: &Trust,
    host: HostBuilder,
) -> Result<(), Failed> {
    let host = host.build().map_err(exit::load)?;
    put(manifest, plugin, symbols.as_deref(), dist, wit, trust, &host)
}

/// Embeds the manifest in the file `manifest` in the plugin in the file `plugin`, together with the description that
/// the plugin returns when `host` calls it. The file `symbols` has the possible values of its options.
pub(crate) fn put(
    manifest: &Path,
    plugin: &Path,
    symbols: Option<&Path>,
    dist: &Path,
    wit: &wit::Options,
    trust: &Trust,
    host: &Host,
) -> Result<(), Failed> {
    let shown = ForeignText::of_path(manifest);
    let text = MANIFEST.read_text(manifest).map_err(|error| {
        let error = anyhow::Error::from(error);
        let told = anyhow!(
            "{error:#}; a plugin declares its world in a manifest, as in `world = \"transformer\"`"
        );
        exit::load(error).as_well(told)
    })?;
    let read = Manifest::parse(&text).map_err(|error| exit::load(anyhow!("`{shown}`, {error}")))?;
    let has_table = BuildTable::read(manifest).map_err(exit::load)?.is_some();
    if has_table && manifest.with_file_name("Cargo.toml").exists() {
        return Err(exit::load(anyhow!(
            "`{shown}`: cargo builds the plugin and ignores `[build]`: leave out that table"
        )));
    }
    if let Some(symbols) = symbols {
        description::check_wasi(&read, symbols)?;
    }
    let candidate = Unverified::open(plugin, &Limits::none())?.signed_beside()?.verify(trust)?;
    let known = wit.known([dist, output::folder_of(plugin)])?;
    let stamped = read.embed(&candidate, known.called(&read.world))?;
    let stamped = Unverified::new(name_of(plugin), stamped).verify(&Trust::anybody())?;
    let inspection = stamped.inspect(known.all())?;
    let schema = match known.of(&inspection) {
        Of::Documents => {
            let host = host.with_grants(Grants::placeholders(&inspection.grants));
            description::answer(&plugin_argument::load(&stamped, &host)?, symbols)?
        }
        Of::World(_) | Of::NoWorld { .. } | Of::Unknown(_) => None,
    };
    let described = schema.map(|schema| {
        let text = serde_json::to_string(&schema).map_err(exit::load)?;
        Ok::<_, Failed>(stamped.with_description(&text)?)
    });
    let described = described.transpose()?;
    output::write(Some(plugin), described.as_deref().unwrap_or(stamped.bytes()))
        .map_err(exit::usage)
}
