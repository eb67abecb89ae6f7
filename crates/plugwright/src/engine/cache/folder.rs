//! A folder that only its user can change, with files that are never half-written.

#![warn(clippy::arithmetic_side_effects)]

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

use super::{CacheError, invalid, removed};
use crate::text::foreign_text::ForeignText;

/// The prefix of the names of files that are being written.
const NEW: &str = ".new-";

/// How long a recorded use stays current. The last use is stored as the modification time, and setting this time costs
/// more than reading it.
const USED_NOW: Duration = Duration::from_secs(5);

/// Two changes of a file that are at least this far apart have different times. The kernel's clock for file times is
/// coarse, and on some file systems even coarser. Git has the same rule for files that it calls racy.
const TICK: Duration = Duration::from_millis(100);

/// Identifies a file and its content: another file, or changed content of the same file, has another stamp. The change
/// time is set by the kernel, and no user can set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    file: (u64, u64),
    length: u64,
    used: SystemTime,
    changed: SystemTime,
}

impl Stamp {
    /// Returns a stamp that no real file has.
    #[cfg(test)]
    pub(crate) fn of_length(length: u64) -> Self {
        let time = SystemTime::UNIX_EPOCH;
        Self { file: (0, 0), length, used: time, changed: time }
    }

    /// Says whether the stamp is old enough that a later change would change it.
    pub(super) fn is_settled(&self) -> bool {
        self.changed.elapsed().is_ok_and(|age| age > TICK)
    }
}

/// A folder that only its user can change.
pub(super) struct Folder {
    path: PathBuf,
    read_only: bool,
}

impl Folder {
    /// Creates the folder if it does not exist, and verifies that it is private.
    pub(super) fn open(folder: PathBuf) -> Result<Self, CacheError> {
        // The path is made absolute because the working directory can change. Collecting the components removes a
        // trailing slash, which would follow a link.
        let path = match std::path::absolute(&folder) {
            Ok(path) => path.components().collect::<PathBuf>(),
            Err(source) => return Err(CacheError::Folder { folder, source }),
        };
        let metadata = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                private::make_folder(&path).and_then(|()| fs::symlink_metadata(&path))
            }
            found => found,
        };
        match metadata {
            Ok(metadata) => {
                let read_only = private::check_folder(&path, &metadata)?;
                Ok(Self { path, read_only })
            }
            Err(source) => Err(CacheError::Folder { folder: path, source }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Says whether a file of this name is still being written.
    pub(super) fn is_begun(name: &OsStr) -> bool {
        name.as_encoded_bytes().starts_with(NEW.as_bytes())
    }

    /// Returns the current stamp of the file `path` in this folder, if the file exists and is private.
    pub(super) fn stamp(&self, path: &Path) -> Option<Stamp> {
        Stamp::of(&fs::symlink_metadata(path).ok()?)
    }

    /// Records that the file was used, unless a recent use is recorded, and returns its stamp. Where the use cannot be
    /// recorded, the file that was written first is evicted first.
    pub(super) fn touch(&self, file: &File) -> Option<Stamp> {
        let metadata = file.metadata().ok()?;
        let age = metadata.modified().ok().and_then(|used| used.elapsed().ok());
        if age.is_some_and(|age| age < USED_NOW) {
            return Stamp::of(&metadata);
        }
        let _ = file.set_modified(SystemTime::now());
        Stamp::of(&file.metadata().ok()?)
    }

    /// Records a use as [`Folder::touch`] does, for the file `path`, which had the stamp `before`. Returns `None` if a
    /// recent use is recorded.
    pub(super) fn touch_at(&self, path: &Path, before: &Stamp) -> Option<Stamp> {
        if before.used.elapsed().is_ok_and(|age| age < USED_NOW) {
            return None;
        }
        let mut options = OpenOptions::new();
        self.touch(&private::without_surprises(options.read(true)).open(path).ok()?)
    }

    /// Reads the file `path` in this folder, if it is private and not longer than `limit`.
    pub(super) fn read(&self, path: &Path, limit: u64) -> io::Result<(File, Vec<u8>)> {
        let mut options = OpenOptions::new();
        let mut file = private::without_surprises(options.read(true)).open(path)?;
        let metadata = file.metadata()?;
        if !private::is_private_file(&metadata) {
            return Err(invalid("it is not a file that only its owner can read and write"));
        }
        if metadata.len() > limit {
            return Err(invalid("it is too long"));
        }
        // The length is known, so one allocation is enough.
        let length = usize::try_from(metadata.len()).unwrap_or(0);
        let mut bytes = Vec::with_capacity(length.saturating_add(1));
        // A file that grew meanwhile is cut at the limit, and its seal does not match.
        (&mut file).take(limit).read_to_end(&mut bytes)?;
        Ok((file, bytes))
    }

    /// Writes the file `path` in this folder, unless it exists.
    pub(super) fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        match self.write_beside(bytes)?.persist_noclobber(path) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
            _ => Ok(()),
        }
    }

    /// Writes the file `path` in this folder, and replaces whatever is there.
    pub(super) fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let Err(failed) = self.write_beside(bytes)?.persist(path) else {
            return Ok(());
        };
        // A file cannot replace a folder, so the folder is removed. No file of the user has a name that this cache
        // uses.
        if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
            return Err(failed.error);
        }
        fs::remove_dir_all(path)?;
        failed.file.persist(path)?;
        Ok(())
    }

    /// Removes unfinished files of stopped processes that are older than `after`.
    pub(super) fn remove_left_over(&self, after: Duration) -> io::Result<()> {
        for file in fs::read_dir(&self.path)? {
            let file = file?;
            if !Self::is_begun(&file.file_name()) {
                continue;
            }
            let modified = file.metadata().and_then(|metadata| metadata.modified());
            let age = modified.map(|modified| SystemTime::now().duration_since(modified));
            if let Ok(Ok(age)) = age
                && age > after
            {
                removed(fs::remove_file(file.path()))?;
            }
        }
        Ok(())
    }

    /// Writes `bytes` to a private temporary file, which is removed unless it is given a name. It is not synced to the
    /// disk, because after a crash a broken seal reveals a file that is not complete.
    fn write_beside(&self, bytes: &[u8]) -> io::Result<NamedTempFile> {
        // The system would let root write even into a read-only folder.
        if self.read_only {
            let reason = format!("`{}` is read-only", ForeignText::of_path(&self.path));
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
        }
        let mut file = tempfile::Builder::new().prefix(NEW).tempfile_in(&self.path)?;
        file.write_all(bytes)?;
        Ok(file)
    }
}

