//! A granted folder, which stays the same folder even if its path changes.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use cap_primitives::ambient_authority;
use cap_primitives::fs::open_ambient_dir;
use wasmtime_wasi::filesystem::{Dir, FsPerms, OpenMode};

use crate::permission::grant_error::GrantError;

/// What a plugin may do in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// List the folder and read its files.
    ReadOnly,
    /// Also write, rename and delete.
    ReadWrite,
}

/// A folder, held open so that it stays the one that was granted. A plugin that can write into the parent folder could
/// otherwise replace it with a link to another folder.
#[derive(Clone)]
pub(crate) struct Folder {
    path: PathBuf,
    access: Access,
    held: Dir,
}

impl Folder {
    /// Opens the folder `path`.
    pub(crate) fn find(path: &Path, access: Access) -> io::Result<Self> {
        // The path is made absolute now, so that a later change of the working directory does not matter.
        let path = path.canonicalize()?;
        if !path.is_dir() {
            return Err(io::Error::other("it is not a folder"));
        }
        let folder = open_ambient_dir(&path, ambient_authority())?;
        let held = Dir::new(folder, FsPerms::ReadOnly, OpenMode::READ, false);
        Ok(Self { path, access, held })
    }

    /// Returns the path that the folder had when it was granted.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the same folder with at most `access`.
    pub(crate) fn at_most(&self, access: Access) -> Self {
        Self { access: self.access.min(access), ..self.clone() }
    }

    /// Verifies that the folder is still at the path that was granted.
    pub(crate) fn check(&self) -> Result<(), GrantError> {
        match is_at(&self.held.dir, &self.path) {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.refused(MOVED.to_owned())),
            Err(error) => Err(self.refused(error.to_string())),
        }
    }

    /// Returns the error for a folder that cannot be given.
    pub(crate) fn refused(&self, reason: String) -> GrantError {
        GrantError::Folder { path: self.path.clone(), reason: reason.into() }
    }

    /// Returns the folder as a plugin gets it. All calls share the file descriptor.
    pub(crate) fn give(&self) -> Dir {
        let mut given = self.held.clone();
        if self.access == Access::ReadWrite {
            given.perms = FsPerms::ReadWrite;
            given.open_mode |= OpenMode::WRITE;
        }
        given
    }
}

const MOVED: &str = "something else has replaced it: put the folder back, or load the plugin again";

/// Says whether the folder at `path` is the open one.
#[cfg(unix)]
fn is_at(held: &fs::File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let (held, found) = (held.metadata()?, fs::symlink_metadata(path)?);
    Ok((held.dev(), held.ino()) == (found.dev(), found.ino()))
}

/// Says whether there is a folder at `path`. An open folder cannot be replaced on these systems.
#[cfg(not(unix))]
fn is_at(_: &fs::File, path: &Path) -> io::Result<bool> {
    Ok(fs::symlink_metadata(path)?.is_dir())
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, access, .. } = self;
        f.debug_struct("Folder").field("path", path).field("access", access).finish_non_exhaustive()
    }
}

/// Compares the path and the access.
impl PartialEq for Folder {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, self.access) == (&other.path, other.access)
    }
}

impl Eq for Folder {}
