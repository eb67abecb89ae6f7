//! The error of loading a plugin.

use std::fmt;
use std::io;

use wasmparser::BinaryReaderError;

use crate::admission::denial::Denial;
use crate::admission::mismatch::Mismatch;
use crate::admission::more::More;
use crate::component::structure::{Excess, Fault};
use crate::contract::WorldTypeError;
use crate::engine::compiler::NotCompiled;
use crate::engine::compiler_error::CompilerError;
use crate::permission::given_file::FileError;
use crate::permission::grant_error::GrantError;
use crate::permission::limits::Exceeded;
use crate::text::foreign_text::ForeignText;
use crate::text::toml_text::TomlError;

/// The reason why a plugin cannot be loaded.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file of the plugin or of its signature cannot be read.
    #[error(transparent)]
    Read(#[from] FileError),

    /// The registry did not provide the plugin.
    #[cfg(feature = "registry")]
    #[error(transparent)]
    Registry(#[from] plugwright_registry::RegistryError),

    /// The host requires a signature, and the plugin has none.
    #[error(
        "`{plugin}` is not signed, and only plugins signed with a trusted key are loaded: have its author \
         sign it with `plugwright sign`, which writes a `.minisig` file beside it"
    )]
    Unsigned {
        /// The plugin's name.
        plugin: ForeignText,
    },

    /// The plugin is signed with a key that the host does not trust.
    #[error(
        "`{plugin}` is signed with the key {key}, which is not trusted: to trust this key, give its public \
         key as well"
    )]
    UnknownKey {
        /// The plugin's name.
        plugin: ForeignText,
        /// The key's ID, in hexadecimal digits.
        key: String,
    },

    /// The signature is not a valid signature of these bytes with the key that it names.
    #[error(
        "the signature of `{plugin}` is not valid: {reason}; copy the plugin and its signature again from \
         their source, or sign the plugin again"
    )]
    BadSignature {
        /// The plugin's name.
        plugin: ForeignText,
        /// What is wrong with it.
        reason: ForeignText,
    },

    /// The bytes are not WebAssembly.
    #[error("`{plugin}` is not WebAssembly: {reason}")]
    NotWasm {
        /// The plugin's name.
        plugin: ForeignText,
        /// Why they are not WebAssembly.
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

    /// The plugin's description is too long to be stored in the component.
    #[error("the description of `{plugin}` is longer than {most} bytes: make its texts shorter")]
    Description {
        /// The plugin's name.
        plugin: ForeignText,
        /// The most bytes that a description may have.
        most: usize,
    },

    /// The bytes begin like a component but are not a valid one.
    #[error(
        "`{plugin}` is damaged: {reason} (at byte {offset}); build it again, or copy it again from \
         its source"
    )]
    Damaged {
        /// The plugin's name.
        plugin: ForeignText,
        /// The validator's message.
        reason: ForeignText,
        /// The position of the fault, in bytes from the beginning of the file.
        offset: usize,
    },

    /// The component has too much of something to be inspected. This bound is the same for all hosts.
    #[error(
        "`{plugin}` was not inspected: {excess}; no option raises this limit: make the plugin smaller"
    )]
    Structure {
        /// The plugin's name.
        plugin: ForeignText,
        /// What the component has too much of.
        excess: Excess,
    },

    /// The system could not start the thread that inspects or loads the component.
    #[error("`{plugin}` was not inspected: the system could not start another thread")]
    Thread {
        /// The plugin's name.
        plugin: ForeignText,
        /// The system's error.
        source: io::Error,
    },

    /// The application's type for the world does not hold the type of a world.
    #[error(
        "`{world}` is not a world: its `TYPE` must be what `bindgen!` generates with `include_component_type: true`"
    )]
    World {
        /// The type that implements [`World`](crate::World).
        world: ForeignText,
        /// What is wrong with its `TYPE`.
        source: WorldTypeError,
    },

    /// The component was built for another world, or for another version of the contract.
    #[error("`{plugin}` does not fit the world `{world}`:{}", Listed(mismatches, hint))]
    Contract {
        /// The plugin's name.
        plugin: ForeignText,
        /// The world that it was loaded for.
        world: String,
        /// What does not fit, name by name.
        mismatches: Vec<Mismatch>,
        /// What to do next.
        hint: ForeignText,
    },

    /// The component is larger, or has more parts, than the host's limits allow.
    #[error("`{plugin}` is not loaded: {exceeded}")]
    Exceeded {
        /// The plugin's name.
        plugin: ForeignText,
        /// The limit and its value.
        exceeded: Exceeded,
    },

    /// The imports and exports of the component cannot be expressed in WIT.
    #[error("the imports and exports of `{plugin}` cannot be expressed in WIT: {reason}")]
    Wit {
        /// The plugin's name.
        plugin: ForeignText,
        /// The printer's message.
        reason: ForeignText,
    },

    /// The component fits, but traps while it is being instantiated.
    #[error("`{plugin}` cannot be started: {reason}")]
    Start {
        /// The plugin's name.
        plugin: ForeignText,
        /// Why the instantiation failed.
        reason: ForeignText,
    },

    /// The component holds a manifest that is not valid.
    #[error("cannot read the manifest in `{plugin}`")]
    Manifest {
        /// The plugin's name.
        plugin: ForeignText,
        /// What is wrong with it, and where.
        source: TomlError,
    },

    /// The manifest declares an unknown world, or a name that several worlds have.
    #[error("the world `{declared}` in the manifest of `{plugin}` {}", Unknown { is_ambiguous: *is_ambiguous, known })]
    UnknownWorld {
        /// The plugin's name.
        plugin: ForeignText,
        /// The world in the manifest.
        declared: ForeignText,
        /// Whether several worlds have this name, as opposed to none.
        is_ambiguous: bool,
        /// The known worlds; if the name is ambiguous, only the worlds that have it.
        known: Vec<ForeignText>,
    },

    /// The component does not match its manifest.
    #[error("`{plugin}` does not match its manifest:{}", Listed(mismatches, &UNTRUE))]
    ManifestMismatch {
        /// The plugin's name.
        plugin: ForeignText,
        /// What does not match.
        mismatches: Vec<Mismatch>,
    },

    /// The host's policy does not allow the plugin.
    #[error("`{plugin}` is not allowed here:{refusal}")]
    Refused {
        /// The plugin's name.
        plugin: ForeignText,
        /// The reasons, and the changes to the policy that would allow the plugin.
        refusal: Denial,
    },

    /// The plugin differs from what the lock file records, or asks for more.
    #[error("`{plugin}` is not what was agreed to:{}\n{}", listed(more), agree(plugin, more))]
    Locked {
        /// The plugin's name.
        plugin: ForeignText,
        /// What differs from the lock file. There is at least one entry.
        more: Vec<More>,
    },

    /// Something that was granted to the plugin is not available.
    #[error("cannot give `{plugin}` what it was granted")]
    Denied {
        /// The plugin's name.
        plugin: ForeignText,
        /// Which grant failed, and why.
        source: GrantError,
    },

    /// The component may wait for something, and the runtime for that cannot be started.
    #[error(
        "cannot start the runtime that `{plugin}` waits on: the system has no more threads or file descriptors; \
         raise the limits of the process, or end other work"
    )]
    Runtime {
        /// The plugin's name.
        plugin: ForeignText,
        /// The system's error.
        source: io::Error,
    },

    /// The component is valid, but the engine cannot compile it.
    #[error("`{plugin}` cannot be compiled: {reason}")]
    Compile {
        /// The plugin's name.
        plugin: ForeignText,
        /// The compiler's message.
        reason: ForeignText,
    },

    /// The compiler process failed, or exceeded its limits.
    #[error("`{plugin}` was not compiled")]
    Compiler {
        /// The plugin's name.
        plugin: ForeignText,
        /// The reason.
        source: CompilerError,
    },
}

