//! The errors and limits of compiler processes.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::ExitStatus;

use crate::text::amount::{self, Unit};
use crate::text::foreign_text::ForeignText;

/// A limit of a compiler process.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompilerLimit {
    /// Wall-clock time, in milliseconds.
    Time,
    /// CPU time of all its threads together, in milliseconds, rounded up to whole seconds, which is what the system
    /// counts.
    CpuTime,
    /// Bytes of memory that it may write to: its allocations, and the stacks of its threads, which take 8 MiB for each
    /// core, up to 8 cores. Only Linux enforces this limit.
    Memory,
    /// Bytes of the compiled code of a component.
    CodeSize,
}

/// The reason why a compiler process produced no code.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum CompilerError {
    /// The process exceeded a limit and was ended.
    #[error(
        "{} is limited to {}; to allow more, raise the compiler's limit `{}`",
        limit.subject(), amount::told(*value, limit.unit()), limit.name()
    )]
    Exceeded {
        /// Which limit.
        limit: CompilerLimit,
        /// Its value, in the unit that [`CompilerLimit`] names.
        value: u64,
    },
    /// The program cannot be started.
    #[error("cannot start the compiler `{}`{}", ForeignText::of_path(program), advice(source))]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The process ended before it answered.
    #[error("the compiler failed ({status}): {said:.300}")]
    Crashed {
        /// The exit status.
        status: ExitStatus,
        /// The beginning of what it wrote to standard error.
        said: ForeignText,
    },
    /// The process's output is not an answer to the request.
    #[error(
        "the output of the compiler `{}` was rejected: {reason}; name a program that is built with the same version of this \
         library and calls `plugwright::compile_worker` first",
        ForeignText::of_path(program)
    )]
    Garbled {
        /// The program.
        program: PathBuf,
        /// What is wrong with the output.
        reason: String,
    },
    /// The host cannot communicate with the process.
    #[error("cannot communicate with the compiler `{}`", ForeignText::of_path(program))]
    Broken {
        /// The program.
        program: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The compiler is the running program, but it did not call [`compile_worker`](crate::compile_worker).
    #[error(
        "this program is set to compile plugins in a separate process, but cannot: call \
         `plugwright::compile_worker` at the beginning of `main`"
    )]
    Uncalled,
    /// The caller stopped waiting for the plugin.
    #[error("nothing waits for the plugin any more")]
    Dropped,
}

impl CompilerLimit {
    /// All limits.
    pub const ALL: &'static [Self] = &[Self::Time, Self::CpuTime, Self::Memory, Self::CodeSize];

    /// Returns the name, as `plugwright --compiler-limit` takes it: `cpu-time`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::CpuTime => "cpu-time",
            Self::Memory => "memory",
            Self::CodeSize => "code-size",
        }
    }

    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::Time | Self::CpuTime => Unit::Milliseconds,
            Self::Memory | Self::CodeSize => Unit::Bytes,
        }
    }

    pub(crate) fn subject(self) -> &'static str {
        match self {
            Self::Time => "the time of compiling a plugin",
            Self::CpuTime => "the CPU time of compiling a plugin",
            Self::Memory => "the memory of the compiler",
            Self::CodeSize => "compiled code",
        }
    }
}

/// Says what to do about a program that cannot be started.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::PermissionDenied => {
            ": name an existing program that calls `plugwright::compile_worker` first"
        }
        _ => "",
    }
}
