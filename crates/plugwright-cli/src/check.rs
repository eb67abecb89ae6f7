//! `plugwright check`: whether files are plugins that this host can run.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{Grants, Host, HostBuilder};

use crate::exit::{self, Failed};
use crate::size::Budget;
use crate::{output, plugin_argument};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The files to check
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,

    #[command(flatten)]
    budget: Budget,
}

pub(crate) fn check(
    Arguments { files, budget }: &Arguments,
    host: HostBuilder,
) -> Result<(), Failed> {
    let host = host.build().map_err(exit::load)?;
    let mut failed = 0;
    for file in files {
        match world(&host, file, budget) {
            Ok((world, grants)) => {
                let needs = match grants.as_slice() {
                    [] => String::new(),
                    grants => format!(", which needs the grants {}", grants.join(", ")),
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

/// The plugin's world, and what it has to be granted.
fn world(
    host: &Host,
    file: &Path,
    budget: &Budget,
) -> Result<(&'static str, Vec<&'static str>), Failed> {
    let read = plugin_argument::read_file(file)?;
    budget.check(&read.name, read.bytes.len())?;
    let needed = plugwright::inspect(&read.name, &read.bytes)?.grants;
    let host = host.granting(Grants::placeholders(&needed));
    Ok((read.load(&host)?.world(), needed))
}
