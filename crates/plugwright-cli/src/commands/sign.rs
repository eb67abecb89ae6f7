//! `plugwright sign`: signatures of plugins, each in a file of its own.

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
    /// The secret key, as `plugwright key new` or `minisign -G` made it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    key: PathBuf,

    /// The plugins, as files or as names in the folder of built plugins; all of that folder unless named
    #[arg(value_name = "PLUGIN|FILE", value_hint = ValueHint::FilePath, add = completion::plugins())]
    plugins: Vec<OsString>,
}

pub(crate) fn sign(Arguments { key, plugins }: &Arguments, dist: &Path) -> Result<(), Failed> {
    let plugins = match &**plugins {
        [] => plugin_argument::all_in(dist)?,
        plugins => plugins.to_vec(),
    };
    // All of them are read before the first one is signed.
    let read = |plugin: &OsString| {
        let read = plugin_argument::read_to_sign(plugin, dist)?;
        let path = read.file().unwrap_or(Path::new(read.name())).to_owned();
        // Whoever signs says that these bytes are good, whoever they are from; but they are to be a component's.
        let candidate = read.verify(&Trust::anybody())?;
        candidate.inspect(&[])?;
        Ok((path, candidate))
    };
    let plugins = plugins.iter().map(read).collect::<Result<Vec<_>, Failed>>()?;
    let key = key::read(key).map_err(exit::usage)?;
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    for (path, plugin) in &plugins {
        // What minisign says there, too, in one line whatever the file is called.
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
