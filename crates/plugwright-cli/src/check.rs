//! `plugwright check`: whether files are plugins that this host can run.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{Host, HostBuilder};

use crate::exit::{self, Failed};
use crate::{output, plugin_argument};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The files to check
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
}

pub(crate) fn check(Arguments { files }: &Arguments, host: HostBuilder) -> Result<(), Failed> {
    let host = host.build().map_err(exit::load)?;
    let mut failed = 0;
    for file in files {
        match world(&host, file) {
            Ok(world) => {
                let line = format!("{}: a plugin of the world {world}\n", file.display());
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

fn world(host: &Host, file: &Path) -> Result<&'static str, Failed> {
    Ok(plugin_argument::read_file(file)?.load(host)?.world())
}
