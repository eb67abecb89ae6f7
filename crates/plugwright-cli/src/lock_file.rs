//! `--locked`, and the file of what was agreed to.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{Args, ValueHint};
use plugwright::{ForeignText, HostBuilder, Lock, LockError};

use crate::exit::{self, Failed};
use crate::{output, registry};

/// Where the lock is, unless another file is named.
pub(crate) const FILE: &str = "plugwright.lock";

/// The longest lock that is read, in bytes.
const MOST: usize = 4 << 20;

/// What is loaded, for all commands.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Loads only what was agreed to in the lock, `plugwright.lock` or another file: see `plugwright add`
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
    /// Has the host load what was agreed to alone, if that is asked for.
    pub(crate) fn apply(&self, host: HostBuilder) -> Result<HostBuilder, Failed> {
        let Some(file) = &self.locked else { return Ok(host) };
        let lock = open(file)?;
        registry::keep_to(&lock);
        Ok(host.lock(lock))
    }

    /// Refuses a lock for a command that loads no plugin.
    pub(crate) fn refuse(&self) -> Result<(), Failed> {
        match self.locked {
            None => Ok(()),
            Some(_) => Err(exit::usage(anyhow!("`--locked` is for commands that load plugins"))),
        }
    }

    /// The file.
    pub(crate) fn file(&self) -> &Path {
        self.locked.as_deref().unwrap_or(Path::new(FILE))
    }
}

/// Reads the lock.
pub(crate) fn open(file: &Path) -> Result<Lock, Failed> {
    Lock::open(file).map_err(|error| match &error {
        LockError::File(read) if read.kind() == ErrorKind::NotFound => {
            let file = ForeignText::of_path(file);
            exit::file(anyhow!("there is no lock `{file}`: `plugwright add` begins one"))
        }
        _ => exit::usage(error),
    })
}

/// Writes the lock.
pub(crate) fn write(file: &Path, lock: &Lock) -> Result<(), Failed> {
    let text = lock.to_toml();
    // Nothing is put in its place that nobody can read.
    let read = Lock::parse(&text).map_err(|error| anyhow!("the lock would not be one: {error}"));
    read.map_err(exit::load)?;
    if text.len() > MOST {
        let error = anyhow!("the lock would have {} bytes, and {MOST} are read", text.len());
        return Err(exit::load(error));
    }
    output::write(Some(file), text.as_bytes()).map_err(exit::usage)
}
