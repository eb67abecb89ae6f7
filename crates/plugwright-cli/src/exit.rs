//! Exit codes, and how errors are shown.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
#[cfg(feature = "registry")]
use plugwright::registry::RegistryError;
use plugwright::{CallError, DistError, ForeignText, Frame, LoadError};

use crate::log::show_text;
use crate::output;
use crate::visible::visible;

/// The part of the help text that documents the exit codes.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done
  1  a plugin refused its input, or gave its result a name that is none for a file; or a test failed
  2  usage: wrong arguments, or stages that do not fit together
  3  a plugin could not be loaded or called: its file is none, or not one that fits or is allowed, or it
     goes beyond a limit already then, or the system has no thread for it
  4  a plugin trapped
  5  a plugin went beyond a limit in a call
  6  something cannot be granted to a plugin
  7  a contract is none, or not one that may follow its release
  8  a file cannot be read or written
  9  a registry cannot be reached, does not allow it, or answers what it may not";

/// The code of files that cannot be read or written, whatever they are for.
const FILE: u8 = 8;

/// Why the command ends without being done.
#[derive(Debug)]
pub(crate) struct Failed {
    code: u8,
    error: anyhow::Error,
}

/// A plugin refused its input, or what it gave cannot be used.
pub(crate) fn refused(error: impl Into<anyhow::Error>) -> Failed {
    Failed { code: 1, error: error.into() }
}

/// A test failed.
pub(crate) fn failed(error: impl Into<anyhow::Error>) -> Failed {
    Failed { code: 1, error: error.into() }
}

/// A file cannot be read or written.
pub(crate) fn file(error: impl Into<anyhow::Error>) -> Failed {
    Failed { code: FILE, error: error.into() }
}

/// Wrong arguments; or a file that cannot be read or written.
pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Failed {
    or_file(2, error.into())
}

/// An error with this code, or with that of files if one cannot be read or written.
fn or_file(code: u8, error: anyhow::Error) -> Failed {
    let is_of_file = match (error.downcast_ref(), error.downcast_ref()) {
        (_, Some(DistError::Missing { .. } | DistError::NoFolder { .. })) => true,
        // For others the system has something else than files to give, such as threads.
        (Some(error), _) => matches!(error, LoadError::Read(_)),
        _ => error.chain().any(<dyn std::error::Error>::is::<io::Error>),
    };
    Failed { code: if is_of_file { FILE } else { code }, error }
}

/// A plugin could not be loaded; or a file of it cannot be read.
pub(crate) fn load(error: impl Into<anyhow::Error>) -> Failed {
    or_file(3, error.into())
}

/// A plugin trapped.
pub(crate) fn trapped(error: impl Into<anyhow::Error>) -> Failed {
    Failed { code: 4, error: error.into() }
}

impl fmt::Display for Failed {
    /// Says what is wrong, its causes in the same line, and what to type next.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}{}", self.error, next(&self.error))
    }
}

/// What to type next, where the library cannot know it: it knows no pipeline.
fn next(error: &anyhow::Error) -> &'static str {
    use DistError::{Changed, Manifest, Missing, NoFolder, Read};
    match (error.downcast_ref(), error.downcast_ref()) {
        (Some(NoFolder { .. }), _) => ": name one that `plugwright build` filled",
        (Some(Missing { .. }), _) => "; type `plugwright build`",
        (Some(Read { .. } | Manifest { .. } | Changed { .. }), _) => {
            "; type `plugwright build` to make it again"
        }
        (_, Some(LoadError::UnknownWorld { is_ambiguous: false, .. })) => {
            "; name the folder of its WIT with `--wit`"
        }
        (_, Some(LoadError::NotWasm { .. })) => {
            "; a plugin is the file that `plugwright build` leaves in `dist/`"
        }
        _ => "",
    }
}

impl Failed {
    /// Says where it happened.
    pub(crate) fn context(self, place: impl fmt::Display + Send + Sync + 'static) -> Self {
        Self { error: self.error.context(place), ..self }
    }

    /// Says which file it is about, unless that is said: a plugin's name is not all of the file's.
    pub(crate) fn about(self, file: &Path) -> Self {
        if self.code == FILE {
            return self;
        }
        self.context(format!("`{}`", ForeignText::of_path(file)))
    }

    /// Says in which stage of a chain of `count` it happened, counted from 0.
    pub(crate) fn in_stage(self, index: usize, count: usize) -> Self {
        if count == 1 { self } else { self.context(format!("in stage {}", index + 1)) }
    }

    /// Another error with the same exit code.
    pub(crate) fn as_well(&self, error: anyhow::Error) -> Self {
        Self { error, ..*self }
    }

    /// Nobody reads the result on standard output any more.
    pub(crate) fn is_unread(&self) -> bool {
        output::is_unread(&self.error)
    }

    /// A plugin is another one than its manifest says.
    pub(crate) fn is_changed_plugin(&self) -> bool {
        matches!(self.error.downcast_ref(), Some(DistError::Changed { .. }))
    }
}

/// A plugin went beyond a limit in a call.
pub(crate) fn exceeded(error: impl Into<anyhow::Error>) -> Failed {
    Failed { code: 5, error: error.into() }
}

/// Something cannot be granted to a plugin.
pub(crate) fn denied(error: impl Into<anyhow::Error>) -> Failed {
    Failed { code: 6, error: error.into() }
}

/// A contract is none, or not one that may follow its release; or a file that cannot be read.
pub(crate) fn contract(error: impl Into<anyhow::Error>) -> Failed {
    or_file(7, error.into())
}

impl From<LoadError> for Failed {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Denied { .. } => denied(error),
            #[cfg(feature = "registry")]
            LoadError::Registry(error) => of_registry(error),
            _ => load(error),
        }
    }
}

/// A registry does not do what it is asked for, or what it gives cannot be written.
#[cfg(feature = "registry")]
fn of_registry(error: RegistryError) -> Failed {
    match error {
        RegistryError::File { .. } | RegistryError::Changed { .. } => file(error),
        _ => Failed { code: 9, error: error.into() },
    }
}

impl<F: fmt::Debug + fmt::Display + Send + Sync + 'static> From<CallError<F>> for Failed {
    fn from(error: CallError<F>) -> Self {
        match &error {
            CallError::Refused { .. } => refused(error),
            CallError::Denied { .. } => denied(error),
            // It is the system's fault, and none of a file.
            CallError::Thread { .. } => Failed { code: 3, error: error.into() },
            CallError::Trapped { backtrace, .. } => trapped(with_frames(&error, backtrace)),
            CallError::Exceeded { backtrace, .. } => exceeded(with_frames(&error, backtrace)),
            _ => trapped(error),
        }
    }
}

/// The error, and below it the functions that were running.
fn with_frames(error: &impl fmt::Display, backtrace: &[Frame]) -> anyhow::Error {
    let frames: String = backtrace.iter().map(|frame| format!("\n  in {frame}")).collect();
    anyhow::anyhow!("{error}{frames}")
}

/// Shows the error, if there is one, and gives the code to exit with.
pub(crate) fn report(done: Result<(), Failed>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) if failed.is_unread() => ExitCode::SUCCESS,
        Err(failed) => {
            show(&failed);
            ExitCode::from(failed.code)
        }
    }
}

/// Shows an error on standard error, in one line.
pub(crate) fn show(failed: &Failed) {
    let red: Style = AnsiColor::Red.on_default().bold();
    show_text(&format!("{red}error:{red:#} {}\n", visible(&failed.to_string())));
}
