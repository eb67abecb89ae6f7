//! What a contract is to the host: the one trait that a world implements.

use std::path::Path;

use wasmtime::component::{InstancePre, Linker};
use wasmtime::{Result, Store};

use crate::{Limits, LimitsError, LogLine, Plugin, Prettify, State, Streamer, Transformer};

/// A world of a WIT contract, as wasmtime's `bindgen!` makes one: the type that it generates for the
/// world implements this.
///
/// The names are those of WIT with their version, such as `plugwright:plugin/host@0.2.0`. The host
/// compares them with what a component asks for and offers before it compiles anything.
///
/// `bindgen!` has to be told `exports: { default: async }`, and outside of this crate
/// `wasmtime_crate: plugwright::wasmtime`. Host functions may be async or not; they are the methods of
/// the traits that it generates, implemented for [`State<Self::Data>`](State). The limit
/// [`Limit::Deadline`](crate::Limit::Deadline) ends a call that waits in one.
///
/// A worked example is `examples/own-contract` in this library's repository.
pub trait World: Sized + Send + Sync + 'static {
    /// The world's name.
    const NAME: &'static str;

    /// The interfaces that the host gives to plugins of this world, WASI aside.
    const IMPORTS: &'static [&'static str];

    /// The interfaces that a plugin of this world gives to the host.
    const EXPORTS: &'static [&'static str];

    /// The world in older versions of its contract that are served, too, the newest of them first: by
    /// default none. What they import is in [`World::IMPORTS`].
    const OLDER: &'static [Version<Self>] = &[];

    /// What the application's own host functions find in [`State::data`]: `()` if they need nothing,
    /// often an `Arc`. Each call gets a clone of the one in [`Plugin::with_data`], else the default.
    type Data: Clone + Default + Send + Sync + 'static;

    /// A component whose imports and exports are known to fit: `<World>Pre<State<Self::Data>>` of
    /// `bindgen!`.
    type Pre: Send + Sync + 'static;

    /// Links what [`World::IMPORTS`] names.
    ///
    /// # Errors
    ///
    /// Whatever the linker says, which is at fault only if a name is linked twice.
    fn link(linker: &mut Linker<State<Self::Data>>) -> Result<()>;

    /// Checks that the component exports what this world needs.
    ///
    /// # Errors
    ///
    /// Says which export is missing.
    fn prepare(component: InstancePre<State<Self::Data>>) -> Result<Self::Pre>;

    /// Makes a fresh instance in `store`.
    ///
    /// # Errors
    ///
    /// Says which export is of another type, or is a trap while the component's own initialisation
    /// runs.
    fn instantiate(
        pre: &Self::Pre,
        store: &mut Store<State<Self::Data>>,
    ) -> impl Future<Output = Result<Self>> + Send;
}

/// A world in one version of its contract. Which one a plugin has is found out when it is loaded, and never
/// asked again: what [`Version::prepare`] gives knows it.
pub struct Version<W: World> {
    /// The world's name in this version.
    pub name: &'static str,
    /// The interfaces that a plugin of this version gives to the host.
    pub exports: &'static [&'static str],
    /// Does what [`World::prepare`] does, for a component of this version.
    pub prepare: Prepare<W>,
}

type Prepare<W> = fn(InstancePre<State<<W as World>::Data>>) -> Result<<W as World>::Pre>;

/// A plugin of whichever world of `plugwright:plugin` it implements, the richest if several.
#[derive(Debug, Clone)]
pub enum AnyPlugin {
    /// A plugin of the world `prettify`.
    Prettify(Plugin<Prettify>),
    /// A plugin of the world `transformer`.
    Transformer(Plugin<Transformer>),
    /// A plugin of the world `streamer`.
    Streamer(Plugin<Streamer>),
}

impl AnyPlugin {
    /// The plugin's name: that of its file, without the extension.
    pub fn name(&self) -> &str {
        match self {
            Self::Prettify(plugin) => plugin.name(),
            Self::Transformer(plugin) => plugin.name(),
            Self::Streamer(plugin) => plugin.name(),
        }
    }

    /// The name of its world, as [`Plugin::world`] gives it.
    pub fn world(&self) -> &'static str {
        match self {
            Self::Prettify(plugin) => plugin.world(),
            Self::Transformer(plugin) => plugin.world(),
            Self::Streamer(plugin) => plugin.world(),
        }
    }

    /// The plugin as a transformer, which a streamer is too.
    pub fn transformer(&self) -> Option<Plugin<Transformer>> {
        match self {
            Self::Prettify(_) => None,
            Self::Transformer(plugin) => Some(plugin.clone()),
            Self::Streamer(plugin) => Some(plugin.clone().into()),
        }
    }

    /// Takes the plugin's symbols from `file`, as [`Plugin::with_symbols`] does.
    #[must_use]
    pub fn with_symbols(self, file: impl AsRef<Path>) -> Self {
        match self {
            Self::Prettify(plugin) => Self::Prettify(plugin.with_symbols(file)),
            Self::Streamer(plugin) => Self::Streamer(plugin.with_symbols(file)),
            Self::Transformer(plugin) => Self::Transformer(plugin.with_symbols(file)),
        }
    }

    /// Another handle to the plugin, whose log goes to `sink`, as [`Plugin::with_log`] gives one.
    #[must_use]
    pub fn with_log(&self, sink: impl Fn(LogLine) + Send + Sync + 'static) -> Self {
        match self {
            Self::Prettify(plugin) => Self::Prettify(plugin.with_log(sink)),
            Self::Streamer(plugin) => Self::Streamer(plugin.with_log(sink)),
            Self::Transformer(plugin) => Self::Transformer(plugin.with_log(sink)),
        }
    }

    /// Another handle to the plugin, whose calls have to keep to these limits, too, as
    /// [`Plugin::limited`] gives one.
    ///
    /// # Errors
    ///
    /// As [`Plugin::limited`].
    pub fn limited(&self, limits: &Limits) -> Result<Self, LimitsError> {
        Ok(match self {
            Self::Prettify(plugin) => Self::Prettify(plugin.limited(limits)?),
            Self::Streamer(plugin) => Self::Streamer(plugin.limited(limits)?),
            Self::Transformer(plugin) => Self::Transformer(plugin.limited(limits)?),
        })
    }
}
