//! The host: one engine, and the way from a file to a plugin.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tracing::field::Empty;
use wasmtime::component::{Component, Linker};

use crate::cache::Choice;
use crate::composition::Composition;
use crate::engine::SharedEngine;
use crate::foreign_text::shown;
use crate::inspect::{Surface, damaged, validate};
use crate::instance::microseconds;
use crate::log::Log;
use crate::plugin::{CALL_TARGET, Shared};
use crate::state::Identity;
use crate::symbols::{Symbols, symbols_beside};
use crate::trust;
use crate::world::AnyPlugin;
use crate::{
    BuildError, Cache, Exceeded, FileKind, ForeignText, Grants, Limit, Limits, LoadError, Plugin,
    Policy, Prettify, PublicKey, Streamer, Transformer, Version, World, code, doctor, runtime,
    wasi,
};

/// What plugins are loaded into: an engine that they share, and what they may do. A clone is another
/// handle to it.
#[derive(Debug, Clone)]
pub struct Host {
    engine: Arc<SharedEngine>,
    cache: Option<Cache>,
    limits: Limits,
    grants: Arc<Grants>,
    /// Whose plugins are loaded: those of anybody if there is none.
    trust: Option<Arc<[PublicKey]>>,
    pub(crate) signature: Option<Arc<str>>,
    policy: Option<Arc<Policy>>,
}

/// How a [`Host`] is to be.
#[derive(Debug)]
#[must_use]
pub struct HostBuilder {
    cache: Choice,
    limits: Option<Limits>,
    grants: Grants,
    policy: Option<Policy>,
    concurrency: u32,
    trust: Option<Vec<PublicKey>>,
}

impl Host {
    /// Begins a host with the defaults.
    pub fn builder() -> HostBuilder {
        HostBuilder::default()
    }

    /// Another handle to the host, by which plugins are loaded with these grants and no others, and without
    /// asking its policy.
    #[must_use]
    pub fn granting(&self, grants: Grants) -> Self {
        Self { grants: Arc::new(grants), policy: None, ..self.clone() }
    }

    /// Another handle to the host, by which bytes are loaded that have this signature: the text that
    /// `plugwright sign` and minisign write. A host that [trusts](HostBuilder::trust) certain keys needs
    /// it for bytes; for files it is [`signature_beside`](crate::signature_beside) the file.
    #[must_use]
    pub fn signed(&self, signature: impl Into<Arc<str>>) -> Self {
        Self { signature: Some(signature.into()), ..self.clone() }
    }

    /// Says whether instances come from a pool of memory that is set aside for them, which makes calls quicker.
    /// They do where the process has the address space for it.
    pub fn is_pooled(&self) -> bool {
        self.engine.is_pooled()
    }

    /// Loads the plugin in the file `path`: reads it, checks it against the world `W`, compiles it
    /// unless that is [done already](Cache).
    ///
    /// The plugin's name is the file's without its extension. Its symbols are at
    /// [`symbols_beside`] the file, if they are there.
    ///
    /// # Errors
    ///
    /// [`LoadError::Read`] if the file cannot be read, and what [`Host::load_bytes`] says.
    pub fn load<W: World>(&self, path: impl AsRef<Path>) -> Result<Plugin<W>, LoadError> {
        let path = path.as_ref();
        let (name, bytes) = self.read(path)?;
        let host = self.signed_beside(path)?;
        Ok(host.load_bytes(&name, &bytes)?.with_symbols(symbols_beside(path)))
    }

    /// Loads the plugin `bytes` under the name `plugin`.
    ///
    /// # Errors
    ///
    /// Says whether the bytes are more than the limits allow, not signed as they must be, not WebAssembly,
    /// not a component, damaged, or a component that does not fit `W`; then each import that this host does
    /// not have and each export that is missing is named.
    pub fn load_bytes<W: World>(&self, plugin: &str, bytes: &[u8]) -> Result<Plugin<W>, LoadError> {
        let surface = self.skim(plugin, bytes)?;
        self.prepare(plugin, bytes, &surface)
    }

    /// Loads the plugin in the file `path` as whichever world of `plugwright:plugin` it implements, the
    /// richest if several.
    ///
    /// # Errors
    ///
    /// What [`Host::load`] says; a component of none of the worlds is told what it lacks for
    /// [`Transformer`].
    pub fn load_any(&self, path: impl AsRef<Path>) -> Result<AnyPlugin, LoadError> {
        let path = path.as_ref();
        let (name, bytes) = self.read(path)?;
        let host = self.signed_beside(path)?;
        Ok(host.load_any_bytes(&name, &bytes)?.with_symbols(symbols_beside(path)))
    }

