//! `--locked`, and the lock file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{ForeignText, HostBuilder, Lock, LockError};

use crate::exit::{self, Failed};
use crate::{output, registry};

/// The lock file, unless another file is named.
pub(crate) const FILE: &str = "plugwright.lock";

/// The size of the largest lock file that is read, in bytes.
const MOST: usize = 4 << 20;

/// The lock options of all commands.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Loads only plugins that match the lock file, `plugwright.lock` unless FILE is given; `plugwright add` writes it
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = FILE,
        value_hint = ValueHint::FilePath,
    )]
    locked: Option<PathBuf>,
}

impl Options {
    /// Has the host load only plugins that match the lock file, if `--locked` is given.
    pub(crate) fn apply(&self, host: HostBuilder) -> Result<HostBuilder, Failed> {
        let Some(file) = &self.locked else { return Ok(host) };
        let lock = open(file)?;
        registry::keep_to(&lock);
        Ok(host.lock(lock))
    }

    /// Refuses `--locked` for a command that loads no plugin.
    pub(crate) fn refuse(&self) -> Result<(), Failed> {
        match self.locked {
            None => Ok(()),
            Some(_) => {
                Err(exit::usage(anyhow!("`--locked` is only for commands that load plugins")))
            }
        }
    }

    /// Returns the path of the lock file.
    pub(crate) fn file(&self) -> &Path {
        self.locked.as_deref().unwrap_or(Path::new(FILE))
    }
}

/// Reads the lock file.
pub(crate) fn open(file: &Path) -> Result<Lock, Failed> {
    Lock::open(file).map_err(|error| match &error {
        LockError::File(read) if read.kind() == ErrorKind::NotFound => {
            let file = ForeignText::of_path(file);
            exit::file(anyhow!("there is no lock file `{file}`: `plugwright add` creates it"))
        }
        _ => exit::usage(error),
    })
}

/// Writes the lock file.
pub(crate) fn write(file: &Path, lock: &Lock) -> Result<(), Failed> {
    let text = lock.to_toml();
    // A lock file that cannot be read back must not replace the old one.
    let read =
        Lock::parse(&text).map_err(|error| anyhow!("the new lock file would be invalid: {error}"));
    read.map_err(exit::load)?;
    if text.len() > MOST {
        let error = anyhow!(
            "the new lock file would have {} bytes, more than the limit of {MOST}",
            text.len()
        );
        return Err(exit::load(error));
    }
    output::write(Some(file), text.as_bytes()).map_err(exit::usage)
}
