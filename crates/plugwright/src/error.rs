//! What can go wrong: one error type for each operation.

use std::fmt;
use std::io;
use std::path::PathBuf;

use wasmtime::Trap;
use wasmtime::component::ResourceTableError;

use crate::{Exceeded, GrantError, Limit, Limits, Mismatch};

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

    /// What was granted to the plugin cannot be given.
    #[error("`{plugin}` cannot get what it was granted")]
    Denied {
        /// The plugin's name.
        plugin: String,
        /// What cannot be given, and why.
        source: GrantError,
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

    /// The call went beyond one of its limits. Its instance is gone; the next call gets a fresh one.
    #[error("plugin `{plugin}` was ended in `{function}`: {exceeded}")]
    Exceeded {
        /// The plugin's name.
        plugin: String,
        /// The function of the contract that was called.
        function: &'static str,
        /// Which limit, and its value.
        exceeded: Exceeded,
        /// The plugin's own functions that were running, innermost first.
        backtrace: Vec<Frame>,
    },

    /// What was granted to the plugin is not there any more. The plugin was not called.
    #[error("plugin `{plugin}` cannot get what it was granted")]
    Denied {
        /// The plugin's name.
        plugin: String,
        /// What cannot be given, and why.
        source: GrantError,
    },
}

/// Why limits cannot be set for one plugin or one call.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// The code of the plugins does not count fuel.
    #[error("this host does not count fuel: give it a limit of fuel with `HostBuilder::limits`")]
    FuelNotCounted,
    /// The stack is that of the host.
    #[error(
        "all plugins of a host have the same stack, here of {stack} bytes: set it with \
         `HostBuilder::limits`"
    )]
    StackOfHost {
        /// The size of the stack in bytes.
        stack: u64,
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
        limits: &Limits,
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
        let plugin = plugin.to_owned();
        match exceeded(limits, error) {
            Some(exceeded) => Self::Exceeded { plugin, function, exceeded, backtrace },
            None => Self::Trapped { plugin, function, reason: trap_reason(error), backtrace },
        }
    }
}

/// The limit that a call went beyond, if that is what ended it.
fn exceeded(limits: &Limits, error: &wasmtime::Error) -> Option<Exceeded> {
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return Some(*exceeded);
    }
    let limit = match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Limit::Fuel,
        Some(Trap::StackOverflow) => Limit::Stack,
        Some(_) => return None,
        None if matches!(error.downcast_ref(), Some(ResourceTableError::Full)) => Limit::Handles,
        // The engine has no types for these.
        None => match error.root_cause().to_string() {
            text if text.starts_with("too much data is being copied") => Limit::Transfer,
            text if text.starts_with("resource limit exceeded: instance") => Limit::Instances,
            _ => return None,
        },
    };
    Some(limits.exceeded(limit))
}

/// What an instance broke off over while it was made, if it was that and no misfit of types.
pub(crate) fn broken_off(limits: &Limits, error: &wasmtime::Error) -> Option<String> {
    if let Some(exceeded) = exceeded(limits, error) {
        return Some(exceeded.to_string());
    }
    let trapped = error.is::<Trap>() || error.is::<wasmtime_wasi::I32Exit>();
    trapped.then(|| trap_reason(error))
}

/// What a plugin broke off over.
fn trap_reason(error: &wasmtime::Error) -> String {
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
