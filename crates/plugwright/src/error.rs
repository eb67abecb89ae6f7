//! What can go wrong: one error type for each operation.

use std::fmt;
use std::io;

use wasmparser::BinaryReaderError;
use wasmtime::Trap;
use wasmtime::component::ResourceTableError;

use crate::amount::{self, Unit};
use crate::contract::WorldTypeError;
use crate::structure::{Excess, Fault};
use crate::symbols::Symbols;
use crate::{
    CompilerError, Exceeded, FileError, ForeignText, Frame, GrantError, Limit, Limits, Mismatch,
    Refusal, TomlError,
};

/// Why a [`Host`](crate::Host) cannot be made.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The engine cannot run on this machine with these settings.
    #[error("the engine cannot run on this machine: {reason}")]
    Engine {
        /// What the engine says.
        reason: ForeignText,
    },
    /// There are grants for all plugins, and a policy that says what each is granted.
    #[error(
        "a host has a policy or grants: with `HostBuilder::policy`, leave out `HostBuilder::grants`"
    )]
    PolicyAndGrants,
}

/// Why a plugin cannot be loaded.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file, or that of its signature, cannot be read.
    #[error(transparent)]
    Read(#[from] FileError),

    /// The host trusts certain keys, and there is no signature.
    #[error(
        "`{plugin}` is not signed, and only plugins signed with a trusted key are loaded: whoever made it \
         signs it with `plugwright sign`, which leaves a file that ends in `.minisig` beside it"
    )]
    Unsigned {
        /// The plugin's name.
        plugin: ForeignText,
    },

    /// The signature is of a key that the host does not trust.
    #[error(
        "`{plugin}` is signed with the key {key}, which is not trusted: if it is the right one, give its \
         public key, too"
    )]
    UnknownKey {
        /// The plugin's name.
        plugin: ForeignText,
        /// The key's number, in hexadecimal digits.
        key: String,
    },

    /// The signature is not one of these bytes by the key that it names.
    #[error(
        "the signature of `{plugin}` is not good: {reason}; copy plugin and signature again from where \
         they came, or sign it again"
    )]
    BadSignature {
        /// The plugin's name.
        plugin: ForeignText,
        /// What is wrong with it.
        reason: ForeignText,
    },

    /// The bytes are not WebAssembly.
    #[error(
        "`{plugin}` is not WebAssembly: {reason}; a plugin is the file that `just build` leaves in `dist/`"
    )]
    NotWasm {
        /// The plugin's name.
        plugin: ForeignText,
        /// How that shows.
        reason: ForeignText,
    },

    /// The bytes are a core module, which has no typed imports and exports.
    #[error(
        "`{plugin}` is a core module, not a component: build it for wasm32-wasip2, or wrap it with \
         `wasm-tools component new`"
    )]
    CoreModule {
        /// The plugin's name.
        plugin: ForeignText,
    },

    /// The bytes begin as a component does and are not a valid one.
    #[error(
        "`{plugin}` is damaged: {reason} (at byte {offset}); build it again, or copy it again from \
         where it came"
    )]
    Damaged {
        /// The plugin's name.
        plugin: ForeignText,
        /// What the validator says.
        reason: ForeignText,
        /// Where, in bytes from the beginning of the file.
        offset: usize,
    },

    /// There is more of something in the component than is looked at, whoever it is from.
    #[error("`{plugin}` is not looked into: {excess}; no option changes that: build it of less")]
    Structure {
        /// The plugin's name.
        plugin: ForeignText,
        /// Of what there is too much.
        excess: Excess,
    },

    /// The system gives no thread to look into the component on, or to load it on.
    #[error("`{plugin}` is not looked into: the system gives no thread for it")]
    Thread {
        /// The plugin's name.
        plugin: ForeignText,
        /// What the system says.
        source: io::Error,
    },

    /// The application's own type for the world does not say which world it is.
    #[error(
        "`{world}` is no world: its `TYPE` has to be what `bindgen!` leaves with `include_component_type: true`"
    )]
    World {
        /// The type that implements [`World`](crate::World).
        world: ForeignText,
        /// What is wrong with it.
        source: WorldTypeError,
    },

    /// The component is for another world, or for another version of the contract.
    #[error("`{plugin}` does not fit the world `{world}`:{}", Listed(mismatches, hint))]
    Contract {
        /// The plugin's name.
        plugin: ForeignText,
        /// The world that it was loaded for.
        world: String,
        /// What does not fit, name by name.
        mismatches: Vec<Mismatch>,
        /// What to do about it.
        hint: ForeignText,
    },

    /// The component is larger, or composed of more, than the host's limits allow.
    #[error("`{plugin}` is not loaded: {exceeded}")]
    Exceeded {
        /// The plugin's name.
        plugin: ForeignText,
        /// Which limit, and its value.
        exceeded: Exceeded,
    },

    /// The component fits, and breaks off while it is being instantiated.
    #[error("`{plugin}` cannot be started: {reason}")]
    Start {
        /// The plugin's name.
        plugin: ForeignText,
        /// What it broke off over.
        reason: ForeignText,
    },

    /// The component holds a manifest that is none.
    #[error("`{plugin}` holds a manifest that cannot be read")]
    Manifest {
        /// The plugin's name.
        plugin: ForeignText,
        /// What is wrong with it, and where.
        source: TomlError,
    },

    /// The manifest declares a world that is not known, or that two packages have.
    #[error("the world `{declared}` of the manifest of `{plugin}` {}", Unknown { is_ambiguous: *is_ambiguous, known })]
    UnknownWorld {
        /// The plugin's name.
        plugin: ForeignText,
        /// The world in the manifest.
        declared: ForeignText,
        /// Whether there are several of that name, and not none.
        is_ambiguous: bool,
        /// Those that there are.
        known: Vec<ForeignText>,
    },

    /// The component's manifest says what is not true of it.
    #[error("`{plugin}` is not what its manifest says:{}", Listed(mismatches, &UNTRUE))]
    Untrue {
        /// The plugin's name.
        plugin: ForeignText,
        /// What is not true.
        mismatches: Vec<Mismatch>,
    },

    /// The host's policy does not allow it.
    #[error("`{plugin}` is not allowed here:{refusal}")]
    Refused {
        /// The plugin's name.
        plugin: ForeignText,
        /// Why, and what to write into the policy.
        refusal: Refusal,
    },

    /// What was granted to the plugin cannot be given.
    #[error("`{plugin}` cannot get what it was granted")]
    Denied {
        /// The plugin's name.
        plugin: ForeignText,
        /// What cannot be given, and why.
        source: GrantError,
    },

    /// The component may wait for something, and what waits for it cannot be started.
    #[error(
        "`{plugin}` cannot wait for anything: the system has no threads or descriptors for the runtime that \
         plugins wait on; raise the limits of the process, or end other work"
    )]
    Runtime {
        /// The plugin's name.
        plugin: ForeignText,
        /// What the system says.
        source: io::Error,
    },

    /// The component is valid and uses what this engine does not compile.
    #[error("`{plugin}` cannot be compiled: {reason}")]
    Compile {
        /// The plugin's name.
        plugin: ForeignText,
        /// What the compiler says.
        reason: ForeignText,
    },

    /// The process that was to compile it did not, or not within its limits.
    #[error("`{plugin}` was not compiled")]
    Compiler {
        /// The plugin's name.
        plugin: ForeignText,
        /// Why not.
        source: CompilerError,
    },
}

