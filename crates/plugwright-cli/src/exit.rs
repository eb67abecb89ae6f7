//! Exit codes, and the output of errors.

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

/// The section of the help text that documents the exit codes.
pub(crate) const HELP: &str = "\
Exit codes:
  0  success
  1  a plugin refused its input or gave its result an invalid file name; or a test failed
  2  wrong arguments, or stages that do not fit together
  3  a plugin could not be loaded or called: the file is not a plugin, does not fit, is not allowed, or
     exceeds a limit while it loads; or the system could not start a thread
  4  a plugin trapped
  5  a plugin exceeded a limit during a call
  6  a grant could not be given to a plugin
  7  a contract is invalid, or is not a valid successor of its last release
  8  a file could not be read or written
  9  a registry could not be reached, denied the request, or sent an invalid answer";

/// The exit code for any file that cannot be read or written.
const FILE: u8 = 8;

/// Why the command failed, with the exit code for it.
#[derive(Debug)]
pub(crate) struct Failed {
    code: u8,
    error: anyhow::Error,
}

/// The failure of a plugin that refused its input, or whose result cannot be used.
pub(crate) fn refused(error: impl Into<anyhow::Error>) -> Failed {
    Failed { code: 1, error: error.into() }
}

/// The failure of a test.
pub(crate) fn failed(error: impl Into<anyhow::Error>) -> Failed {
    Failed { code: 1, error: error.into() }
}

/// The failure to read or write a file.
pub(crate) fn file(error: impl Into<anyhow::Error>) -> Failed {
    Failed { code: FILE, error: error.into() }
}

/// The failure of wrong arguments, or of a file that cannot be read or written.
pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Failed {
    or_file(2, error.into())
}

/// Returns a failure with this code, or with [`FILE`] if the cause is a file that cannot be read or written.
fn or_file(code: u8, error: anyhow::Error) -> Failed {
    let is_of_file = match (error.downcast_ref(), error.downcast_ref()) {
        (_, Some(DistError::Missing { .. } | DistError::NoFolder { .. })) => true,
        // Other load errors can come from the system, too, but not from files: for example, no thread could start.
        (Some(error), _) => matches!(error, LoadError::Read(_)),
        _ => error.chain().any(<dyn std::error::Error>::is::<io::Error>),
    };
    Failed { code: if is_of_file { FILE } else { code }, error }
}

/// The failure of a plugin that could not be loaded, or of one of its files that cannot be read.
pub(crate) fn load(error: impl Into<anyhow::Error>) -> Failed {
    or_file(3, error.into())
}

/// The failure of a plugin that trapped.
pub(crate) fn trapped(error: impl Into<anyhow::Error>) -> Failed {
    Failed { code: 4, error: error.into() }
}

impl fmt::Display for Failed {
    /// Writes the error and its causes in one line, and what to run next.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}{}", self.error, next(&self.error))
    }
}

/// Returns what to run next. The library cannot say this, because it does not know the pipeline.
fn next(error: &anyhow::Error) -> &'static str {
    use DistError::{Changed, Manifest, Missing, NoFolder, Read};
    match (error.downcast_ref(), error.downcast_ref()) {
        (Some(NoFolder { .. }), _) => ": name a folder that `plugwright build` filled",
        (Some(Missing { .. }), _) => "; run `plugwright build`",
        (Some(Read { .. } | Manifest { .. } | Changed { .. }), _) => {
            "; run `plugwright build` to make it again"
        }
        (_, Some(LoadError::UnknownWorld { is_ambiguous: false, .. })) => {
            "; name the folder of its WIT with `--wit`"
        }
        (_, Some(LoadError::NotWasm { .. })) => {
            "; a plugin is a file that `plugwright build` puts into `dist/`"
        }
        _ => "",
    }
}

impl Failed {
    /// Adds where the failure happened.
    pub(crate) fn context(self, place: impl fmt::Display + Send + Sync + 'static) -> Self {
        Self { error: self.error.context(place), ..self }
    }

    /// Adds the path of the file, unless the error names the file already. A plugin's name is only a part of its path.
    pub(crate) fn about(self, file: &Path) -> Self {
        if self.code == FILE {
            return self;
        }
        self.context(format!("`{}`", ForeignText::of_path(file)))
    }

    /// Adds the stage in which the failure happened, in a chain of `count` stages. `index` counts from 0.
    pub(crate) fn in_stage(self, index: usize, count: usize) -> Self {
        if count == 1 { self } else { self.context(format!("in stage {}", index + 1)) }
    }

    /// Returns a failure with another error and the same exit code.
    pub(crate) fn as_well(&self, error: anyhow::Error) -> Self {
        Self { error, ..*self }
    }

    /// Returns whether the reader of standard output has gone.
    pub(crate) fn is_unread(&self) -> bool {
        output::is_unread(&self.error)
    }

    /// Returns whether a plugin is not the file that its `plugins.json` lists.
    pub(crate) fn is_changed_plugin(&self) -> bool {
        matches!(self.error.downcast_ref(), Some(DistError::Changed { .. }))
    }
}

/// The failure of a plugin that exceeded a limit during a call.
pub(crate) fn exceeded(error: impl Into<anyhow::Error>) -> Failed {
    Failed { code: 5, error: error.into() }
}

/// The failure to give a grant to a plugin.
pub(crate) fn denied(error: impl Into<anyhow::Error>) -> Failed {
    Failed { code: 6, error: error.into() }
}

/// The failure of a contract that is invalid or is not a valid successor of its last release, or of a file that cannot be
/// read.
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

/// The failure of a registry request, or of writing what the registry sent.
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
            // The system could not start a thread: no file is at fault.
            CallError::Thread { .. } => Failed { code: 3, error: error.into() },
            CallError::Trapped { backtrace, .. } => trapped(with_frames(&error, backtrace)),
            CallError::Exceeded { backtrace, .. } => exceeded(with_frames(&error, backtrace)),
            _ => trapped(error),
        }
    }
}

/// Returns the error, followed by the backtrace with a line for each function.
fn with_frames(error: &impl fmt::Display, backtrace: &[Frame]) -> anyhow::Error {
    let frames: String = backtrace.iter().map(|frame| format!("\n  in {frame}")).collect();
    anyhow::anyhow!("{error}{frames}")
}

/// Shows the error, if there is one, and returns the exit code.
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
