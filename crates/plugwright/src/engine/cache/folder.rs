//! A folder that nobody but its user can change, and files in it that are never half-written.

#![warn(clippy::arithmetic_side_effects)]

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

use super::{CacheError, invalid, removed};
use crate::text::foreign_text::ForeignText;

/// What the names of files begin with that are being written.
const NEW: &str = ".new-";

/// How long a file counts as used now. The time of its last use is that of its last change, too, and to change it costs more
/// than to look at it.
const USED_NOW: Duration = Duration::from_secs(5);

/// How far apart two changes of a file are at least that have different times: the kernel's clock for them ticks this often, and
/// on some file systems less. Git has the same rule for what it calls racy.
const TICK: Duration = Duration::from_millis(100);

/// What a file is: another file, or another content of the same one, is another. The time of the last change is the kernel's
/// own, which nobody sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    file: (u64, u64),
    length: u64,
    used: SystemTime,
    changed: SystemTime,
}

impl Stamp {
    /// A stamp like no file's.
    #[cfg(test)]
    pub(crate) fn of_length(length: u64) -> Self {
        let time = SystemTime::UNIX_EPOCH;
        Self { file: (0, 0), length, used: time, changed: time }
    }

    /// Says whether a change that was made since then shows.
    pub(super) fn is_settled(&self) -> bool {
        self.changed.elapsed().is_ok_and(|age| age > TICK)
    }
}

/// A folder that nobody but its user can change.
pub(super) struct Folder {
    path: PathBuf,
    read_only: bool,
}

impl Folder {
    /// Makes the folder if it is not there, and makes sure that it is private.
    pub(super) fn open(folder: PathBuf) -> Result<Self, CacheError> {
        // The process can change its working folder. A slash at the end would follow a link.
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

    /// Says whether a file of this name is one that is being written.
    pub(super) fn is_begun(name: &OsStr) -> bool {
        name.as_encoded_bytes().starts_with(NEW.as_bytes())
    }

    /// What the file `path` of this folder is now, if it is there and private.
    pub(super) fn stamp(&self, path: &Path) -> Option<Stamp> {
        Stamp::of(&fs::symlink_metadata(path).ok()?)
    }

    /// Says that the file was used, unless it was said a moment ago. Where it cannot be said, what is evicted first is
    /// whatever was written first. Gives what the file is now.
    pub(super) fn touch(&self, file: &File) -> Option<Stamp> {
        let metadata = file.metadata().ok()?;
        let age = metadata.modified().ok().and_then(|used| used.elapsed().ok());
        if age.is_some_and(|age| age < USED_NOW) {
            return Stamp::of(&metadata);
        }
        let _ = file.set_modified(SystemTime::now());
        Stamp::of(&file.metadata().ok()?)
    }

    /// As [`Folder::touch`], of the file `path`, which was `before`.
    pub(super) fn touch_at(&self, path: &Path, before: &Stamp) -> Option<Stamp> {
        if before.used.elapsed().is_ok_and(|age| age < USED_NOW) {
            return None;
        }
        let mut options = OpenOptions::new();
        self.touch(&private::without_surprises(options.read(true)).open(path).ok()?)
    }

    /// Reads the file `path` of this folder if it is private and not longer than `limit`.
    pub(super) fn read(&self, path: &Path, limit: u64) -> io::Result<(File, Vec<u8>)> {
        let mut options = OpenOptions::new();
        let mut file = private::without_surprises(options.read(true)).open(path)?;
        let metadata = file.metadata()?;
        if !private::is_private_file(&metadata) {
            return Err(invalid("it is not a file that only you can read and write"));
        }
        if metadata.len() > limit {
            return Err(invalid("it is too long"));
        }
        // In one piece, and once.
        let length = usize::try_from(metadata.len()).unwrap_or(0);
        let mut bytes = Vec::with_capacity(length.saturating_add(1));
        // A file can grow, and then it is damaged.
        (&mut file).take(limit).read_to_end(&mut bytes)?;
        Ok((file, bytes))
    }

    /// Writes the file `path` of this folder, unless it is there.
    pub(super) fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        match self.write_beside(bytes)?.persist_noclobber(path) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
            _ => Ok(()),
        }
    }

    /// Writes the file `path` of this folder, in the place of whatever is there.
    pub(super) fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let Err(failed) = self.write_beside(bytes)?.persist(path) else {
            return Ok(());
        };
        // A folder does not give way to a file. Nothing of the user's has a name of this cache.
        if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
            return Err(failed.error);
        }
        fs::remove_dir_all(path)?;
        failed.file.persist(path)?;
        Ok(())
    }

    /// Removes what processes that were stopped have not finished writing in the time `after`.
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

    /// A private file with `bytes`, which goes away again unless it is given a name. It need not reach
    /// the disk before that: after a crash, a seal says what did not.
    fn write_beside(&self, bytes: &[u8]) -> io::Result<NamedTempFile> {
        // The system lets root write there all the same.
        if self.read_only {
            let reason = format!("`{}` is for reading only", ForeignText::of_path(&self.path));
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
        }
        let mut file = tempfile::Builder::new().prefix(NEW).tempfile_in(&self.path)?;
        file.write_all(bytes)?;
        Ok(file)
    }
}

/// What is private, as Unix has it: owner and mode.
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

    /// Makes sure that nobody else can change what is in the folder; says whether its user cannot
    /// either.
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

    /// Neither follows a link nor waits for the other end of a pipe.
    pub(super) fn without_surprises(options: &mut OpenOptions) -> &mut OpenOptions {
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
    }

    pub(super) fn is_private_file(metadata: &Metadata) -> bool {
        metadata.is_file() && is_ours(metadata) && metadata.mode() & 0o7777 == 0o600
    }

    impl Stamp {
        /// What the file is, if it is a private one.
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

/// Where folders are private in another way, none is taken for private.
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
