//! Compiled code on disk: each component is compiled once for all the processes that load it.

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

/// What the files of compiled code end in. Before that is the key.
const EXTENSION: &str = "cwasm";

const SEAL_KEY: &str = "seal-key";

/// What is in each new file system of some kinds.
const LOST_AND_FOUND: &str = "lost+found";

/// A folder of compiled code. A clone is another handle to it.
///
/// What a component was compiled to is found again by the component's bytes and by everything that
/// changes what they are compiled to. It is run only if this library wrote it for this user: each file
/// carries a seal, made with a key that the folder keeps, which is checked before anything else is
/// done with the file. A file that is damaged, or that something else wrote, is compiled again and
/// replaced; a folder that cannot be written to is only read. Neither keeps a plugin from being
/// loaded.
///
/// A host has the components that it loaded last in memory as well, as far as their code is within 16 MiB, and what it found
/// out about them. A plugin of the same bytes, to a hash of 256 bits, is had from there as long as the file of its code is what
/// it was when it was loaded, by device, inode, length and times: its code is that which was found to be sealed then, and
/// nothing is taken from the file. So the times are trusted for no more than that the file need not be mended; the last of them
/// is set by nobody but the kernel. The plugin itself is read, checked for its signature, compared with its grants and tried out
/// each time.
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

/// The compiled code of one component.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheEntry {
    /// The file.
    pub path: PathBuf,
    /// The file's size in bytes.
    pub bytes: u64,
    /// When it was written, or last loaded, to within some seconds.
    pub last_used: SystemTime,
}

/// Why a folder cannot be used for compiled code.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The folder cannot be made, or not looked at.
    #[error("cannot use the folder `{}` for compiled code", ForeignText::of_path(folder))]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The folder is a symbolic link.
    #[error(
        "`{}` is a link, and compiled code is kept in a folder itself: give the folder that it leads \
         to, `{}`",
        ForeignText::of_path(folder),
        ForeignText::of_path(target)
    )]
    Link {
        /// The link.
        folder: PathBuf,
        /// What it leads to.
        target: PathBuf,
    },
    /// The folder belongs to another user.
    #[error(
        "`{}` belongs to another user, who could change the compiled code in it: give a folder of your \
         own",
        ForeignText::of_path(folder)
    )]
    Owner {
        /// The folder.
        folder: PathBuf,
    },
    /// Other users can write into the folder.
    #[error(
        "other users can write into `{0}` and change the compiled code in it: give another folder, or \
         type `chmod 700 {0}` if this one is meant for nothing else",
        ForeignText::of_path(folder)
    )]
    Writable {
        /// The folder.
        folder: PathBuf,
    },
    /// Something else is in the folder, and nothing of a cache.
    #[error(
        "`{}` is no cache: `{found}` is in it, and compiled code is kept in a folder of its own: give an empty one, \
         or one that is not there",
        ForeignText::of_path(folder)
    )]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
        /// The first of what is in it.
        found: ForeignText,
    },
    /// The key that seals what is in the folder can neither be read nor made.
    #[error(
        "cannot read or make `{}`, the key that seals compiled code",
        ForeignText::of_path(path)
    )]
    Key {
        /// The file of the key.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// This system has no folders that are private in the way that is asked for.
    #[error("compiled code is only kept on Unix: leave the cache out")]
    Unsupported,
}

impl Cache {
    /// How many bytes the folder may hold unless [`Cache::limited_to`] says otherwise: one GiB.
    pub const DEFAULT_LIMIT: u64 = 1 << 30;

