//! Temporary files and folders, which replace their targets once they are complete. They are removed when they are
//! dropped, and when a signal ends the process.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, Once, OnceLock, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use plugwright::ForeignText;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use tempfile::{NamedTempFile, TempDir};

use crate::processes::{self, Running};
use crate::signals::is_ignored;

/// The prefix of the names of temporary files and folders.
const PREFIX: &str = ".plugwright-";

/// The temporary files and folders that exist now. The lock is held while one of them is created or completed, and
/// while all of them are removed.
static BEGUN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The function to call before a signal ends the process.
static LAST: OnceLock<fn()> = OnceLock::new();

/// Whether the thread for signals runs.
static LISTENING: Once = Once::new();

/// A temporary file.
pub(crate) struct BegunFile {
    file: NamedTempFile,
    _listed: Listed,
    /// Whether the file is a program. A program does not take over the permissions of the file that it replaces.
    is_program: bool,
}

/// A temporary folder.
pub(crate) struct BegunFolder {
    folder: TempDir,
    _listed: Listed,
}

/// An entry in [`BEGUN`], which ends when this is dropped.
pub(crate) struct Listed(PathBuf);

impl BegunFile {
    /// Creates a temporary file in `folder`, with the permissions of a normal new file.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        Self::with_mode(0o666, folder)
    }

    /// Creates a temporary file in `folder`, with the permissions of a new program.
    pub(crate) fn program(folder: &Path) -> io::Result<Self> {
        Ok(Self { is_program: true, ..Self::with_mode(0o777, folder)? })
    }

    /// Creates a temporary file in `folder` with these permissions, reduced by the user's mask.
    fn with_mode(mode: u32, folder: &Path) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt as _;
        let mut builder = tempfile::Builder::new();
        builder.permissions(fs::Permissions::from_mode(mode));
        Self::with(builder.prefix(PREFIX), folder)
    }

    /// Creates a temporary file in `folder` that only the user can read.
    pub(crate) fn secret(folder: &Path) -> io::Result<Self> {
        Self::with(tempfile::Builder::new().prefix(PREFIX), folder)
    }

    fn with(builder: &tempfile::Builder<'_, '_>, folder: &Path) -> io::Result<Self> {
        let (file, listed) = begin(|| {
            let file = builder.tempfile_in(folder).map_err(|error| plain(&error, folder))?;
            let path = file.path().to_owned();
            Ok((file, path))
        })?;
        Ok(Self { file, _listed: listed, is_program: false })
    }

    /// Replaces whatever is at `path` by the file. The file takes over the permissions of a file there, unless it is a
    /// program. A link is replaced itself, and not its target.
    pub(crate) fn replace(self, path: &Path) -> io::Result<()> {
        if let Ok(old) = fs::symlink_metadata(path)
            && old.is_file()
            && !self.is_program
        {
            self.file.as_file().set_permissions(old.permissions())?;
        }
        self.file.persist(path)?;
        Ok(())
    }

    /// Moves the file to `path`, unless something is there.
    pub(crate) fn create(self, path: &Path) -> io::Result<()> {
        self.file.persist_noclobber(path)?;
        Ok(())
    }

    /// Moves each file to its path, in this order, unless something is there. A signal ends the process only before or
    /// after all moves.
    pub(crate) fn create_all<const N: usize>(files: [(Self, &Path); N]) -> Result<()> {
        let files = files.map(|(Self { file, _listed: listed, .. }, path)| (listed, (file, path)));
        // `_listed` is dropped after `_begun`, because dropping it needs the lock that `_begun` holds.
        let (_listed, files): (Vec<_>, Vec<_>) = files.into_iter().unzip();
        let _begun = all();
        files.into_iter().try_for_each(|(file, path)| {
            file.persist_noclobber(path).map(drop).with_context(|| cannot_write(path))
        })
    }
}

/// Returns the context for an error of writing the file `path`.
pub(crate) fn cannot_write(path: &Path) -> String {
    format!("cannot write `{}`", ForeignText::of_path(path))
}

impl Write for BegunFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

