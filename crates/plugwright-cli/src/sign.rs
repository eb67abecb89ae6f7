//! `plugwright sign`: signatures of plugins, each in a file of its own.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;
use clap::{Args, ValueHint};
use plugwright::{Dist, signature_beside};

use crate::exit::{self, Failed};
use crate::{key, output};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The secret key, as `plugwright key new` or `minisign -G` made it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    key: PathBuf,

    /// The plugins, as names in the folder of built plugins; all unless named
    #[arg(value_name = "PLUGIN")]
    plugins: Vec<String>,
}

pub(crate) fn sign(Arguments { key, plugins }: &Arguments, folder: &Path) -> Result<(), Failed> {
    let dist = Dist::open(folder).map_err(exit::load)?;
    let all = || dist.plugins().iter().map(|entry| entry.name.clone()).collect();
    let names: Vec<String> = if plugins.is_empty() { all() } else { plugins.clone() };
    // All of them are read before the first one is signed.
    let read = |name: &String| Ok((dist.path(name), dist.read(name)?));
    let plugins: Result<Vec<(PathBuf, Vec<u8>)>> = names.iter().map(read).collect();
    let plugins = plugins.map_err(exit::load)?;
    let key = key::read(key).map_err(exit::usage)?;
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    for (path, bytes) in &plugins {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // What minisign says there, too.
        let comment = format!("timestamp:{}\tfile:{name}\thashed", seconds.as_secs());
        let (file, signature) = (signature_beside(path), key.sign(bytes, &comment));
        output::write(Some(&file), signature.as_bytes()).map_err(exit::usage)?;
        let line = format!("{}\n", file.display());
        output::write(None, line.as_bytes()).map_err(exit::usage)?;
    }
    Ok(())
}
