//! Why a plugin cannot be loaded.

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

/// Why a plugin cannot be loaded.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file, or that of its signature, cannot be read.
    #[error(transparent)]
    Read(#[from] FileError),

    /// A registry does not give it.
    #[cfg(feature = "registry")]
    #[error(transparent)]
    Registry(#[from] plugwright_registry::RegistryError),

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
    #[error("`{plugin}` is not WebAssembly: {reason}")]
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

    /// What a plugin says of itself is too much to be put into it.
    #[error(
        "`{plugin}` says more of itself than the {most} bytes that are put into a plugin: make its texts shorter"
    )]
    Description {
        /// The plugin's name.
        plugin: ForeignText,
        /// How many bytes are put into a plugin at most.
        most: usize,
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

    /// What the component imports and exports cannot be told as WIT.
    #[error("`{plugin}` has imports and exports that WIT has no words for: {reason}")]
    Wit {
        /// The plugin's name.
        plugin: ForeignText,
        /// What the printer says.
        reason: ForeignText,
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
    ManifestMismatch {
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
        refusal: Denial,
    },

    /// It is not what was agreed to, or asks for more.
    #[error("`{plugin}` is not what was agreed to:{}\n{}", listed(more), agree(plugin, more))]
    Locked {
        /// The plugin's name.
        plugin: ForeignText,
        /// What it has beyond that: at least one thing.
        more: Vec<More>,
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

/// What is more, each on a line.
fn listed(more: &[More]) -> String {
    more.iter().map(|more| format!("\n  - {more}")).collect()
}

/// What agrees to a plugin that has more than was agreed to.
fn agree(plugin: &ForeignText, more: &[More]) -> String {
    match more.contains(&More::Unlisted) {
        true => "`plugwright add` agrees to what it asks for".to_owned(),
        false => {
            format!("`plugwright update --accept {plugin}` agrees to what is at its reference now")
        }
    }
}
