//! Compiled code on disk: each component is compiled once for all processes that load it.

pub(crate) mod folder;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use std::{fmt, fs, io};

use tracing::{debug, warn};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::engine::seal::{Code, Key, Sealer};
use crate::text::foreign_text::ForeignText;
use folder::{Folder, Stamp};

/// The extension of files of compiled code, after the key.
const EXTENSION: &str = "cwasm";

const SEAL_KEY: &str = "seal-key";

/// A folder that some file systems create when they are made.
const LOST_AND_FOUND: &str = "lost+found";

/// A folder of compiled code. A clone is another handle to the same folder.
///
/// Compiled code is looked up by the component's bytes and everything else that affects the code. It runs only if this
/// library wrote it for this user: each file carries a seal, made with a key in the folder, and the seal is checked
/// before anything else is done with the file. If a file is damaged or was written by something else, the component is
/// compiled again and the file is replaced. A read-only folder is only read. In both cases the plugin is still loaded.
///
/// A host also keeps the components that it loaded last in memory, up to 16 MiB of code, with the results of their
/// checks. A plugin with the same bytes, by a hash of 256 bits, is loaded from memory as long as the file of its code
/// is unchanged, by device, inode, length and times. The code in memory is the code whose seal was checked, and nothing
/// is read from the file. So the times only decide whether the file needs a repair, and only the kernel can set the
/// change time. The plugin itself is read each time, its signature is verified, its grants are compared, and it is
/// instantiated once as a test.
///
/// Any number of processes can use the same folder at once.
#[derive(Clone)]
pub struct Cache {
    shared: Arc<Shared>,
    limit: u64,
}

struct Shared {
    folder: Folder,
    sealer: Sealer,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// A file with the compiled code of one component.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheEntry {
    /// The path of the file.
    pub path: PathBuf,
    /// The file's size in bytes.
    pub bytes: u64,
    /// When the file was written or last loaded, to within some seconds.
    pub last_used: SystemTime,
}

/// The reason why a folder cannot be used for compiled code.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The folder cannot be created or accessed.
    #[error("cannot use the folder `{}` for compiled code", ForeignText::of_path(folder))]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The folder is a symbolic link.
    #[error(
        "`{}` is a link, but the cache must be a folder itself: give the folder that it leads \
         to, `{}`",
        ForeignText::of_path(folder),
        ForeignText::of_path(target)
    )]
    Link {
        /// The link.
        folder: PathBuf,
        /// The folder that it leads to.
        target: PathBuf,
    },
    /// The folder belongs to another user.
    #[error(
        "`{}` belongs to another user, who could change the compiled code in it: give a folder that \
         you own",
        ForeignText::of_path(folder)
    )]
    Owner {
        /// The folder.
        folder: PathBuf,
    },
    /// Other users can write into the folder.
    #[error(
        "other users can write into `{0}` and change the compiled code in it: give another folder, or \
         run `chmod 700 {0}` if this folder is used for nothing else",
        ForeignText::of_path(folder)
    )]
    Writable {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds other files, and no cache.
    #[error(
        "`{}` is not a cache, because it contains `{found}`: give a folder that is empty or does not exist",
        ForeignText::of_path(folder)
    )]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
        /// The first of the other files.
        found: ForeignText,
    },
    /// The key that seals the files can neither be read nor created.
    #[error(
        "cannot read or create `{}`, the key that seals compiled code",
        ForeignText::of_path(path)
    )]
    Key {
        /// The file of the key.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// This system has no private folders of the kind that the cache needs.
    #[error("compiled code can be cached only on Unix: turn off the cache")]
    Unsupported,
}

impl Cache {
    /// The default maximum size of the folder in bytes: 1 GiB. [`Cache::limited_to`] changes it.
    pub const DEFAULT_LIMIT: u64 = 1 << 30;