    /// Loads the plugin `bytes`, as [`Host::load_any`] does, under the name `plugin`.
    ///
    /// # Errors
    ///
    /// What [`Host::load_any`] says.
    pub fn load_any_bytes(&self, plugin: &str, bytes: &[u8]) -> Result<AnyPlugin, LoadError> {
        let surface = self.skim(plugin, bytes)?;
        if doctor::version_of::<Prettify>(&surface).is_some() {
            self.prepare(plugin, bytes, &surface).map(AnyPlugin::Prettify)
        } else if doctor::version_of::<Streamer>(&surface).is_some() {
            self.prepare(plugin, bytes, &surface).map(AnyPlugin::Streamer)
        } else {
            self.prepare::<Transformer>(plugin, bytes, &surface).map(AnyPlugin::Transformer)
        }
    }

    /// The same host, with the signature that is beside the file `path` if signatures count.
    pub(crate) fn signed_beside(&self, path: &Path) -> Result<Self, LoadError> {
        let by_key = self.policy.as_ref().is_some_and(|policy| policy.keys().next().is_some());
        if self.trust.is_none() && !by_key {
            return Ok(self.clone());
        }
        Ok(match trust::read_signature(path)? {
            Some(signature) => self.signed(signature),
            None => Self { signature: None, ..self.clone() },
        })
    }

    /// What each call of a plugin may use at most.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Reads a plugin's file, and takes its name from the file's.
    pub(crate) fn read(&self, path: &Path) -> Result<(String, Vec<u8>), LoadError> {
        let bytes = read_plugin(path, &self.limits)?;
        Ok((name_of(path), bytes))
    }

    fn skim(&self, plugin: &str, bytes: &[u8]) -> Result<Surface, LoadError> {
        let within = self.limits.check(Limit::ComponentSize, bytes.len() as u64);
        within.map_err(|exceeded| too_large(plugin, exceeded))?;
        // Bytes that are not signed by anybody who is trusted are not looked into.
        if let Some(keys) = &self.trust {
            trust::verify(keys, plugin, bytes, self.signature.as_deref())?;
        }
        Surface::skim(plugin, bytes)
    }

    fn prepare<W: World>(
        &self,
        plugin: &str,
        bytes: &[u8],
        surface: &Surface,
    ) -> Result<Plugin<W>, LoadError> {
        let (granted, limits) = self.allowed(plugin, bytes, surface)?;
        // Names that do not fit can be those of damaged bytes, which is the better thing to say.
        let Version { name: world, prepare, .. } =
            doctor::compare_names::<W>(plugin, surface, &granted)
                .map_err(|mismatch| validate(plugin, bytes).err().unwrap_or(mismatch))?;
        let (grants, limits) = match &surface.manifest {
            None => (granted, limits),
            Some(manifest) => {
                // Of a world that includes another one, a plugin can be loaded as either.
                let worlds = doctor::world_of(surface).into_iter().chain([world]);
                manifest.check(plugin, surface, worlds)?;
                (Arc::new(granted.only(&manifest.grants)), limits.strictest(manifest.limits))
            }
        };
        let span = tracing::debug_span!(
            target: CALL_TARGET,
            "load",
            plugin = %shown(plugin),
            version = surface.version.as_deref().map(|version| display(shown(version))),
            function = "load",
            cached = Empty,
            microseconds = Empty
        );
        let (_entered, begin) = (span.enter(), Instant::now());
        let composition = Composition::read(bytes).map_err(|error| damaged(plugin, &error))?;
        composition.check(&limits).map_err(|exceeded| too_large(plugin, exceeded))?;
        let engine = &self.engine.engine;
        let mut cached = true;
        let mut compile = || {
            cached = false;
            validate(plugin, bytes)?;
            code::check(plugin, bytes)?;
            Component::from_binary(engine, bytes).map_err(|error| LoadError::Compile {
                plugin: plugin.into(),
                reason: format!("{error:#}").into(),
            })
        };
        let component = match &self.cache {
            Some(cache) => cache.component(engine, bytes, compile),
            None => compile(),
        }?;
        if wasi::waits(&surface.imports) {
            runtime::start()
                .map_err(|source| LoadError::Runtime { plugin: plugin.to_owned(), source })?;
        }
        let mut linker = Linker::new(engine);
        let pre = wasi::link(&surface.imports, &mut linker)
            .and_then(|()| W::link(&mut linker))
            .and_then(|()| linker.instantiate_pre(&component))
            .and_then(prepare)
            .map_err(|error| doctor::types_differ::<W>(plugin, surface, &error))?;
        let shared = Shared {
            world,
            identity: Arc::new(Identity {
                name: Arc::from(plugin),
                version: surface.version.as_deref().map(ForeignText::from),
                grants,
            }),
            engine: Arc::clone(&self.engine),
            pre,
            places: self.engine.places_for(&component),
        };
        let (shared, data, log) = (Arc::new(shared), W::Data::default(), Log::default());
        let plugin = Plugin { shared, limits, data, log, symbols: Symbols::of(bytes) };
        plugin.try_out(surface)?;
        span.record("cached", cached).record("microseconds", microseconds(begin.elapsed()));
        Ok(plugin)
    }

