//! What can go wrong: one error type for each operation.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::Mismatch;

/// Why a [`Host`](crate::Host) cannot be made.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The engine cannot run on this machine with these settings.
    #[error("the engine cannot run on this machine: {reason}")]
    Engine {
        /// What the engine says.
        reason: String,
    },
}

/// Why a plugin cannot be loaded.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read the plugin `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },

    /// The bytes are not WebAssembly.
    #[error(
        "`{plugin}` is not WebAssembly: {reason}; a plugin is the file that `just build` leaves in `dist/`"
    )]
    NotWasm {
        /// The plugin's name.
        plugin: String,
        /// How that shows.
        reason: String,
    },

    /// The bytes are a core module, which has no typed imports and exports.
    #[error(
        "`{plugin}` is a core module, not a component: build it for wasm32-wasip2, or wrap it with \
         `wasm-tools component new`"
    )]
    CoreModule {
        /// The plugin's name.
        plugin: String,
    },

    /// The bytes begin as a component does and are not a valid one.
    #[error(
        "`{plugin}` is damaged: {reason} (at byte {offset}); build it again, or copy it again from \
         where it came"
    )]
    Damaged {
        /// The plugin's name.
        plugin: String,
        /// What the validator says.
        reason: String,
        /// Where, in bytes from the beginning of the file.
        offset: usize,
    },

    /// The component is for another world, or for another version of the contract.
    #[error("`{plugin}` does not fit the world `{world}`:{}", Listed(mismatches, hint))]
    Contract {
        /// The plugin's name.
        plugin: String,
        /// The world that it was loaded for.
        world: String,
        /// What does not fit, name by name.
        mismatches: Vec<Mismatch>,
        /// What to do about it.
        hint: String,
    },

    /// The component fits, and breaks off while it is being instantiated.
    #[error("`{plugin}` cannot be started: {reason}")]
    Start {
        /// The plugin's name.
        plugin: String,
        /// What it broke off over.
        reason: String,
    },

    /// The component is valid and uses what this engine does not compile.
    #[error("`{plugin}` cannot be compiled: {reason}")]
    Compile {
        /// The plugin's name.
        plugin: String,
        /// What the compiler says.
        reason: String,
    },
}

/// Why a call of a plugin gave no result. `F` is the failure that the contract has for the function.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum CallError<F: fmt::Debug + fmt::Display> {
    /// The plugin did its work and refused: a result of its own, typed by the contract.
    #[error("plugin `{plugin}` refused: {failure}")]
    Refused {
        /// The plugin's name.
        plugin: String,
        /// Why it refused.
        failure: F,
    },

    /// The plugin broke off. Its instance is gone; the next call gets a fresh one.
    #[error("plugin `{plugin}` trapped in `{function}`: {reason}")]
    Trapped {
        /// The plugin's name.
        plugin: String,
        /// The function of the contract that was called.
        function: &'static str,
        /// What it broke off over.
        reason: String,
        /// The plugin's own functions that were running, innermost first.
        backtrace: Vec<Frame>,
    },
}

/// One function of a plugin that was running when it trapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The function's name, absent in a stripped plugin.
    pub function: Option<String>,
    /// Where in the core module it was, in bytes from the module's beginning.
    pub offset: Option<usize>,
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.function, self.offset) {
            (Some(function), _) => f.write_str(function),
            (None, Some(offset)) => write!(f, "<function at {offset:#x}>"),
            (None, None) => f.write_str("<function>"),
        }
    }
}

impl<F: fmt::Debug + fmt::Display> CallError<F> {
    /// Tells the error of a call that ended without an answer.
    pub(crate) fn from_engine(
        plugin: &str,
        function: &'static str,
        error: &wasmtime::Error,
    ) -> Self {
        let backtrace =
            error.downcast_ref::<wasmtime::WasmBacktrace>().map_or_else(Vec::new, |backtrace| {
                let frames = backtrace.frames().iter();
                frames
                    .map(|frame| Frame {
                        // `{:#}` leaves out the hash that ends a mangled name.
                        function: frame
                            .func_name()
                            .map(|name| format!("{:#}", rustc_demangle::demangle(name))),
                        offset: frame.module_offset(),
                    })
                    .collect()
            });
        let (plugin, reason) = (plugin.to_owned(), trap_reason(error));
        Self::Trapped { plugin, function, reason, backtrace }
    }
}

/// What a plugin broke off over.
pub(crate) fn trap_reason(error: &wasmtime::Error) -> String {
    match error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        Some(exit) => format!("it exited with status {}", exit.0),
        None => error.root_cause().to_string(),
    }
}

/// Mismatches as a list below a heading, and the hint after them.
struct Listed<'a>(&'a [Mismatch], &'a str);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(mismatches, hint) = self;
        for mismatch in *mismatches {
            write!(f, "\n  - {mismatch}")?;
        }
        write!(f, "\n{hint}")
    }
}
