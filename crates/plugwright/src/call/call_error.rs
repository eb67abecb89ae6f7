//! Why a call of a plugin returned no result.

use std::fmt;
use std::io;

use wasmtime::Trap;
use wasmtime::component::ResourceTableError;

use crate::component::frame::Frame;
use crate::component::symbols::Symbols;
use crate::permission::grant_error::GrantError;
use crate::permission::limits::{Exceeded, Limit, Limits};
use crate::text::foreign_text::ForeignText;

/// The reason why a call of a plugin returned no result. `F` is the failure type that the contract declares for the
/// function.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum CallError<F: fmt::Debug + fmt::Display> {
    /// The plugin did its work and refused. The failure is a result of the plugin, typed by the contract.
    #[error("plugin `{plugin}` refused: {}", ForeignText::from(failure.to_string()).whole())]
    Refused {
        /// The plugin's name.
        plugin: ForeignText,
        /// The plugin's failure.
        failure: F,
    },

    /// The plugin trapped. Its instance is dropped; the next call gets a fresh instance.
    #[error("plugin `{plugin}` trapped in `{function}`: {reason}")]
    Trapped {
        /// The plugin's name.
        plugin: ForeignText,
        /// The function of the contract that was called.
        function: String,
        /// The kind of the trap.
        kind: TrapKind,
        /// The reason for the trap, in words.
        reason: ForeignText,
        /// The plugin's own functions that were running, innermost first.
        backtrace: Vec<Frame>,
    },

    /// A [kept instance](crate::KeptInstance) was called after its end: an earlier call in it trapped, exceeded a limit
    /// or was dropped, or the application ended the instance.
    #[error(
        "cannot call `{function}` of plugin `{plugin}`: the instance has ended; open another instance"
    )]
    InstanceOver {
        /// The plugin's name.
        plugin: ForeignText,
        /// The function of the contract that was called.
        function: String,
    },

    /// The call exceeded one of its limits. Its instance is dropped; the next call gets a fresh instance.
    #[error("plugin `{plugin}` was ended in `{function}`: {exceeded}")]
    Exceeded {
        /// The plugin's name.
        plugin: ForeignText,
        /// The function of the contract that was called.
        function: String,
        /// The exceeded limit and its value.
        exceeded: Exceeded,
        /// The plugin's own functions that were running, innermost first.
        backtrace: Vec<Frame>,
    },

    /// Something that was granted to the plugin is not available any more. The plugin was not called.
    #[error("cannot give plugin `{plugin}` what it was granted")]
    Denied {
        /// The plugin's name.
        plugin: ForeignText,
        /// What cannot be given, and why.
        source: GrantError,
    },

    /// A thread of a Tokio runtime made the call, and the system could not start another thread to wait on. The plugin
    /// was not called.
    #[error(
        "plugin `{plugin}` was not called: the system could not start another thread; raise the limits of the process, \
         or end other work"
    )]
    Thread {
        /// The plugin's name.
        plugin: ForeignText,
        /// The system's error.
        source: io::Error,
    },
}

/// The kind of a trap.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrapKind {
    /// The plugin reached an instruction that must not be reached. A panic ends this way.
    Unreachable,
    /// The plugin read or wrote outside its memory.
    MemoryOutOfBounds,
    /// The plugin divided an integer by zero.
    DivisionByZero,
    /// The plugin divided the smallest integer by minus one.
    IntegerOverflow,
    /// The plugin converted a floating-point number to an integer type that cannot represent it.
    BadConversion,
    /// The plugin called a function through a table entry that is empty, or that has a function of another type.
    IndirectCall,
    /// The plugin called exit, which a plugin cannot use.
    Exit {
        /// The exit status.
        status: i32,
    },
    /// A function of the host failed and ended the call.
    Host,
    /// The engine ended the call for another reason, which is in the text of the error.
    Other,
}

impl<F: fmt::Debug + fmt::Display> CallError<F> {
    /// Returns the same error, with the plugin's own failure converted by `map`. For a call that the plugin cannot
    /// refuse, `map` is `|never| match never {}`.
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

    /// Returns the error that the system could not start a thread to wait on.
    pub(crate) fn no_thread(plugin: &str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Thread { plugin: plugin.into(), source }
    }

    /// Returns the same error. If the trap is the end of a panic, the plugin's panic message replaces the reason.
    pub(crate) fn told_by_panic(mut self, panic: Option<String>) -> Self {
        if let (Self::Trapped { kind: TrapKind::Unreachable, reason, .. }, Some(panic)) =
            (&mut self, panic)
        {
            *reason = panic.into();
        }
        self
    }

    /// Returns the error that an instance has ended.
    pub(crate) fn over(plugin: &str, function: &str) -> Self {
        Self::InstanceOver { plugin: plugin.into(), function: function.to_owned() }
    }

    /// Returns the error of a call that ended without an answer. `limits` are those of the call, and those of the
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

/// Returns the limit that the call exceeded, if a limit ended it.
fn exceeded((limits, manifest): (&Limits, &Limits), error: &wasmtime::Error) -> Option<Exceeded> {
    let exceeded = match error.downcast_ref::<Exceeded>() {
        Some(exceeded) => *exceeded,
        None => limits.exceeded(limit_of(error)?),
    };
    Some(exceeded.by(manifest))
}

/// Returns the limit by which the engine ended a call.
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
            // What is lent for a call of the host counts as a handle too.
            text if text.starts_with("cannot lend resource") => Limit::Handles,
            _ => return None,
        },
    })
}

/// Returns why the making of an instance broke off, or `None` if the types do not fit.
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

/// Returns why a plugin trapped.
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