impl LoadError {
    pub(crate) fn damaged(plugin: &str, error: &BinaryReaderError) -> Self {
        // Its layers are on lines of their own.
        let reason = error.message().replace('\n', ": ").into();
        Self::Damaged { plugin: plugin.into(), reason, offset: error.offset() }
    }

    pub(crate) fn exceeded(plugin: &str, exceeded: Exceeded) -> Self {
        Self::Exceeded { plugin: plugin.into(), exceeded }
    }

    pub(crate) fn structure(plugin: &str, fault: Fault) -> Self {
        match fault {
            Fault::Damaged(error) => Self::damaged(plugin, &error),
            Fault::Excess(excess) => Self::Structure { plugin: plugin.into(), excess },
        }
    }
}

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
        function: &'static str,
        /// What it broke off over, by kind.
        kind: TrapKind,
        /// What it broke off over, in words.
        reason: ForeignText,
        /// The plugin's own functions that were running, innermost first.
        backtrace: Vec<Frame>,
    },

    /// A session was used after it had refused a piece or had ended otherwise.
    #[error(
        "plugin `{plugin}` cannot `{function}`: its session is over since an earlier call failed"
    )]
    Over {
        /// The plugin's name.
        plugin: ForeignText,
        /// The function of the contract that was called.
        function: &'static str,
    },

    /// The call went beyond one of its limits. Its instance is gone; the next call gets a fresh one.
    #[error("plugin `{plugin}` was ended in `{function}`: {exceeded}")]
    Exceeded {
        /// The plugin's name.
        plugin: ForeignText,
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

/// Why limits cannot be set for one plugin or one call.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// The code of the plugins does not count fuel.
    #[error("this host does not count fuel: give it a limit of fuel with `HostBuilder::limits`")]
    FuelNotCounted,
    /// The stack is that of the host.
    #[error(
        "all plugins of a host have the same stack, here of {}: set it with `HostBuilder::limits`",
        amount::told(*stack, Unit::Bytes)
    )]
    StackOfHost {
        /// The size of the stack in bytes.
        stack: u64,
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
    /// Tells that there was no thread to wait for the plugin on.
    pub(crate) fn no_thread(plugin: &str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Thread { plugin: plugin.into(), source }
    }

    /// Tells that a session is over.
    pub(crate) fn over(plugin: &str, function: &'static str) -> Self {
        Self::Over { plugin: plugin.into(), function }
    }

    /// Tells the error of a call that ended without an answer: `limits` are those of the call, and those of the
    /// plugin's own manifest.
    pub(crate) fn from_engine(
        plugin: &str,
        function: &'static str,
        limits: (&Limits, &Limits),
        error: &wasmtime::Error,
        symbols: &Symbols,
    ) -> Self {
        let backtrace = error.downcast_ref::<wasmtime::WasmBacktrace>();
        let backtrace = backtrace.map_or_else(Vec::new, |it| symbols.tell(it.frames()));
        let plugin = plugin.into();
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

/// What to do about a manifest that is not true.
const UNTRUE: &str = "change the plugin's `plugin.toml`, or the code or the dependency that needs the rest, and build it";

/// Which worlds there are, in the place of one that is not.
struct Unknown<'a> {
    is_ambiguous: bool,
    known: &'a [ForeignText],
}

impl fmt::Display for Unknown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { is_ambiguous, known } = *self;
        let names: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
        match (&*names, is_ambiguous) {
            ([], _) => f.write_str("is not known, and neither is any other"),
            (names, true) => {
                write!(f, "is one of several: name one in full, {}", names.join(" or "))
            }
            (names, false) => write!(f, "is not known; known are {}", names.join(", ")),
        }
    }
}

/// How many mismatches a message has at most.
const SHOWN: usize = 50;

/// Mismatches as a list below a heading, and the hint after them.
struct Listed<'a>(&'a [Mismatch], &'a dyn fmt::Display);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(mismatches, hint) = self;
        for mismatch in mismatches.iter().take(SHOWN) {
            write!(f, "\n  - {mismatch}")?;
        }
        if let Some(more) = mismatches.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            write!(f, "\n  - and {more} more")?;
        }
        write!(f, "\n{hint}")
    }
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
