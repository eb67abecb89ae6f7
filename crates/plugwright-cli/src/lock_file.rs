//! `--locked`, and the file of what was agreed to.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use plugwright::{HostBuilder, Lock};

use crate::exit::{self, Failed};
use crate::output;

/// Where the lock is, unless another file is named.
pub(crate) const FILE: &str = "plugwright.lock";

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
        Ok(match &self.locked {
            Some(file) => host.lock(Lock::open(file).map_err(exit::usage)?),
            None => host,
        })
    }

    /// The file.
    pub(crate) fn file(&self) -> &Path {
        self.locked.as_deref().unwrap_or(Path::new(FILE))
    }
}

/// Writes the lock.
pub(crate) fn write(file: &Path, lock: &Lock) -> Result<(), Failed> {
    output::write(Some(file), lock.to_toml().as_bytes()).map_err(exit::usage)
}
