//! A folder that was granted: the very one, whatever becomes of its path.

use std::io;
use std::path::{Path, PathBuf};

use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::filesystem::FsPerms;

use self::held::Held;
use crate::{Access, GrantError};

/// A folder, held so that it stays what was granted: a plugin that may write into the folder around it
/// could put a link to somewhere else in its place.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
    access: Access,
    held: Held,
}

impl Folder {
    /// Finds the folder `path`.
    pub(crate) fn find(path: &Path, access: Access) -> io::Result<Self> {
        // The path is made absolute now, so that a change of the working folder changes nothing.
        let path = path.canonicalize()?;
        if !path.is_dir() {
            return Err(io::Error::other("it is not a folder"));
        }
        let held = Held::open(&path)?;
        Ok(Self { path, access, held })
    }

    /// Where it was when it was granted.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The same folder, for no more than `access`.
    pub(crate) fn at_most(&self, access: Access) -> Self {
        Self { access: self.access.min(access), ..self.clone() }
    }

    /// Gives it to a plugin under the name `name`.
    pub(crate) fn give(&self, wasi: &mut WasiCtxBuilder, name: &str) -> Result<(), GrantError> {
        let permissions = match self.access {
            Access::ReadOnly => FsPerms::ReadOnly,
            Access::ReadWrite => FsPerms::ReadWrite,
        };
        let refused =
            |reason: String| GrantError::Folder { path: self.path.clone(), reason: reason.into() };
        let is_there = || match self.held.is_at(&self.path) {
            Ok(true) => Ok(()),
            Ok(false) => Err(refused(MOVED.to_owned())),
            Err(error) => Err(refused(error.to_string())),
        };
        is_there()?;
        wasi.preopened_dir(self.held.way(&self.path), name, permissions)
            .map_err(|error| refused(error.root_cause().to_string()))?;
        // Where it is opened by its path, it can have been replaced just before.
        is_there()
    }
}

const MOVED: &str = "something else is in its place by now: put it back, or load the plugin again";

/// Two are equal that were granted at the same path for the same.
impl PartialEq for Folder {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, self.access) == (&other.path, other.access)
    }
}

impl Eq for Folder {}

#[cfg(unix)]
mod held {
    use std::fs::{self, File, OpenOptions};
    use std::io;
    use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use rustix::fs::OFlags;

    /// A folder that is open.
    #[derive(Debug, Clone)]
    pub(super) struct Held(Arc<File>);

    impl Held {
        pub(super) fn open(path: &Path) -> io::Result<Self> {
            // By now it can be a FIFO, which would be waited for.
            let flags = OFlags::DIRECTORY.bits().cast_signed();
            let folder = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
            Ok(Self(Arc::new(folder)))
        }

        /// Says whether it is the one at `path`.
        pub(super) fn is_at(&self, path: &Path) -> io::Result<bool> {
            let (held, found) = (self.0.metadata()?, fs::symlink_metadata(path)?);
            Ok((held.dev(), held.ino()) == (found.dev(), found.ino()))
        }

        /// A path by which it is opened again: `path`, or on Linux one that leads to no other.
        pub(super) fn way(&self, path: &Path) -> PathBuf {
            #[cfg(target_os = "linux")]
            {
                let number = std::os::fd::AsRawFd::as_raw_fd(&*self.0);
                let way = PathBuf::from(format!("/proc/self/fd/{number}"));
                if way.exists() {
                    return way;
                }
            }
            path.to_owned()
        }
    }
}

#[cfg(not(unix))]
mod held {
    use std::fs;
    use std::io;
    use std::path::{Path, PathBuf};

    /// A folder by its path alone.
    #[derive(Debug, Clone)]
    pub(super) struct Held;

    impl Held {
        pub(super) fn open(_: &Path) -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) fn is_at(&self, path: &Path) -> io::Result<bool> {
            Ok(fs::symlink_metadata(path)?.is_dir())
        }

        pub(super) fn way(&self, path: &Path) -> PathBuf {
            path.to_owned()
        }
    }
}