impl BegunFolder {
    /// Creates a temporary folder in `folder` that only the user can read.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        Self::with(tempfile::Builder::new().prefix(PREFIX), folder)
    }

    /// Creates a temporary folder in `folder`, with the permissions of a normal new folder.
    pub(crate) fn shared(folder: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            // The user's mask reduces these permissions.
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        Self::with(builder.prefix(PREFIX), folder)
    }

    fn with(builder: &tempfile::Builder<'_, '_>, folder: &Path) -> io::Result<Self> {
        let (folder, listed) = begin(|| {
            let made = builder.tempdir_in(folder).map_err(|error| plain(&error, folder))?;
            let path = made.path().to_owned();
            Ok((made, path))
        })?;
        Ok(Self { folder, _listed: listed })
    }

    /// Moves the folder to `path`, unless something is there.
    pub(crate) fn create(self, path: &Path) -> io::Result<()> {
        let Self { _listed, folder } = self;
        // With the lock, a signal ends the process only before or after the move. The lock is released before `_listed`
        // is dropped, which needs it.
        let _begun = all();
        must_be_free(path)?;
        fs::rename(folder.path(), path)
    }

    /// Moves each folder to its path, unless something is at one of the paths. Moves either all of them or none, even
    /// if a signal arrives meanwhile. A signal still removes the folders until the returned entries are dropped.
    pub(crate) fn create_all<const N: usize>(folders: [(Self, &Path); N]) -> Result<Vec<Listed>> {
        let paths = folders.each_ref().map(|(_, path)| path.to_path_buf());
        let folders =
            folders.map(|(Self { folder, _listed: listed }, path)| (listed, (folder, path)));
        // `_listed` is dropped after `begun`, as for files.
        let (_listed, folders): (Vec<_>, Vec<_>) = folders.into_iter().unzip();
        let mut begun = all();
        for (at, (folder, path)) in folders.iter().enumerate() {
            let put = must_be_free(path).and_then(|()| fs::rename(folder.path(), path));
            if let Err(error) = put {
                for (folder, path) in folders.iter().take(at) {
                    // Back in its temporary place, the folder is removed when it is dropped.
                    let _ = fs::rename(path, folder.path());
                }
                return Err(error).with_context(|| cannot_write(path));
            }
        }
        begun.extend(paths.iter().cloned());
        drop(begun);
        Ok(paths.into_iter().map(Listed).collect())
    }

    /// Moves the contents of the folder into its parent folder, unless something of the same name is there. Moves
    /// either everything or nothing, even if a signal arrives meanwhile.
    pub(crate) fn move_up(self) -> io::Result<()> {
        let Self { _listed, folder } = self;
        let _begun = all();
        let mut moved: Vec<(PathBuf, PathBuf)> = Vec::new();
        let entries = fs::read_dir(folder.path())?.collect::<io::Result<Vec<_>>>()?;
        let above = folder.path().parent().unwrap_or(folder.path());
        for entry in entries {
            let (from, to) = (entry.path(), above.join(entry.file_name()));
            if let Err(error) = must_be_free(&to).and_then(|()| fs::rename(&from, &to)) {
                for (from, to) in moved {
                    // Back in the temporary folder, it is removed with that folder.
                    let _ = fs::rename(to, from);
                }
                return Err(error);
            }
            moved.push((from, to));
        }
        Ok(())
    }

    /// Returns the temporary path of the folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        all().remove(&self.0);
    }
}

fn must_be_free(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Creates something that is in the list as soon as it exists.
fn begin<T>(make: impl FnOnce() -> io::Result<(T, PathBuf)>) -> io::Result<(T, Listed)> {
    listen_once();
    let mut begun = all();
    let (made, path) = make()?;
    begun.insert(path.clone());
    Ok((made, Listed(path)))
}

/// Lists files that other code creates and removes at these paths, so that a signal that ends the process removes them.
pub(crate) fn by_others(paths: Vec<PathBuf>) -> Vec<Listed> {
    listen_once();
    all().extend(paths.iter().cloned());
    paths.into_iter().map(Listed).collect()
}

/// Starts the command. A signal that ends this process also ends the command and all processes that the command
/// started. They have the time `patience` to end by themselves.
pub(crate) fn spawn(command: &mut Command, patience: Duration) -> io::Result<Running> {
    listen_once();
    processes::spawn(command, patience)
}

/// Returns the system's error without the name of the temporary file, which means nothing to the user.
fn plain(error: &io::Error, folder: &Path) -> io::Error {
    if error.kind() == io::ErrorKind::NotFound {
        let shown = ForeignText::of_path(folder);
        let missing = match folder.exists() {
            true => format!("cannot create files in the folder `{shown}`"),
            false => format!("there is no folder `{shown}`"),
        };
        return io::Error::new(io::ErrorKind::NotFound, missing);
    }
    let source = error.get_ref().and_then(|error| error.source());
    let system = source.and_then(|error| error.downcast_ref::<io::Error>());
    let code = system.unwrap_or(error).raw_os_error();
    code.map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

fn all() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen_once() {
    LISTENING.call_once(listen);
}

/// Calls `last` before a signal ends the process. Only the first function given counts.
pub(crate) fn before_the_end(last: fn()) {
    LAST.get_or_init(|| last);
    listen_once();
}

/// Starts a thread that removes temporary files and folders before a signal ends the process.
fn listen() {
    // Signals that are ignored stay ignored: `nohup` and shells ignore some for background processes.
    let signals =
        [SIGINT, SIGTERM, SIGHUP, SIGQUIT].into_iter().filter(|signal| !is_ignored(*signal));
    // The thread starts first: with handlers but without a thread, signals would not end the process.
    let (sender, receiver) = mpsc::channel::<Signals>();
    let thread = thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let Ok(mut signals) = receiver.recv() else { return };
        for signal in signals.forever() {
            // Held until the end of the process, so that nothing else is created.
            let begun = all();
            let _ended = processes::end_all();
            for path in &*begun {
                // Repeat: another process may be creating a file in the folder right now.
                let _ = (0..10).any(|_| match path.is_dir() {
                    true => fs::remove_dir_all(path).is_ok(),
                    false => fs::remove_file(path).is_ok(),
                });
            }
            if let Some(last) = LAST.get() {
                last();
            }
            let _ = emulate_default_handler(signal);
        }
    });
    if thread.is_ok()
        && let Ok(signals) = Signals::new(signals)
    {
        // The thread waits for this.
        let _ = sender.send(signals);
    }
}
