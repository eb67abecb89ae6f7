//! Files and folders that are begun, beside those whose place they take once they are whole. They go when
//! they are dropped, and when a signal ends the process.

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

/// What the names of such files and folders begin with.
const PREFIX: &str = ".plugwright-";

/// What is begun now. Who begins something holds this meanwhile, and so does who removes all of it.
static BEGUN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// What is done last.
static LAST: OnceLock<fn()> = OnceLock::new();

/// Whether signals are heard.
static LISTENING: Once = Once::new();

/// A file that is begun.
pub(crate) struct BegunFile {
    file: NamedTempFile,
    _listed: Listed,
    /// Whether it is a program, whose permissions no file gives that was there before.
    is_program: bool,
}

/// A folder that is begun.
pub(crate) struct BegunFolder {
    folder: TempDir,
    _listed: Listed,
}

/// That something is in [`BEGUN`].
pub(crate) struct Listed(PathBuf);

impl BegunFile {
    /// Begins a file in `folder`, which whoever may read others there may read.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        Self::with_mode(0o666, folder)
    }

    /// The same, and whoever may read it may run it.
    pub(crate) fn program(folder: &Path) -> io::Result<Self> {
        Ok(Self { is_program: true, ..Self::with_mode(0o777, folder)? })
    }

    /// Begins a file in `folder` with what the user's mask leaves of these permissions.
    fn with_mode(mode: u32, folder: &Path) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt as _;
        let mut builder = tempfile::Builder::new();
        builder.permissions(fs::Permissions::from_mode(mode));
        Self::with(builder.prefix(PREFIX), folder)
    }

    /// Begins a file in `folder` that nobody but the user can read.
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

    /// Puts the file in the place of whatever is at `path`. It takes over the permissions of a file, unless it is a
    /// program, and a link goes, wherever it leads.
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

    /// Puts the file at `path`, unless something is there.
    pub(crate) fn create(self, path: &Path) -> io::Result<()> {
        self.file.persist_noclobber(path)?;
        Ok(())
    }

    /// Puts each file at its path, in this order, unless something is there. A signal ends the process before all of
    /// that or after it.
    pub(crate) fn create_all<const N: usize>(files: [(Self, &Path); N]) -> Result<()> {
        let files = files.map(|(Self { file, _listed: listed, .. }, path)| (listed, (file, path)));
        // `_listed` goes after `_begun`: to take itself off the list it needs the lock that is held until then.
        let (_listed, files): (Vec<_>, Vec<_>) = files.into_iter().unzip();
        let _begun = all();
        files.into_iter().try_for_each(|(file, path)| {
            file.persist_noclobber(path).map(drop).with_context(|| cannot_write(path))
        })
    }
}

/// What is said of errors of the file `path`.
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
    /// Begins a folder in `folder` that nobody but the user can read.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        Self::with(tempfile::Builder::new().prefix(PREFIX), folder)
    }

    /// Begins a folder in `folder`, which whoever may read others there may read.
    pub(crate) fn shared(folder: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            // A new folder gets what the user's mask leaves of these.
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

    /// Puts the folder at `path`, unless something is there.
    pub(crate) fn create(self, path: &Path) -> io::Result<()> {
        let Self { _listed, folder } = self;
        // A signal ends the process before this or after it. It goes before `_listed`, which needs the lock.
        let _begun = all();
        must_be_free(path)?;
        fs::rename(folder.path(), path)
    }

    /// Puts each folder at its path, unless something is at one of them: all, also if a signal comes meanwhile, or none.
    /// What this gives has them go with the process until it is dropped.
    pub(crate) fn create_all<const N: usize>(folders: [(Self, &Path); N]) -> Result<Vec<Listed>> {
        let paths = folders.each_ref().map(|(_, path)| path.to_path_buf());
        let folders =
            folders.map(|(Self { folder, _listed: listed }, path)| (listed, (folder, path)));
        // As with files.
        let (_listed, folders): (Vec<_>, Vec<_>) = folders.into_iter().unzip();
        let mut begun = all();
        for (at, (folder, path)) in folders.iter().enumerate() {
            let put = must_be_free(path).and_then(|()| fs::rename(folder.path(), path));
            if let Err(error) = put {
                for (folder, path) in folders.iter().take(at) {
                    // There, it goes.
                    let _ = fs::rename(path, folder.path());
                }
                return Err(error).with_context(|| cannot_write(path));
            }
        }
        begun.extend(paths.iter().cloned());
        drop(begun);
        Ok(paths.into_iter().map(Listed).collect())
    }

    /// Puts what is in the folder into the folder that this one is in, unless something of the same name is there: all
    /// of it, also if a signal comes meanwhile, or nothing.
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
                    // With the folder, it goes.
                    let _ = fs::rename(to, from);
                }
                return Err(error);
            }
            moved.push((from, to));
        }
        Ok(())
    }

    /// The folder, where it is as long as it is not whole.
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

/// Makes something that is listed from the moment that it is there.
fn begin<T>(make: impl FnOnce() -> io::Result<(T, PathBuf)>) -> io::Result<(T, Listed)> {
    listen_once();
    let mut begun = all();
    let (made, path) = make()?;
    begun.insert(path.clone());
    Ok((made, Listed(path)))
}

/// Files that something else begins at these paths, and ends: they go when a signal ends the process meanwhile.
pub(crate) fn by_others(paths: Vec<PathBuf>) -> Vec<Listed> {
    listen_once();
    all().extend(paths.iter().cloned());
    paths.into_iter().map(Listed).collect()
}

/// Runs the command: a signal that ends this process meanwhile ends it, and all that it started, which have as long as
/// `patience` to do so by themselves.
pub(crate) fn spawn(command: &mut Command, patience: Duration) -> io::Result<Running> {
    listen_once();
    processes::spawn(command, patience)
}

/// What the system says, without the file beside, which nobody asked for.
fn plain(error: &io::Error, folder: &Path) -> io::Error {
    if error.kind() == io::ErrorKind::NotFound {
        let shown = ForeignText::of_path(folder);
        let missing = match folder.exists() {
            true => format!("the folder `{shown}` takes no new files"),
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

/// Has `last` done before a signal ends the process: the first that is given.
pub(crate) fn before_the_end(last: fn()) {
    LAST.get_or_init(|| last);
    listen_once();
}

/// Removes what is begun before the process ends by a signal, which would leave it otherwise.
fn listen() {
    // A signal that is ignored, as `nohup` and shells have it for what runs in the background, stays so.
    let signals =
        [SIGINT, SIGTERM, SIGHUP, SIGQUIT].into_iter().filter(|signal| !is_ignored(*signal));
    // The thread comes first: without one that hears them, signals would do nothing, and not end the process.
    let (sender, receiver) = mpsc::channel::<Signals>();
    let thread = thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let Ok(mut signals) = receiver.recv() else { return };
        for signal in signals.forever() {
            // It is held until the end, so that nothing else is begun.
            let begun = all();
            let _ended = processes::end_all();
            for path in &*begun {
                // A file that is begun in a folder just now can be in the way.
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
        // It is there, and waits for them.
        let _ = sender.send(signals);
    }
}
