//! Waiting for files to change. The system notifies of most changes, and the files are also checked from time to time.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant, SystemTime};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use sha2::{Digest as _, Sha256};

use crate::permission::given_file;
use crate::text::foreign_text::ForeignText;

/// Writing counts as finished when no notification has arrived for this long.
const QUIET: Duration = Duration::from_millis(50);

/// The longest wait for a file that is written without a pause.
const LONGEST_BURST: Duration = Duration::from_secs(1);

/// How often the files are checked, even if there are no notifications: network file systems send none, and neither
/// does a folder that was removed and created again.
const LOOK: Duration = Duration::from_secs(1);

/// Watches files for changes of their content.
///
/// Only the bytes of a file count: touching the file, or writing the same bytes again, is not a change. A burst of
/// changes counts as one change. A file that is replaced, removed or created has changed. A file that is not a regular
/// file, such as a pipe, never changes.
///
/// ```no_run
/// let mut files = plugwright::FileWatch::new(["page.md"]);
/// loop {
///     for file in files.wait() {
///         println!("`{}` has changed", plugwright::ForeignText::of_path(file));
///     }
/// }
/// ```
pub struct FileWatch {
    bell: Bell,
    contents: Vec<Option<Content>>,
}

/// The digest of a file's bytes.
type Content = [u8; 32];

impl FileWatch {
    /// Starts to watch the files. They do not have to exist yet.
    pub fn new(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        let bell = Bell::new(paths.into_iter().map(Into::into).collect());
        let contents = bell.paths().map(content).collect();
        Self { bell, contents }
    }

    /// Waits until at least one file has changed, and returns the paths of the changed files.
    pub fn wait(&mut self) -> Vec<PathBuf> {
        loop {
            let changed = self.wait_for(Duration::MAX);
            if !changed.is_empty() {
                return changed;
            }
        }
    }

    /// Waits until at least one file has changed, or until `timeout` has passed, and returns the paths of the changed
    /// files.
    pub fn wait_for(&mut self, timeout: Duration) -> Vec<PathBuf> {
        let start = Instant::now();
        while self.bell.wait(timeout.saturating_sub(start.elapsed())) == Rung::Maybe {
            let mut changed = Vec::new();
            for (path, before) in self.bell.paths().zip(&mut self.contents) {
                let now = content(path);
                if *before != now {
                    *before = now;
                    changed.push(path.to_owned());
                }
            }
            if !changed.is_empty() {
                return changed;
            }
        }
        Vec::new()
    }
}

/// Rings when one of the files may have changed and writing seems to be finished.
pub(crate) struct Bell {
    ringer: Ringer,
    rung: Receiver<()>,
    files: Vec<(PathBuf, Option<Stamp>)>,
    next_look: Instant,
    /// `None` if the system does not send notifications.
    watcher: Option<RecommendedWatcher>,
}

/// Why a [`Bell`] stopped waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rung {
    /// A file may have changed.
    Maybe,
    /// The timeout has passed.
    NotYet,
    /// [`Ringer::stop`] was called.
    Stopped,
}

/// The metadata that, on most file systems, changes whenever the content of the file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    file: u64,
}