    /// Opens the folder `folder`, and makes it for the user alone if it is not there.
    ///
    /// # Errors
    ///
    /// Says why the folder is not safe to run code from, is meant for something else, or cannot be made.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, CacheError> {
        let folder = Folder::open(folder.into())?;
        must_be_of_cache(&folder)?;
        let sealer = sealer(&folder)?;
        let (hits, misses) = (AtomicU64::new(0), AtomicU64::new(0));
        let shared = Arc::new(Shared { folder, sealer, hits, misses });
        Ok(Self { shared, limit: Self::DEFAULT_LIMIT })
    }

    /// The folder that a [`Host`](crate::Host) uses unless it is told otherwise, where the XDG
    /// convention has it: `plugwright/compiled` in `$XDG_CACHE_HOME`, or else in `~/.cache`. There is
    /// none without a home folder.
    pub fn default_folder() -> Option<PathBuf> {
        // The convention has relative paths ignored.
        let absolute = |variable| std::env::var_os(variable).map(PathBuf::from);
        let absolute = |variable| absolute(variable).filter(|path| path.is_absolute());
        let caches =
            absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
        Some(caches.join("plugwright/compiled"))
    }

    /// Keeps the folder within `bytes`: what was not used for the longest time goes first, and what
    /// is larger by itself is not kept at all. Counts for what is written from now on through this
    /// handle.
    #[must_use]
    pub fn limited_to(self, bytes: u64) -> Self {
        Self { limit: bytes, ..self }
    }

    /// The folder, as an absolute path.
    pub fn folder(&self) -> &Path {
        self.shared.folder.path()
    }

    /// How many bytes the folder may hold.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// How many components were loaded from the folder, or were still in memory, through this handle and its clones.
    pub fn hits(&self) -> u64 {
        self.shared.hits.load(Ordering::Relaxed)
    }

    /// How many components had to be compiled, through this handle and its clones.
    pub fn misses(&self) -> u64 {
        self.shared.misses.load(Ordering::Relaxed)
    }

    /// What is in the folder, last used first.
    ///
    /// # Errors
    ///
    /// The system's, if the folder cannot be read.
    pub fn entries(&self) -> io::Result<Vec<CacheEntry>> {
        let mut entries = Vec::new();
        for file in fs::read_dir(self.folder())? {
            let file = file?;
            // Whatever else is in the folder is left alone.
            if !stem(&file.file_name(), EXTENSION).is_some_and(Key::is_written) {
                continue;
            }
            // Another process can have removed it since; what is no file is none of ours.
            let Ok(metadata) = file.metadata() else { continue };
            if metadata.is_file() {
                let last_used = metadata.modified()?;
                entries.push(CacheEntry { path: file.path(), bytes: metadata.len(), last_used });
            }
        }
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.last_used));
        Ok(entries)
    }

    /// Removes what is in the folder, and gives back what that was. Components that are loaded stay
    /// loaded.
    ///
    /// # Errors
    ///
    /// The system's, if the folder cannot be read or a file not removed.
    pub fn clear(&self) -> io::Result<Vec<CacheEntry>> {
        let entries = self.entries()?;
        for entry in &entries {
            removed(fs::remove_file(&entry.path))?;
        }
        Ok(entries)
    }

    /// The component of which `key` is, for `engine`: from the folder, or else from `compile`, and then
    /// kept in the folder. With it comes what its file is, if a change of that would show.
    ///
    /// `compile` must give what `engine` makes of that component, and the code of that. If it gave it once, for
    /// whichever process, it is not called again.
    ///
    /// # Errors
    ///
    /// Those of `compile`, and no others.
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
                debug!("`{}` was loaded", ForeignText::of_path(&path));
                return Ok(loaded);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                warn!("`{}` is compiled again and replaced: {error}", ForeignText::of_path(&path));
            }
        }
        self.shared.misses.fetch_add(1, Ordering::Relaxed);
        let (component, code) = compile()?;
        match self.store(key, &path, code) {
            Ok(()) => debug!("`{}` was written", ForeignText::of_path(&path)),
            Err(error) => match error.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    debug!("`{}` is not written: {error}", ForeignText::of_path(&path));
                }
                _ => warn!("`{}` cannot be written: {error}", ForeignText::of_path(&path)),
            },
        }
        Ok((component, None))
    }

    /// What the file of `key` is now, if there is one.
    pub(crate) fn stamp(&self, key: &Key) -> Option<Stamp> {
        self.shared.folder.stamp(&self.path(key))
    }

    /// Counts that the component of `key` was had from memory, in the place of its file, which was `before`. Gives what that
    /// is now, if it is something else.
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
        // Of a file that changed meanwhile, it is not known what it is now.
        let is_same = before.is_some() && before == folder.stamp(path);
        let now = folder.touch(&file);
        Ok((component, now.filter(|_| is_same)))
    }

    fn store(&self, key: &Key, path: &Path, code: Code) -> io::Result<()> {
        // One file, so that what two processes write at once is always the whole of the one or of the other.
        let sealed = self.shared.sealer.seal(key, code);
        if sealed.len() as u64 > self.limit {
            debug!("`{}` would be larger than the cache may be", ForeignText::of_path(path));
            return Ok(());
        }
        self.shared.folder.replace(path, &sealed)?;
        self.make_room(path)
    }

    /// Removes what was not used for the longest time until the rest is within the limit.
    fn make_room(&self, just_written: &Path) -> io::Result<()> {
        /// No process takes that long to write a file.
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

/// Refuses a folder without a key that has files of others in it: it was given by mistake.
fn must_be_of_cache(folder: &Folder) -> Result<(), CacheError> {
    let has_key = || folder.path().join(SEAL_KEY).symlink_metadata().is_ok();
    // What cannot be listed is told of when the key is read.
    let Ok(files) = fs::read_dir(folder.path()) else { return Ok(()) };
    let is_other = |name: &OsStr| {
        let is_code = stem(name, EXTENSION).is_some_and(Key::is_written);
        name != SEAL_KEY && name != LOST_AND_FOUND && !is_code && !Folder::is_begun(name)
    };
    let names = files.filter_map(|file| Some(file.ok()?.file_name()));
    // Another process that makes the folder has made the key before anything else.
    match names.filter(|name| is_other(name)).min() {
        Some(other) if !has_key() => Err(CacheError::NotEmpty {
            folder: folder.path().to_owned(),
            found: ForeignText::of_path(other),
        }),
        _ => Ok(()),
    }
}

/// Reads the folder's key, or makes one. All processes agree on it.
fn sealer(folder: &Folder) -> Result<Sealer, CacheError> {
    let path = folder.path().join(SEAL_KEY);
    read_or_make_key(folder, &path)
        .map(Sealer::new)
        .map_err(|source| CacheError::Key { path, source })
}

fn read_or_make_key(folder: &Folder, path: &Path) -> io::Result<[u8; Sealer::KEY]> {
    let read = || {
        let (_, bytes) = folder.read(path, Sealer::KEY as u64)?;
        bytes.try_into().map_err(|_| invalid("it is not as long as a key"))
    };
    let unreadable: io::Error = match read() {
        Ok(key) => return Ok(key),
        Err(error) => error,
    };
    let mut key = [0; Sealer::KEY];
    getrandom::fill(&mut key).map_err(io::Error::from)?;
    if unreadable.kind() == io::ErrorKind::NotFound {
        // If another process is quicker, its key is the one.
        folder.create(path, &key)?;
    } else {
        // Nothing can be told from a seal of a key that is damaged or was not private: all that
        // it sealed is compiled again.
        warn!("`{}` is made anew: {unreadable}", ForeignText::of_path(path));
        folder.replace(path, &key)?;
    }
    read()
}

/// What a host is to do about compiled code.
#[derive(Debug, Default)]
pub(crate) enum Choice {
    /// To keep it in the default folder, if that can be used.
    #[default]
    Default,
    /// To keep it in this one.
    Given(Cache),
    /// To compile each time.
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
    format!("plugins are compiled each time: {error}{}", source.unwrap_or_default())
}

/// Takes a file that another process removed for one that was removed.
fn removed(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn invalid(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

/// Says whether `name` ends in `.<extension>`, and gives what is before it.
fn stem<'a>(name: &'a OsStr, extension: &str) -> Option<&'a str> {
    name.to_str()?.strip_suffix(extension)?.strip_suffix('.')
}
