//! Why a process that compiles gave no code, and what limits it has.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::ExitStatus;

use crate::text::amount::{self, Unit};
use crate::text::foreign_text::ForeignText;

/// What is limited of a process that compiles.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompilerLimit {
    /// The time as the wall clock has it, in milliseconds.
    Time,
    /// The time that its threads compute, all together, in milliseconds, rounded up to the whole seconds that
    /// the system counts.
    CpuTime,
    /// Bytes of memory that it may write to: what it allocates and the stacks of its threads, 8 MiB for each core
    /// and for 8 at most. On Linux only: other systems do not limit it.
    Memory,
    /// Bytes of what a component is compiled to.
    CodeSize,
}

/// Why a process that compiles gave no code.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum CompilerError {
    /// It went beyond one of its limits, and was ended.
    #[error(
        "{} is limited to {}; to allow more, raise the compiler's limit `{}`",
        limit.subject(), amount::told(*value, limit.unit()), limit.name()
    )]
    Exceeded {
        /// Which one.
        limit: CompilerLimit,
        /// Its value, in the unit that [`CompilerLimit`] names.
        value: u64,
    },
    /// The program cannot be started.
    #[error("the compiler `{}` cannot be started{}", ForeignText::of_path(program), advice(source))]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The process ended before it had given an answer.
    #[error("the compiler broke off ({status}): {said:.300}")]
    Crashed {
        /// How it ended.
        status: ExitStatus,
        /// What it said on standard error, or the beginning of that.
        said: ForeignText,
    },
    /// What the process gave is no answer to what it was asked.
    #[error(
        "what the compiler `{}` gave is not used, {reason}: name a program of the same version of this library that \
         calls `plugwright::compile_worker` first",
        ForeignText::of_path(program)
    )]
    Garbled {
        /// The program.
        program: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system does not let the host speak with the process.
    #[error("the compiler `{}` cannot be spoken to", ForeignText::of_path(program))]
    Broken {
        /// The program.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The program that is running is to be the compiler, and has not called [`compile_worker`](crate::compile_worker).
    #[error(
        "this program is to compile plugins in a process of its own, and does not: have it call \
         `plugwright::compile_worker` first thing in `main`"
    )]
    Uncalled,
    /// Nobody waits for the plugin any more.
    #[error("the plugin was not waited for")]
    Dropped,
}

impl CompilerLimit {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [Self] = &[Self::Time, Self::CpuTime, Self::Memory, Self::CodeSize];

    /// The name, as in `plugwright --compiler-limit`: `cpu-time`.
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
            Self::Time => "the time that compiling takes",
            Self::CpuTime => "the work of compiling",
            Self::Memory => "the memory of the compiler",
            Self::CodeSize => "compiled code",
        }
    }
}

/// What to do about a program that is not started.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::PermissionDenied => {
            ": name a program that is there and calls `plugwright::compile_worker` first"
        }
        _ => "",
    }
}