    /// Opens the cache in `folder`. If the folder does not exist, it is created for the current user only.
    ///
    /// # Errors
    ///
    /// [`CacheError`] if the folder is not safe to run code from, is used for something else, or cannot be created.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, CacheError> {
        let folder = Folder::open(folder.into())?;
        must_be_of_cache(&folder)?;
        let sealer = sealer(&folder)?;
        let (hits, misses) = (AtomicU64::new(0), AtomicU64::new(0));
        let shared = Arc::new(Shared { folder, sealer, hits, misses });
        Ok(Self { shared, limit: Self::DEFAULT_LIMIT })
    }

    /// Returns the folder that a [`Host`](crate::Host) uses by default, which follows the XDG convention:
    /// `plugwright/compiled` in `$XDG_CACHE_HOME`, or else in `~/.cache`. Returns `None` without a home folder.
    pub fn default_folder() -> Option<PathBuf> {
        // The convention says that relative paths are ignored.
        let absolute = |variable| std::env::var_os(variable).map(PathBuf::from);
        let absolute = |variable| absolute(variable).filter(|path| path.is_absolute());
        let caches =
            absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
        Some(caches.join("plugwright/compiled"))
    }

    /// Limits the folder to `bytes`. The least recently used files are removed first, and a file that is larger than
    /// the limit is not stored. The limit applies to what is written through the returned handle.
    #[must_use]
    pub fn limited_to(self, bytes: u64) -> Self {
        Self { limit: bytes, ..self }
    }

    /// Returns the folder as an absolute path.
    pub fn folder(&self) -> &Path {
        self.shared.folder.path()
    }

    /// Returns the maximum size of the folder in bytes.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Returns how many components were loaded from the folder or from memory, through this handle and its clones.
    pub fn hits(&self) -> u64 {
        self.shared.hits.load(Ordering::Relaxed)
    }

    /// Returns how many components had to be compiled, through this handle and its clones.
    pub fn misses(&self) -> u64 {
        self.shared.misses.load(Ordering::Relaxed)
    }

    /// Returns the files of compiled code in the folder, the last used first.
    ///
    /// # Errors
    ///
    /// The system's error, if the folder cannot be read.
    pub fn entries(&self) -> io::Result<Vec<CacheEntry>> {
        let mut entries = Vec::new();
        for file in fs::read_dir(self.folder())? {
            let file = file?;
            // Other files in the folder are ignored.
            if !stem(&file.file_name(), EXTENSION).is_some_and(Key::is_written) {
                continue;
            }
            // Another process may have removed the file. Anything that is not a file is not part of the cache.
            let Ok(metadata) = file.metadata() else { continue };
            if metadata.is_file() {
                let last_used = metadata.modified()?;
                entries.push(CacheEntry { path: file.path(), bytes: metadata.len(), last_used });
            }
        }
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.last_used));
        Ok(entries)
    }

    /// Removes the files of compiled code in the folder, and returns them. Components that are loaded stay loaded.
    ///
    /// # Errors
    ///
    /// The system's error, if the folder cannot be read or a file cannot be removed.
    pub fn clear(&self) -> io::Result<Vec<CacheEntry>> {
        let entries = self.entries()?;
        for entry in &entries {
            removed(fs::remove_file(&entry.path))?;
        }
        Ok(entries)
    }

    /// Returns the component that `key` identifies, for `engine`: from the folder, or else from `compile`, whose result
    /// is then stored in the folder. Also returns the stamp of the file, if a later change would change the stamp.
    ///
    /// `compile` must return the component that `engine` makes of the plugin, and its code. It is not called if any
    /// process stored the code before.
    ///
    /// # Errors
    ///
    /// Only the errors of `compile`.
    pub(crate) fn component<E>(
        &self,
        engine: &Engine,
        key: &Key,
        compile: impl FnOnce() -> Result<(Component, Code), E>,
    ) -> Result<(Component, Option<Stamp>), E> {
        let path = self.path(key);
        match self.load(engine, key, &path) {
            Ok(loaded) => {
                self.shared.hits.fetch_add(1, Ordering::Relaxed);
                debug!("loaded `{}`", ForeignText::of_path(&path));
                return Ok(loaded);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                warn!("compiling `{}` again to replace it: {error}", ForeignText::of_path(&path));
            }
        }
        self.shared.misses.fetch_add(1, Ordering::Relaxed);
        let (component, code) = compile()?;
        match self.store(key, &path, code) {
            Ok(()) => debug!("wrote `{}`", ForeignText::of_path(&path)),
            Err(error) => match error.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    debug!("did not write `{}`: {error}", ForeignText::of_path(&path));
                }
                _ => warn!("cannot write `{}`: {error}", ForeignText::of_path(&path)),
            },
        }
        Ok((component, None))
    }

    /// Returns the current stamp of the file of `key`, if there is one.
    pub(crate) fn stamp(&self, key: &Key) -> Option<Stamp> {
        self.shared.folder.stamp(&self.path(key))
    }

    /// Counts that the component of `key` was loaded from memory instead of its file, which had the stamp `before`.
    /// Returns the file's new stamp, if it changed.
    pub(crate) fn used(&self, key: &Key, before: &Stamp) -> Option<Stamp> {
        self.shared.hits.fetch_add(1, Ordering::Relaxed);
        self.shared.folder.touch_at(&self.path(key), before)
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder().join(format!("{key}.{EXTENSION}"))
    }

    fn load(
        &self,
        engine: &Engine,
        key: &Key,
        path: &Path,
    ) -> io::Result<(Component, Option<Stamp>)> {
        let folder = &self.shared.folder;
        let before = folder.stamp(path).filter(Stamp::is_settled);
        let (file, bytes) = folder.read(path, self.limit)?;
        let code = self.shared.sealer.open(key, bytes)?;
        let component = code.component(engine).map_err(|error| invalid(format!("{error:#}")))?;
        // If the file changed meanwhile, its stamp does not belong to the code that was read.
        let is_same = before.is_some() && before == folder.stamp(path);
        let now = folder.touch(&file);
        Ok((component, now.filter(|_| is_same)))
    }

    fn store(&self, key: &Key, path: &Path, code: Code) -> io::Result<()> {
        // Code and seal are one file, so that two processes that write at once leave one complete result.
        let sealed = self.shared.sealer.seal(key, code);
        if sealed.len() as u64 > self.limit {
            debug!(
                "did not write `{}`: it is larger than the limit of the cache",
                ForeignText::of_path(path)
            );
            return Ok(());
        }
        self.shared.folder.replace(path, &sealed)?;
        self.make_room(path)
    }

    /// Removes the least recently used files until the rest is within the limit.
    fn make_room(&self, just_written: &Path) -> io::Result<()> {
        /// No process takes this long to write a file.
        const LEFT_OVER: Duration = Duration::from_hours(1);
        self.shared.folder.remove_left_over(LEFT_OVER)?;
        let mut entries = self.entries()?;
        let mut bytes: u64 = entries.iter().map(|entry| entry.bytes).sum();
        while bytes > self.limit
            && let Some(entry) = entries.pop()
        {
            if entry.path != just_written {
                removed(fs::remove_file(&entry.path))?;
                bytes -= entry.bytes;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("folder", &self.folder())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// Refuses a folder that has other files but no key, because it was given by mistake.
fn must_be_of_cache(folder: &Folder) -> Result<(), CacheError> {
    let has_key = || folder.path().join(SEAL_KEY).symlink_metadata().is_ok();
    // If the folder cannot be listed, reading the key reports the error.
    let Ok(files) = fs::read_dir(folder.path()) else { return Ok(()) };
    let is_other = |name: &OsStr| {
        let is_code = stem(name, EXTENSION).is_some_and(Key::is_written);
        name != SEAL_KEY && name != LOST_AND_FOUND && !is_code && !Folder::is_begun(name)
    };
    let names = files.filter_map(|file| Some(file.ok()?.file_name()));
    // The key is checked after the listing, because another process that creates the cache writes the key first.
    match names.filter(|name| is_other(name)).min() {
        Some(other) if !has_key() => Err(CacheError::NotEmpty {
            folder: folder.path().to_owned(),
            found: ForeignText::of_path(other),
        }),
        _ => Ok(()),
    }
}

/// Reads the folder's key, or creates one. All processes use the same key.
fn sealer(folder: &Folder) -> Result<Sealer, CacheError> {
    let path = folder.path().join(SEAL_KEY);
    read_or_make_key(folder, &path)
        .map(Sealer::new)
        .map_err(|source| CacheError::Key { path, source })
}

fn read_or_make_key(folder: &Folder, path: &Path) -> io::Result<[u8; Sealer::KEY]> {
    let read = || {
        let (_, bytes) = folder.read(path, Sealer::KEY as u64)?;
        bytes.try_into().map_err(|_| invalid("it does not have the length of a key"))
    };
    let unreadable: io::Error = match read() {
        Ok(key) => return Ok(key),
        Err(error) => error,
    };
    let mut key = [0; Sealer::KEY];
    getrandom::fill(&mut key).map_err(io::Error::from)?;
    if unreadable.kind() == io::ErrorKind::NotFound {
        // If another process is quicker, its key is used.
        folder.create(path, &key)?;
    } else {
        // The seals of a key that is damaged or was not private prove nothing, so everything that it sealed is compiled
        // again.
        warn!("creating `{}` again: {unreadable}", ForeignText::of_path(path));
        folder.replace(path, &key)?;
    }
    read()
}

/// What a host does with compiled code.
#[derive(Debug, Default)]
pub(crate) enum Choice {
    /// Stores it in the default folder, if that can be used.
    #[default]
    Default,
    /// Stores it in this cache.
    Given(Cache),
    /// Does not store it, and compiles each time.
    Never,
}

impl Choice {
    pub(crate) fn open(self) -> Option<Cache> {
        match self {
            Self::Default => {
                let opened = Cache::open(Cache::default_folder()?);
                opened.map_err(|error| warn!("{}", without_cache(&error))).ok()
            }
            Self::Given(cache) => Some(cache),
            Self::Never => None,
        }
    }
}

fn without_cache(error: &CacheError) -> String {
    let source = std::error::Error::source(error).map(|source| format!(": {source}"));
    format!("compiling plugins each time: {error}{}", source.unwrap_or_default())
}

/// Treats a file that another process removed as removed.
fn removed(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn invalid(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

/// Returns the part of `name` before `.<extension>`, if it ends in that.
fn stem<'a>(name: &'a OsStr, extension: &str) -> Option<&'a str> {
    name.to_str()?.strip_suffix(extension)?.strip_suffix('.')
}
