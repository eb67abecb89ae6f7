//! `plugwright sign`: signs plugins, each with a signature file beside it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{Args, ValueHint};
use plugwright::{ForeignText, Trust, signature_beside};

use crate::commands::key;
use crate::exit::{self, Failed};
use crate::{completion, output, plugin_argument};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The secret key, made by `plugwright key new` or by `minisign -G`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    key: PathBuf,

    /// The plugins, as names in the folder of built plugins or as files [default: all plugins in that folder]
    #[arg(value_name = "PLUGIN", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugins: Vec<OsString>,
}

pub(crate) fn sign(Arguments { key, plugins }: &Arguments, dist: &Path) -> Result<(), Failed> {
    let plugins = match &**plugins {
        [] => plugin_argument::all_in(dist)?,
        plugins => plugins.to_vec(),
    };
    // Read all plugins before signing the first one.
    let read = |plugin: &OsString| {
        let read = plugin_argument::read_to_sign(plugin, dist)?;
        let path = read.file().unwrap_or(Path::new(read.name())).to_owned();
        // The signer vouches for these bytes, whoever made them, but they must be a component.
        let candidate = read.verify(&Trust::anybody())?;
        candidate.inspect(&[])?;
        Ok((path, candidate))
    };
    let plugins = plugins.iter().map(read).collect::<Result<Vec<_>, Failed>>()?;
    let key = key::read(key).map_err(exit::usage)?;
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    for (path, plugin) in &plugins {
        // The same comment as minisign's, in one line whatever the name of the file.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.escape_debug();
        let comment = format!("timestamp:{}\tfile:{name}\thashed", seconds.as_secs());
        let (file, signature) = (signature_beside(path), key.sign(plugin.bytes(), &comment));
        output::write_beside(&file, signature.as_bytes()).map_err(exit::usage)?;
        let line = format!("{}\n", ForeignText::of_path(file));
        output::tell(&line).map_err(exit::usage)?;
    }
    Ok(())
}
