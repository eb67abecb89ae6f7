//! Hot reload: a plugin that is replaced between two calls when its file changes.

use std::fmt;
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::admission::candidate::Unverified;
use crate::admission::load_error::LoadError;
use crate::admission::signature::signature_beside;
use crate::call::plugin::Plugin;
use crate::call::world::World;
use crate::host::Host;
use crate::text::foreign_text::{ForeignText, shown};
use crate::watch::file_watch::{Bell, Ringer, Rung};

/// A plugin whose file is watched: when it changes, it is checked and compiled, and serves from the
/// next call on.
///
/// A file that is refused, or gone, changes nothing: the plugin that served before goes on. Either
/// way [`Watched::changes`] counts one more, and an event of `tracing` says what became of it, at the
/// level `info` for a new plugin and at `warn` for a refusal.
///
/// A clone is another handle to the same. The thread that watches ends when the last one is dropped;
/// plugins that were taken from it stay usable.
pub struct Watched<W: World> {
    shared: Arc<Shared<W>>,
    _stop: Arc<StopOnDrop>,
}

/// Why a plugin cannot be watched.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// There is no plugin to begin with.
    #[error(transparent)]
    Load(#[from] LoadError),

    /// There is no thread to watch the file.
    #[error("cannot watch `{}`: the system gives no thread for it", ForeignText::of_path(path))]
    Thread {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl Host {
    /// Loads the plugin in the file `path`, as [`Host::load`] does, and again whenever the file's
    /// bytes change.
    ///
    /// What counts is the file of that name, and where signatures count, that beside it: it may be
    /// replaced, written over, or removed and made again. A change is noticed at once where the system notifies of it, and within a second
    /// elsewhere.
    ///
    /// ```no_run
    /// use plugwright::{Host, Plugin, Watched, World};
    ///
    /// # fn watched<W: World>() -> Result<Plugin<W>, Box<dyn std::error::Error>> {
    /// let host = Host::builder().build()?;
    /// let coupons: Watched<W> = host.watch("dist/coupons.wasm")?;
    /// let plugin = coupons.current();
    /// # Ok(plugin)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`WatchError::Load`] if the file is no plugin now.
    pub fn watch<W: World>(&self, path: impl AsRef<Path>) -> Result<Watched<W>, WatchError> {
        let path = path.as_ref().to_owned();
        // Before the file is read, so that no change is missed.
        let bell = Bell::new(vec![path.clone(), signature_beside(&path)]);
        let stop = Arc::new(StopOnDrop(bell.ringer()));
        let read = self.open(&path)?;
        let (name, seen) = (read.name().to_owned(), Seen::of(&read));
        let plugin = self.load_candidate(&self.verify(read)?)?;
        let serving = Serving { plugin, error: None, changes: 0 };
        let shared = Arc::new(Shared { serving: Mutex::new(serving), changed: Condvar::default() });
        let thread = thread::Builder::new().name(format!("watch {name}"));
        let watcher = Watcher {
            host: self.clone(),
            path: path.clone(),
            name,
            shared: Arc::clone(&shared),
            serving: seen.digest.clone(),
            seen: Ok(seen),
        };
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        thread
            .spawn(move || tracing::dispatcher::with_default(&dispatch, || watcher.watch(bell)))
            .map_err(|source| WatchError::Thread { path, source })?;
        Ok(Watched { shared, _stop: stop })
    }
}

impl<W: World> Watched<W> {
    /// The plugin that serves now. Who keeps it goes on with it, whatever becomes of the file.
    pub fn current(&self) -> Plugin<W> {
        self.shared.serving().plugin.clone()
    }

    /// Why the file as it is now does not serve; absent if it does.
    pub fn last_error(&self) -> Option<Arc<LoadError>> {
        self.shared.serving().error.clone()
    }

    /// How often the file has changed since the watching began, and something became of it: a new
    /// plugin, or a refusal.
    pub fn changes(&self) -> u64 {
        self.shared.serving().changes
    }

    /// Waits until [`Watched::changes`] is another number than `seen`, but not longer than `timeout`,
    /// and gives that number.
    pub fn wait_for_change(&self, seen: u64, timeout: Duration) -> u64 {
        let serving = self.shared.serving();
        let unchanged = |serving: &mut Serving<W>| serving.changes == seen;
        let (serving, _) = self
            .shared
            .changed
            .wait_timeout_while(serving, timeout, unchanged)
            .unwrap_or_else(PoisonError::into_inner);
        serving.changes
    }
}

impl<W: World> Clone for Watched<W> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), _stop: Arc::clone(&self._stop) }
    }
}