    /// What the host, or its policy, grants to the plugin, and what its calls may use.
    fn allowed(
        &self,
        plugin: &str,
        bytes: &[u8],
        surface: &Surface,
    ) -> Result<(Arc<Grants>, Limits), LoadError> {
        let Some(policy) = &self.policy else {
            return Ok((Arc::clone(&self.grants), self.limits));
        };
        let name = || ForeignText::from(plugin);
        let signer = policy.signer(bytes, self.signature.as_deref());
        let allowed = policy
            .decide(plugin, &surface.clone().inspection(bytes), signer)
            .map_err(|refusal| LoadError::Refused { plugin: name(), refusal })?;
        let grants =
            allowed.grants().map_err(|source| LoadError::Denied { plugin: name(), source })?;
        let limits = allowed.limits().strictest(self.limits);
        let within = limits.check(Limit::ComponentSize, bytes.len() as u64);
        within.map_err(|exceeded| too_large(plugin, exceeded))?;
        Ok((Arc::new(grants), limits))
    }
}

impl Default for HostBuilder {
    fn default() -> Self {
        Self {
            cache: Choice::default(),
            limits: None,
            grants: Grants::none(),
            policy: None,
            concurrency: 1000,
            trust: None,
        }
    }
}

impl HostBuilder {
    /// Sets what each call of a plugin may use, in place of the defaults. With a policy, calls have to keep
    /// to what it says, too.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Sets what plugins are given beyond their contract: nothing by default.
    pub fn grants(mut self, grants: Grants) -> Self {
        self.grants = grants;
        self
    }

    /// Has `policy` say which plugins are loaded, and what each of them is granted and may use: no other is.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Sets for how many instances there is room at once, each of which is a call or a session: 1000 by
    /// default, and at least 64. Calls beyond wait for their turn, and not longer than their deadline. A
    /// plugin with several memories or tables takes the room of as many.
    ///
    /// Address space is set aside for all of them, and a host with room for few is made sooner. A process has
    /// enough for about twelve hosts with the default. Further ones with the same limits share room for 1000,
    /// of which none has more than it asked for; that is said through `tracing`. Where there is no address
    /// space at all, the room is the same and calls take longer: see [`Host::is_pooled`].
    pub fn concurrency(mut self, instances: u32) -> Self {
        self.concurrency = instances.max(64);
        self
    }

    /// Loads only plugins that are signed with one of these keys, or with one that was given before; those
    /// of anybody by default. Several keys are for the time in which one takes the place of another.
    ///
    /// A signature says who made the plugin's bytes. It says nothing of the plugin's name, nor whether there
    /// is a newer version.
    pub fn trust(mut self, keys: impl IntoIterator<Item = PublicKey>) -> Self {
        self.trust.get_or_insert_default().extend(keys);
        self
    }

    /// Keeps compiled code in `cache`. Without this and without [`HostBuilder::no_cache`] it is kept
    /// in [`Cache::default_folder`] if that can be used, and if not, that is said through `tracing`.
    pub fn cache(mut self, cache: Cache) -> Self {
        self.cache = Choice::Given(cache);
        self
    }

    /// Compiles each plugin each time that it is loaded, and leaves nothing on disk.
    pub fn no_cache(mut self) -> Self {
        self.cache = Choice::Never;
        self
    }

    /// Makes the host.
    ///
    /// # Errors
    ///
    /// [`BuildError::Engine`] if the engine does not run on this machine, [`BuildError::PolicyAndGrants`] if
    /// it was given both.
    pub fn build(self) -> Result<Host, BuildError> {
        let Self { cache, limits, grants, policy, concurrency, trust } = self;
        if policy.is_some() && grants != Grants::none() {
            return Err(BuildError::PolicyAndGrants);
        }
        let limits = match &policy {
            Some(policy) => policy.most().strictest(limits.unwrap_or(Limits::none())),
            None => limits.unwrap_or_default(),
        };
        let engine = Arc::new(SharedEngine::new(&limits, concurrency)?);
        let (cache, grants, policy) = (cache.open(), Arc::new(grants), policy.map(Arc::new));
        let trust = trust.map(Into::into);
        Ok(Host { engine, cache, limits, grants, policy, trust, signature: None })
    }
}

/// Reads the plugin in the file `path`, which is to be loaded within these limits.
///
/// # Errors
///
/// [`LoadError::Read`] if it cannot be read, and [`LoadError::Exceeded`] if it is longer than the limit
/// `component-size`.
pub fn read_plugin(path: impl AsRef<Path>, limits: &Limits) -> Result<Vec<u8>, LoadError> {
    let path = path.as_ref();
    FileKind::plugin(limits).read(path).map_err(|error| match limits.get(Limit::ComponentSize) {
        Some(value) if error.kind() == ErrorKind::FileTooLarge => {
            too_large(&name_of(path), Exceeded { limit: Limit::ComponentSize, value })
        }
        _ => error.into(),
    })
}

/// The name of the plugin in the file `path`.
fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn too_large(plugin: &str, exceeded: Exceeded) -> LoadError {
    LoadError::Exceeded { plugin: plugin.into(), exceeded }
}
