//! Why a call of a plugin gave no result.

use std::fmt;
use std::io;

use wasmtime::Trap;
use wasmtime::component::ResourceTableError;

use crate::component::frame::Frame;
use crate::component::symbols::Symbols;
use crate::permission::grant_error::GrantError;
use crate::permission::limits::{Exceeded, Limit, Limits};
use crate::text::foreign_text::ForeignText;

/// Why a call of a plugin gave no result. `F` is the failure that the contract has for the function.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum CallError<F: fmt::Debug + fmt::Display> {
    /// The plugin did its work and refused: a result of its own, typed by the contract.
    #[error("plugin `{plugin}` refused: {}", ForeignText::from(failure.to_string()).whole())]
    Refused {
        /// The plugin's name.
        plugin: ForeignText,
        /// Why it refused.
        failure: F,
    },

    /// The plugin broke off. Its instance is gone; the next call gets a fresh one.
    #[error("plugin `{plugin}` trapped in `{function}`: {reason}")]
    Trapped {
        /// The plugin's name.
        plugin: ForeignText,
        /// The function of the contract that was called.
        function: String,
        /// What it broke off over, by kind.
        kind: TrapKind,
        /// What it broke off over, in words.
        reason: ForeignText,
        /// The plugin's own functions that were running, innermost first.
        backtrace: Vec<Frame>,
    },

    /// An [instance that is kept](crate::KeptInstance) was called after its end: a call in it trapped, went beyond a limit
    /// or was dropped, or the application ended it.
    #[error("plugin `{plugin}` cannot `{function}`: its instance has ended: open another one")]
    InstanceOver {
        /// The plugin's name.
        plugin: ForeignText,
        /// The function of the contract that was called.
        function: String,
    },

    /// The call went beyond one of its limits. Its instance is gone; the next call gets a fresh one.
    #[error("plugin `{plugin}` was ended in `{function}`: {exceeded}")]
    Exceeded {
        /// The plugin's name.
        plugin: ForeignText,
        /// The function of the contract that was called.
        function: String,
        /// Which limit, and its value.
        exceeded: Exceeded,
        /// The plugin's own functions that were running, innermost first.
        backtrace: Vec<Frame>,
    },

    /// What was granted to the plugin is not there any more. The plugin was not called.
    #[error("plugin `{plugin}` cannot get what it was granted")]
    Denied {
        /// The plugin's name.
        plugin: ForeignText,
        /// What cannot be given, and why.
        source: GrantError,
    },

    /// A runtime's thread called, and the system gives no other thread to wait on. The plugin was not called.
    #[error(
        "plugin `{plugin}` was not called: the system gives no thread to wait for it on; raise the limits of the \
         process, or end other work"
    )]
    Thread {
        /// The plugin's name.
        plugin: ForeignText,
        /// What the system says.
        source: io::Error,
    },
}

/// What a plugin broke off over, by kind.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrapKind {
    /// It ran into an instruction that must not be reached, which is how a panic ends.
    Unreachable,
    /// It read or wrote outside of its memory.
    MemoryOutOfBounds,
    /// It divided an integer by zero.
    DivisionByZero,
    /// It divided the least integer by minus one.
    IntegerOverflow,
    /// It made an integer of a floating-point number that has no such integer.
    BadConversion,
    /// It called a function through a table that has none there, or one of another type.
    IndirectCall,
    /// It exited, although a plugin has nothing to exit from.
    Exit {
        /// The status that it gave.
        status: i32,
    },
    /// It was ended by a function of the host's that failed.
    Host,
    /// It was ended by the engine over something else, which the reason says.
    Other,
}

impl<F: fmt::Debug + fmt::Display> CallError<F> {
    /// The same error, with what `map` makes of the plugin's own failure if it is that. For a call that no plugin can refuse it
    /// is `|never| match never {}`.
    pub fn map_failure<G>(self, map: impl FnOnce(F) -> G) -> CallError<G>
    where
        G: fmt::Debug + fmt::Display,
    {
        match self {
            Self::Refused { plugin, failure } => {
                CallError::Refused { plugin, failure: map(failure) }
            }
            Self::Trapped { plugin, function, kind, reason, backtrace } => {
                CallError::Trapped { plugin, function, kind, reason, backtrace }
            }
            Self::InstanceOver { plugin, function } => CallError::InstanceOver { plugin, function },
            Self::Exceeded { plugin, function, exceeded, backtrace } => {
                CallError::Exceeded { plugin, function, exceeded, backtrace }
            }
            Self::Denied { plugin, source } => CallError::Denied { plugin, source },
            Self::Thread { plugin, source } => CallError::Thread { plugin, source },
        }
    }

    /// Tells that there was no thread to wait for the plugin on.
    pub(crate) fn no_thread(plugin: &str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Thread { plugin: plugin.into(), source }
    }