impl<W: World> fmt::Debug for Watched<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Serving { plugin, error, changes } = &*self.shared.serving();
        f.debug_struct("Watched")
            .field("plugin", plugin)
            .field("error", error)
            .field("changes", changes)
            .finish()
    }
}

/// What the handles and the thread that watches share.
struct Shared<W: World> {
    serving: Mutex<Serving<W>>,
    changed: Condvar,
}

struct Serving<W: World> {
    plugin: Plugin<W>,
    error: Option<Arc<LoadError>>,
    changes: u64,
}

impl<W: World> Shared<W> {
    /// Held for a moment only: nothing is compiled or called meanwhile.
    fn serving(&self) -> MutexGuard<'_, Serving<W>> {
        self.serving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<R>(&self, change: impl FnOnce(&mut Serving<W>) -> R) -> R {
        let mut serving = self.serving();
        let result = change(&mut serving);
        serving.changes += 1;
        self.changed.notify_all();
        result
    }
}

/// The handles' part in the watching: its end.
struct StopOnDrop(Ringer);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// The thread that watches.
struct Watcher<W: World> {
    host: Host,
    path: PathBuf,
    name: String,
    shared: Arc<Shared<W>>,
    /// The digest of the plugin that serves.
    serving: String,
    /// The file when it was last read, or why it could not be.
    seen: Result<Seen, String>,
}

/// A file as it was read.
#[derive(Clone, PartialEq, Eq)]
struct Seen {
    digest: String,
    signature: Option<String>,
}

impl Seen {
    fn of(read: &Unverified<'_>) -> Self {
        Self { digest: read.sha256(), signature: read.signature().map(str::to_owned) }
    }
}

impl<W: World> Watcher<W> {
    fn watch(mut self, mut bell: Bell) {
        loop {
            match bell.wait(Duration::MAX) {
                Rung::Maybe => self.reload(),
                Rung::NotYet => {}
                Rung::Stopped => return,
            }
        }
    }

    fn reload(&mut self) {
        let read = self.host.open(&self.path);
        let seen = match &read {
            Ok(read) => Ok(Seen::of(read)),
            Err(error) => Err(format!("{error:?}")),
        };
        if seen == self.seen {
            return;
        }
        self.seen.clone_from(&seen);
        let digest = seen.ok().map(|seen| seen.digest);
        let plugin = &*self.name;
        if digest.as_ref() == Some(&self.serving) {
            self.shared.change(|serving| serving.error = None);
            tracing::info!(plugin = %shown(plugin), "the file is again the one that serves");
            return;
        }
        let loaded = read.and_then(|read| self.host.verify(read));
        match loaded.and_then(|candidate| self.host.load_candidate(&candidate)) {
            Ok(loaded) => {
                self.serving.clone_from(&digest.unwrap_or_default());
                // The one before may be the last handle to its code, so it is not dropped in there.
                let before = self.shared.change(|serving| {
                    serving.error = None;
                    mem::replace(&mut serving.plugin, loaded)
                });
                drop(before);
                tracing::info!(plugin = %shown(plugin), "reloaded");
            }
            Err(error) => {
                let error = Arc::new(error);
                let refused = Arc::clone(&error);
                self.shared.change(|serving| serving.error = Some(error));
                let error = &*refused as &dyn std::error::Error;
                tracing::warn!(plugin = %shown(plugin), error, "refused; the one before goes on serving");
            }
        }
    }
}
