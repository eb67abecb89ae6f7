//! `plugwright check`: whether files are plugins that this host can run.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{Grants, Host, HostBuilder, Inspection};

use crate::exit::{self, Failed};
use crate::permissions::LimitOptions;
use crate::size::Causes;
use crate::{output, plugin_argument};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The files to check
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,

    #[command(flatten)]
    causes: Causes,

    #[command(flatten)]
    limits: LimitOptions,
}

pub(crate) fn check(
    Arguments { files, causes, limits }: &Arguments,
    host: HostBuilder,
) -> Result<(), Failed> {
    let host = host.limits(limits.limits()?).build().map_err(exit::load)?;
    let mut failed = 0;
    for file in files {
        match world(&host, file, causes) {
            Ok((world, asks)) => {
                let needs = match asks.as_slice() {
                    [] => String::new(),
                    asks => format!(", which asks for {}", asks.join(", ")),
                };
                let line = format!("{}: a plugin of the world {world}{needs}\n", file.display());
                output::write(None, line.as_bytes()).map_err(exit::usage)?;
            }
            Err(error) => {
                failed += 1;
                exit::show(&error);
            }
        }
    }
    match failed {
        0 => Ok(()),
        _ => Err(exit::load(anyhow!("{failed} of {} files cannot be run", files.len()))),
    }
}

/// The plugin's world, and what it asks to be granted. Without a manifest, that is what it cannot do without.
fn world(host: &Host, file: &Path, causes: &Causes) -> Result<(&'static str, Vec<String>), Failed> {
    let read = plugin_argument::read_file(file)?;
    let Inspection { grants: needed, manifest, .. } = plugwright::inspect(&read.name, &read.bytes)?;
    let budget = manifest.as_ref().and_then(|manifest| manifest.budget);
    causes.check(&read.name, read.bytes.len(), budget)?;
    let host = host.granting(Grants::placeholders(&needed));
    let asks = match manifest {
        Some(manifest) => manifest.grants.iter().map(ToString::to_string).collect(),
        None => needed.iter().map(|grant| (*grant).to_owned()).collect(),
    };
    Ok((read.load(&host)?.world(), asks))
}