impl Bell {
    pub(crate) fn new(paths: Vec<PathBuf>) -> Self {
        let (sender, rung) = sync_channel(1);
        let ringer = Ringer { sender, stopped: Arc::default() };
        let names: Vec<_> = paths.iter().filter_map(|path| path.file_name()).collect();
        let concerns = Concerns { names: names.into_iter().map(OsString::from).collect() };
        let notified = ringer.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if concerns.include(&event) {
                notified.ring();
            }
        });
        let watcher = watcher
            .inspect_err(
                |error| tracing::debug!(%error, "the system does not notify of changes to files"),
            )
            .ok();
        let next_look = Instant::now() + LOOK;
        let files = paths.into_iter().map(|path| (path, None)).collect();
        let mut bell = Self { ringer, rung, files, next_look, watcher };
        bell.watch_folders();
        bell.look();
        bell
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|(path, _)| path.as_path())
    }

    pub(crate) fn ringer(&self) -> Ringer {
        self.ringer.clone()
    }

    /// Waits until one of the files may have changed, but not longer than `timeout`.
    pub(crate) fn wait(&mut self, timeout: Duration) -> Rung {
        let start = Instant::now();
        loop {
            let left = timeout.saturating_sub(start.elapsed());
            let until_look = self.next_look.saturating_duration_since(Instant::now());
            let notified = self.rung.recv_timeout(until_look.min(left)).is_ok();
            if self.ringer.is_stopped() {
                return Rung::Stopped;
            }
            if !notified && until_look <= left {
                self.next_look = Instant::now() + LOOK;
                if !self.look() {
                    continue;
                }
                // The system sent no notification: it may be watching a folder that is gone.
                self.watch_folders();
            } else if !notified {
                return Rung::NotYet;
            }
            self.settle();
            self.look();
            return if self.ringer.is_stopped() { Rung::Stopped } else { Rung::Maybe };
        }
    }

    /// Waits until writing is finished.
    fn settle(&self) {
        let start = Instant::now();
        while self.rung.recv_timeout(QUIET) != Err(RecvTimeoutError::Timeout) {
            if start.elapsed() > LONGEST_BURST || self.ringer.is_stopped() {
                break;
            }
        }
    }

    /// Checks the files, and returns whether one of them has changed since the last check.
    fn look(&mut self) -> bool {
        let mut other = false;
        for (path, before) in &mut self.files {
            let now = Stamp::of(path);
            other |= *before != now;
            *before = now;
        }
        other
    }

    /// Watches the files' folders rather than the files themselves, because editors and pipelines replace files.
    fn watch_folders(&mut self) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        let mut folders: Vec<_> = self.files.iter().map(|(path, _)| folder_of(path)).collect();
        folders.sort_unstable();
        folders.dedup();
        for folder in folders {
            // This fails if the folder is not watched yet, which only the watcher knows.
            let _ = watcher.unwatch(folder);
            if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
                let folder = ForeignText::of_path(folder);
                tracing::debug!(%folder, %error, "the system does not notify of changes in the folder");
            }
        }
    }
}

/// Rings a [`Bell`] from another thread.
#[derive(Clone)]
pub(crate) struct Ringer {
    sender: SyncSender<()>,
    stopped: Arc<AtomicBool>,
}

impl Ringer {
    /// Ends the wait, now and for all later calls.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.ring();
    }

    fn ring(&self) {
        // If there is no room, an earlier ring has not been received yet.
        let _ = self.sender.try_send(());
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}

/// Decides which notifications concern the watched files.
struct Concerns {
    names: Vec<OsString>,
}

impl Concerns {
    fn include(&self, event: &notify::Result<Event>) -> bool {
        let Ok(event) = event else {
            // It is unknown which notifications were missed.
            return true;
        };
        let closed_after_writing = AccessKind::Close(AccessMode::Write);
        match event.kind {
            // Reading is not a change, and this library reads the files itself.
            EventKind::Access(kind) if kind != closed_after_writing => false,
            // Only file names are compared, because the system may report the folder under another path.
            _ => {
                let named = |path: &PathBuf| {
                    path.file_name().is_some_and(|name| self.names.iter().any(|it| it == name))
                };
                event.need_rescan() || event.paths.is_empty() || event.paths.iter().any(named)
            }
        }
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let file = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let file = 0;
        Some(Self { modified: metadata.modified().ok(), bytes: metadata.len(), file })
    }
}

/// Returns the digest of the file's bytes, or `None` if the file is not a regular file or cannot be read. The file is
/// read piece by piece, so that it never is in memory as a whole.
fn content(path: &Path) -> Option<Content> {
    let digest = || -> io::Result<Content> {
        let mut file = given_file::open(path)?;
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(digest.finalize().into()),
                Ok(read) => digest.update(buffer.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    };
    digest().ok()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