    /// The same error, with what the plugin said of its panic in the place of the instruction by which that ends.
    pub(crate) fn told_by_panic(mut self, panic: Option<String>) -> Self {
        if let (Self::Trapped { kind: TrapKind::Unreachable, reason, .. }, Some(panic)) =
            (&mut self, panic)
        {
            *reason = panic.into();
        }
        self
    }

    /// Tells that an instance is over.
    pub(crate) fn over(plugin: &str, function: &str) -> Self {
        Self::InstanceOver { plugin: plugin.into(), function: function.to_owned() }
    }

    /// Tells the error of a call that ended without an answer: `limits` are those of the call, and those of the
    /// plugin's own manifest.
    pub(crate) fn from_engine(
        plugin: &str,
        function: &str,
        limits: (&Limits, &Limits),
        error: &wasmtime::Error,
        symbols: &Symbols,
    ) -> Self {
        let backtrace = error.downcast_ref::<wasmtime::WasmBacktrace>();
        let backtrace = backtrace.map_or_else(Vec::new, |it| symbols.tell(it.frames()));
        let (plugin, function) = (plugin.into(), function.to_owned());
        match exceeded(limits, error) {
            Some(exceeded) => Self::Exceeded { plugin, function, exceeded, backtrace },
            None => Self::Trapped {
                plugin,
                function,
                kind: TrapKind::of(error),
                reason: trap_reason(error),
                backtrace,
            },
        }
    }
}

impl TrapKind {
    fn of(error: &wasmtime::Error) -> Self {
        if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
            return Self::Exit { status: exit.0 };
        }
        match error.downcast_ref::<Trap>() {
            None => Self::Host,
            Some(Trap::UnreachableCodeReached) => Self::Unreachable,
            Some(Trap::MemoryOutOfBounds) => Self::MemoryOutOfBounds,
            Some(Trap::IntegerDivisionByZero) => Self::DivisionByZero,
            Some(Trap::IntegerOverflow) => Self::IntegerOverflow,
            Some(Trap::BadConversionToInteger) => Self::BadConversion,
            Some(Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature) => {
                Self::IndirectCall
            }
            Some(_) => Self::Other,
        }
    }
}

/// The limit that a call went beyond, if that is what ended it.
fn exceeded((limits, manifest): (&Limits, &Limits), error: &wasmtime::Error) -> Option<Exceeded> {
    let exceeded = match error.downcast_ref::<Exceeded>() {
        Some(exceeded) => *exceeded,
        None => limits.exceeded(limit_of(error)?),
    };
    Some(exceeded.by(manifest))
}

/// The limit that the engine ended a call by.
fn limit_of(error: &wasmtime::Error) -> Option<Limit> {
    Some(match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Limit::Fuel,
        Some(Trap::StackOverflow) => Limit::Stack,
        Some(_) => return None,
        None if matches!(error.downcast_ref(), Some(ResourceTableError::Full)) => Limit::Handles,
        // The engine has no types for these.
        None => match error.root_cause().to_string() {
            text if text.starts_with("too much data is being copied") => Limit::Transfer,
            text if text.starts_with("resource limit exceeded: instance") => Limit::Instances,
            text if text.starts_with("cannot allocate another handle") => Limit::Handles,
            // What is lent for a call of the host counts as handles, too.
            text if text.starts_with("cannot lend resource") => Limit::Handles,
            _ => return None,
        },
    })
}

/// What an instance broke off over while it was made, if it was that and no misfit of types.
pub(crate) fn broken_off(
    limits: (&Limits, &Limits),
    error: &wasmtime::Error,
) -> Option<ForeignText> {
    // The engine has no type for these.
    let of_types = |cause: &dyn fmt::Display| {
        cause.to_string().starts_with("failed to convert function to given type")
    };
    if error.chain().any(|cause| of_types(&cause)) {
        return None;
    }
    let exceeded = exceeded(limits, error).map(|exceeded| exceeded.to_string().into());
    Some(exceeded.unwrap_or_else(|| trap_reason(error)))
}

/// What a plugin broke off over.
fn trap_reason(error: &wasmtime::Error) -> ForeignText {
    let reason = match error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        Some(exit) => format!("it exited with status {}", exit.0),
        None => error.root_cause().to_string(),
    };
    reason.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trap_has_its_kind_with_whatever_context_the_engine_gives_it() {
        let kind = |error: wasmtime::Error| TrapKind::of(&error.context("while it ran"));
        assert_eq!(kind(Trap::UnreachableCodeReached.into()), TrapKind::Unreachable);
        assert_eq!(kind(Trap::BadSignature.into()), TrapKind::IndirectCall);
        assert_eq!(kind(Trap::AllocationTooLarge.into()), TrapKind::Other);
        let exit = wasmtime_wasi::I32Exit(3);
        assert_eq!(kind(exit.into()), TrapKind::Exit { status: 3 });
        assert_eq!(kind(wasmtime::Error::msg("no such handle")), TrapKind::Host);
    }
}
