//! Plugins of any world of the contract.

use std::path::{Path, PathBuf};

use plugwright::{Candidate, Host, Limits, LimitsError, LoadError, LogLine, Plugin, name_of};

use crate::{Prettify, Streamer, StreamerCalls as _, Transformer};

/// A plugin of any world of this contract. If it implements several worlds, it has the richest one.
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
    /// Returns the plugin's name, which is the name of its file without the extension.
    pub fn name(&self) -> &str {
        match self {
            Self::Prettify(plugin) => plugin.name(),
            Self::Transformer(plugin) => plugin.name(),
            Self::Streamer(plugin) => plugin.name(),
        }
    }

    /// Returns the name of the plugin's world, as [`Plugin::world`] does.
    pub fn world(&self) -> &str {
        match self {
            Self::Prettify(plugin) => plugin.world(),
            Self::Transformer(plugin) => plugin.world(),
            Self::Streamer(plugin) => plugin.world(),
        }
    }

    /// Returns the plugin as a transformer. A streamer is a transformer, too.
    pub fn transformer(&self) -> Option<Plugin<Transformer>> {
        match self {
            Self::Prettify(_) => None,
            Self::Transformer(plugin) => Some(plugin.clone()),
            Self::Streamer(plugin) => Some(plugin.to_transformer()),
        }
    }

    /// Reads the plugin's symbols from `file`, as [`Plugin::with_symbols`] does.
    #[must_use]
    pub fn with_symbols(self, file: impl AsRef<Path>) -> Self {
        match self {
            Self::Prettify(plugin) => Self::Prettify(plugin.with_symbols(file)),
            Self::Streamer(plugin) => Self::Streamer(plugin.with_symbols(file)),
            Self::Transformer(plugin) => Self::Transformer(plugin.with_symbols(file)),
        }
    }

    /// Returns another handle to the plugin, whose log goes to `sink`, as [`Plugin::with_log`] does.
    #[must_use]
    pub fn with_log(&self, sink: impl Fn(LogLine) + Send + Sync + 'static) -> Self {
        match self {
            Self::Prettify(plugin) => Self::Prettify(plugin.with_log(sink)),
            Self::Streamer(plugin) => Self::Streamer(plugin.with_log(sink)),
            Self::Transformer(plugin) => Self::Transformer(plugin.with_log(sink)),
        }
    }

    /// Returns another handle to the plugin, whose calls also have these limits, as [`Plugin::with_limits`] does.
    ///
    /// # Errors
    ///
    /// As [`Plugin::with_limits`].
    pub fn with_limits(&self, limits: &Limits) -> Result<Self, LimitsError> {
        Ok(match self {
            Self::Prettify(plugin) => Self::Prettify(plugin.with_limits(limits)?),
            Self::Streamer(plugin) => Self::Streamer(plugin.with_limits(limits)?),
            Self::Transformer(plugin) => Self::Transformer(plugin.with_limits(limits)?),
        })
    }
}

/// Loads plugins of any world of the contract.
pub trait LoadAny {
    /// Loads the plugin in the file `path`, as the richest world of the contract that it implements.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Host::load`]. For a component of none of the worlds, the error names what it lacks for
    /// [`Transformer`].
    fn load_any(&self, path: impl AsRef<Path>) -> Result<AnyPlugin, LoadError>;

    /// Loads the plugin `bytes` under the name `plugin`, as [`LoadAny::load_any`] does.
    ///
    /// # Errors
    ///
    /// As [`LoadAny::load_any`].
    fn load_any_bytes(&self, plugin: &str, bytes: &[u8]) -> Result<AnyPlugin, LoadError>;

    /// Loads the plugin `candidate`, as [`LoadAny::load_any`] does.
    ///
    /// # Errors
    ///
    /// As [`LoadAny::load_any`].
    fn load_any_candidate(&self, candidate: &Candidate<'_>) -> Result<AnyPlugin, LoadError>;

    /// Loads the plugin in the file `path` as [`LoadAny::load_any`] does, but asynchronously, as [`Host::load_async`].
    ///
    /// # Errors
    ///
    /// As [`LoadAny::load_any`] and [`Host::load_async`].
    fn load_any_async(
        &self,
        path: impl Into<PathBuf>,
    ) -> impl Future<Output = Result<AnyPlugin, LoadError>> + Send;

    /// Loads the plugin `bytes` under the name `plugin` as [`LoadAny::load_any_bytes`] does, but asynchronously, as
    /// [`Host::load_async`].
    ///
    /// # Errors
    ///
    /// As [`LoadAny::load_any_bytes`] and [`Host::load_async`].
    fn load_any_bytes_async(
        &self,
        plugin: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> impl Future<Output = Result<AnyPlugin, LoadError>> + Send;
}

impl LoadAny for Host {
    fn load_any(&self, path: impl AsRef<Path>) -> Result<AnyPlugin, LoadError> {
        self.load_any_candidate(&self.verify(self.open(path.as_ref())?)?)
    }

    fn load_any_bytes(&self, plugin: &str, bytes: &[u8]) -> Result<AnyPlugin, LoadError> {
        self.load_any_candidate(&self.verify(self.of_bytes(plugin, bytes))?)
    }

    fn load_any_candidate(&self, candidate: &Candidate<'_>) -> Result<AnyPlugin, LoadError> {
        if candidate.fits::<Prettify>()? {
            self.load_candidate(candidate).map(AnyPlugin::Prettify)
        } else if candidate.fits::<Streamer>()? {
            self.load_candidate(candidate).map(AnyPlugin::Streamer)
        } else {
            self.load_candidate::<Transformer>(candidate).map(AnyPlugin::Transformer)
        }
    }

    fn load_any_async(
        &self,
        path: impl Into<PathBuf>,
    ) -> impl Future<Output = Result<AnyPlugin, LoadError>> + Send {
        let path: PathBuf = path.into();
        self.load_with_async(name_of(&path), move |host| host.load_any(&path))
    }

    fn load_any_bytes_async(
        &self,
        plugin: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> impl Future<Output = Result<AnyPlugin, LoadError>> + Send {
        let (name, bytes) = (plugin.to_owned(), bytes.into());
        self.load_with_async(plugin, move |host| host.load_any_bytes(&name, &bytes))
    }
}
