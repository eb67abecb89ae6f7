//! `plugwright check`: whether files are plugins that this host can run.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{AnyPlugin, Host, Prettify, Transformer, World};

use crate::exit::{self, Failed};
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The files to check
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
}

pub(crate) fn check(Arguments { files }: &Arguments) -> Result<(), Failed> {
    let host = Host::builder().build().map_err(exit::load)?;
    let mut failed = 0;
    for file in files {
        match host.load_any(file) {
            Ok(plugin) => {
                let world = match plugin {
                    AnyPlugin::Prettify(_) => Prettify::NAME,
                    AnyPlugin::Transformer(_) => Transformer::NAME,
                };
                let line = format!("{}: a plugin of the world {world}\n", file.display());
                output::write(None, line.as_bytes()).map_err(exit::usage)?;
            }
            Err(error) => {
                failed += 1;
                exit::show(&error.into());
            }
        }
    }
    match failed {
        0 => Ok(()),
        _ => Err(exit::load(anyhow!("{failed} of {} files cannot be run", files.len()))),
    }
}