/// Checks on Unix that files and folders are private, by owner and mode.
#[cfg(unix)]
mod private {
    use std::fs::{self, DirBuilder, Metadata, OpenOptions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use rustix::fs::OFlags;

    use super::super::CacheError;
    use super::Stamp;

    pub(super) fn make_folder(path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    /// Verifies that only the user can change the folder. Returns whether it is read-only even for the user.
    pub(super) fn check_folder(path: &Path, metadata: &Metadata) -> Result<bool, CacheError> {
        let folder = path.to_owned();
        if metadata.is_symlink() {
            let target = fs::canonicalize(path).or_else(|_| fs::read_link(path));
            return match target {
                Ok(target) => Err(CacheError::Link { folder, target }),
                Err(source) => Err(CacheError::Folder { folder, source }),
            };
        }
        if !metadata.is_dir() {
            let source = io::Error::from(io::ErrorKind::NotADirectory);
            return Err(CacheError::Folder { folder, source });
        }
        if !is_ours(metadata) {
            return Err(CacheError::Owner { folder });
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(CacheError::Writable { folder });
        }
        Ok(metadata.mode() & 0o200 == 0)
    }

    /// Sets flags so that opening neither follows a link nor waits for the other end of a pipe.
    pub(super) fn without_surprises(options: &mut OpenOptions) -> &mut OpenOptions {
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
    }

    pub(super) fn is_private_file(metadata: &Metadata) -> bool {
        metadata.is_file() && is_ours(metadata) && metadata.mode() & 0o7777 == 0o600
    }

    impl Stamp {
        /// Returns the stamp of a file, if the file is private.
        pub(super) fn of(metadata: &Metadata) -> Option<Self> {
            if !is_private_file(metadata) {
                return None;
            }
            let seconds = Duration::from_secs(metadata.ctime().try_into().ok()?);
            let changed = seconds
                .checked_add(Duration::from_nanos(metadata.ctime_nsec().try_into().ok()?))?;
            Some(Self {
                file: (metadata.dev(), metadata.ino()),
                length: metadata.len(),
                used: metadata.modified().ok()?,
                changed: SystemTime::UNIX_EPOCH.checked_add(changed)?,
            })
        }
    }

    fn is_ours(metadata: &Metadata) -> bool {
        metadata.uid() == rustix::process::geteuid().as_raw()
    }
}

/// On other systems, no file or folder counts as private.
#[cfg(not(unix))]
mod private {
    use std::fs::{Metadata, OpenOptions};
    use std::io;
    use std::path::Path;

    use super::super::CacheError;
    use super::Stamp;

    impl Stamp {
        pub(super) fn of(_: &Metadata) -> Option<Self> {
            None
        }
    }

    pub(super) fn make_folder(_: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn check_folder(_: &Path, _: &Metadata) -> Result<bool, CacheError> {
        Err(CacheError::Unsupported)
    }

    pub(super) fn without_surprises(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub(super) fn is_private_file(_: &Metadata) -> bool {
        false
    }
}
