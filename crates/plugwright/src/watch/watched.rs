//! Hot reload: when a plugin's file changes, the plugin is replaced between two calls.

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

/// A plugin whose file is watched. When the file changes, the new plugin is checked and compiled, and is used from the
/// next call on.
///
/// If the new file is refused, or the file is gone, the previous plugin stays in use. In each case
/// [`Watched::changes`] is increased by one, and an event of `tracing` reports the outcome: at the level
/// `info` for a new plugin, and at `warn` for a refusal.
///
/// A clone is another handle to the same watched plugin. The watching thread ends when the last handle is dropped.
/// Plugins that were taken from a handle stay usable.
pub struct Watched<W: World> {
    shared: Arc<Shared<W>>,
    _stop: Arc<StopOnDrop>,
}

/// The reason why a plugin cannot be watched.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The plugin cannot be loaded in the first place.
    #[error(transparent)]
    Load(#[from] LoadError),

    /// The system could not start a thread to watch the file.
    #[error("cannot watch `{}`: the system could not start a thread", ForeignText::of_path(path))]
    Thread {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl Host {
    /// Loads the plugin in the file `path`, as [`Host::load`] does, and loads it again whenever the file's bytes
    /// change.
    ///
    /// The host watches the file with that name and, if it needs signatures, the signature file beside it. A file may
    /// be replaced, overwritten, or removed and created again. The host notices a change at once if the system notifies
    /// it, and within a second otherwise.
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
    /// [`WatchError::Load`] if the file is not a loadable plugin now, and [`WatchError::Thread`] if the system could
    /// not start a thread.
    pub fn watch<W: World>(&self, path: impl AsRef<Path>) -> Result<Watched<W>, WatchError> {
        let path = path.as_ref().to_owned();
        // The watch begins before the file is read, so that no change is missed.
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
    /// Returns the plugin that is in use now. The returned handle keeps this plugin, even if the file changes.
    pub fn current(&self) -> Plugin<W> {
        self.shared.serving().plugin.clone()
    }

    /// Returns why the current file is not in use, or `None` if it is in use.
    pub fn last_error(&self) -> Option<Arc<LoadError>> {
        self.shared.serving().error.clone()
    }

    /// Returns how often the file has changed since the watch began. A change counts when it led to a new plugin or a
    /// refusal.
    pub fn changes(&self) -> u64 {
        self.shared.serving().changes
    }

    /// Waits until [`Watched::changes`] differs from `seen`, or until `timeout` has passed, and returns the current
    /// number.
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

/// What the handles share with the watching thread.
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
    /// Returns the lock. It is held only for a moment: no code is compiled or called while it is held.
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

/// Stops the watch when the last handle is dropped.
struct StopOnDrop(Ringer);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// The watching thread.
struct Watcher<W: World> {
    host: Host,
    path: PathBuf,
    name: String,
    shared: Arc<Shared<W>>,
    /// The digest of the plugin that is in use.
    serving: String,
    /// The content of the file when it was last read, or the error of reading it.
    seen: Result<Seen, String>,
}

/// The content of a file when it was read.
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
            tracing::info!(plugin = %shown(plugin), "the file is again the plugin that is in use");
            return;
        }
        let loaded = read.and_then(|read| self.host.verify(read));
        match loaded.and_then(|candidate| self.host.load_candidate(&candidate)) {
            Ok(loaded) => {
                self.serving.clone_from(&digest.unwrap_or_default());
                // The previous plugin may be the last handle to its code, so it is dropped outside the lock.
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
                tracing::warn!(plugin = %shown(plugin), error, "refused; the previous plugin stays in use");
            }
        }
    }
}
