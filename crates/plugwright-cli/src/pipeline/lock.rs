//! One build at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use plugwright::ForeignText;
use rustix::fs::OFlags;

use crate::begun::cannot_write;
use crate::{log, output, project};

/// That nobody else builds here. The system releases it when the process ends.
pub(crate) struct Lock(#[expect(dead_code, reason = "it is locked as long as it is open")] File);

/// The folder of what is made on the way.
pub(crate) fn folder() -> PathBuf {
    project::target().join("plugwright")
}

impl Lock {
    /// Waits until nobody else builds.
    ///
    /// # Errors
    ///
    /// Says which file cannot be written.
    pub(crate) fn take() -> Result<Self> {
        let folder = folder();
        output::create_folder(&folder)?;
        Self::of(&folder.join("lock"), || {
            "waiting for another build of this folder to end".to_owned()
        })
    }

    /// Waits until nobody else has the file `path` locked, and says `waiting` if somebody has.
    ///
    /// # Errors
    ///
    /// Says that the file cannot be written.
    pub(crate) fn of(path: &Path, waiting: impl FnOnce() -> String) -> Result<Self> {
        let file = open(path).with_context(|| cannot_write(path))?;
        match file.try_lock() {
            Ok(()) => return Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                log::show_text(&format!("{}\n", waiting()));
            }
            // There are file systems that have no locks; `lock` says so.
            Err(TryLockError::Error(_)) => {}
        }
        file.lock().with_context(|| format!("cannot lock `{}`", ForeignText::of_path(path)))?;
        Ok(Self(file))
    }
}

/// Opens a file that is there for its lock alone. Nothing is written, and no link is followed: whoever put it there may
/// lose what it leads to.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.write(true).create(true).truncate(false).custom_flags(flags.bits().cast_signed());
    let file = options.open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(ErrorKind::InvalidInput, "it is no file")),
    }
}