impl LoadError {
    pub(crate) fn damaged(plugin: &str, error: &BinaryReaderError) -> Self {
        // The message has one line for each layer of the error.
        let reason = error.message().replace('\n', ": ").into();
        Self::Damaged { plugin: plugin.into(), reason, offset: error.offset() }
    }

    pub(crate) fn not_compiled(plugin: &str, error: NotCompiled) -> Self {
        let plugin = plugin.into();
        match error {
            NotCompiled::Refused(reason) => Self::Compile { plugin, reason: reason.into() },
            NotCompiled::Compiler(source) => Self::Compiler { plugin, source },
        }
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

/// What to do about a manifest that does not match.
const UNTRUE: &str = "change `plugin.toml`, or the code or dependency that does not match it, and build the plugin again";

/// The known worlds, for an error about an unknown or ambiguous one.
struct Unknown<'a> {
    is_ambiguous: bool,
    known: &'a [ForeignText],
}

impl fmt::Display for Unknown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { is_ambiguous, known } = *self;
        let names: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
        match (&*names, is_ambiguous) {
            ([], _) => f.write_str("is not known: no worlds are known"),
            (names, true) => {
                write!(f, "is ambiguous: write the full name, {}", names.join(" or "))
            }
            (names, false) => write!(f, "is not known: the known worlds are {}", names.join(", ")),
        }
    }
}

/// The most mismatches that a message shows.
const SHOWN: usize = 50;

/// Mismatches as a list, and the hint after it.
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

/// Lists the differences, one on each line.
fn listed(more: &[More]) -> String {
    more.iter().map(|more| format!("\n  - {more}")).collect()
}

/// Says how to agree to a plugin that has more than was agreed to.
fn agree(plugin: &ForeignText, more: &[More]) -> String {
    match more.contains(&More::Unlisted) {
        true => "to agree to what it asks for, run `plugwright add`".to_owned(),
        false => {
            format!(
                "to agree to what is at its reference now, run `plugwright update --accept {plugin}`"
            )
        }
    }
}
