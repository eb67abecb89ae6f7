//! Allows one build at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use plugwright::ForeignText;
use rustix::fs::OFlags;

use crate::begun::cannot_write;
use crate::{log, output, project};

/// Keeps other builds of this project out. The system releases the lock when the process ends.
pub(crate) struct Lock(#[expect(dead_code, reason = "it is locked as long as it is open")] File);

/// Returns the folder for the pipeline's intermediate files.
pub(crate) fn folder() -> PathBuf {
    project::target().join("plugwright")
}

impl Lock {
    /// Waits until no other build is running, and takes the lock.
    ///
    /// # Errors
    ///
    /// Fails if the lock file cannot be written.
    pub(crate) fn take() -> Result<Self> {
        let folder = folder();
        output::create_folder(&folder)?;
        Self::of(&folder.join("lock"), || {
            "waiting for another build of this folder to end".to_owned()
        })
    }

    /// Waits until no other process has locked the file `path`, and locks it. Shows `waiting` if it has to wait.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written or locked.
    pub(crate) fn of(path: &Path, waiting: impl FnOnce() -> String) -> Result<Self> {
        let file = open(path).with_context(|| cannot_write(path))?;
        match file.try_lock() {
            Ok(()) => return Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                log::show_text(&format!("{}\n", waiting()));
            }
            // Some file systems have no locks. `lock` below reports that.
            Err(TryLockError::Error(_)) => {}
        }
        file.lock().with_context(|| format!("cannot lock `{}`", ForeignText::of_path(path)))?;
        Ok(Self(file))
    }
}

/// Opens a file that serves only as a lock. Nothing is written to it. Links are not followed, so that a planted link
/// cannot damage its target.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.write(true).create(true).truncate(false).custom_flags(flags.bits().cast_signed());
    let file = options.open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file")),
    }
}
