//! The host: one engine, and the way from a file to a plugin.

pub(crate) mod builder;
mod dynamic;
mod loading;

use std::io::PipeReader;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;
use tracing::field::Empty;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::admission::candidate::{Candidate, Unverified, on_stack};
use crate::admission::compatibility;
use crate::admission::denial::{Denial, DenialReason};
use crate::admission::known::Known;
use crate::admission::load_error::LoadError;
use crate::admission::policy::Policy;
use crate::admission::signature::Trust;
use crate::call::budget::Budget;
use crate::call::dynamic::{AnyWorld, imports};
use crate::call::identity::Identity;
use crate::call::instance::microseconds;
use crate::call::log::Log;
use crate::call::plugin::{CALL_TARGET, Plugin, Shared};
use crate::call::state::State;
use crate::call::threads::Threads;
use crate::call::world::{World, known, prepare_of};
use crate::call::{runtime, wasi};
use crate::component::symbols::{Symbols, symbols_beside};
use crate::contract::WorldType;
use crate::engine::cache::Cache;
use crate::engine::compiler::Compiling;
use crate::engine::recent::{Loaded, Made};
use crate::engine::seal::Key;
use crate::engine::shared::SharedEngine;
use crate::permission::grants::Grants;
use crate::permission::limits::{Limit, Limits};
use crate::permission::wasi_names;
use crate::text::foreign_text::{ForeignText, shown};

/// What plugins are loaded into: an engine that they share, and what they may do. A clone is another
/// handle to it.
#[derive(Debug, Clone)]
pub struct Host {
    engine: Arc<SharedEngine>,
    cache: Option<Cache>,
    compiling: Arc<Compiling>,
    /// Those of loads that nobody is held up by: one for each core.
    pub(crate) turns: Arc<Semaphore>,
    /// Of one such load, what is closed when nobody waits for it any more.
    until: Option<Arc<PipeReader>>,
    limits: Limits,
    grants: Arc<Grants>,
    /// Whose plugins are loaded.
    trust: Trust,
    /// The signature of what is loaded as bytes.
    signature: Option<Arc<str>>,
    policy: Option<Arc<Policy>>,
    budget: Arc<Budget>,
}

/// What a plugin may do as one of a world, in which of its versions.
struct Allowed {
    version: usize,
    grants: Arc<Grants>,
    limits: Limits,
}

/// A component that is linked as one of the world `W`.
struct Linked<W: World> {
    pre: Arc<W::Pre>,
    /// How many places of the pool an instance takes.
    places: u32,
    symbols: Symbols,
}

impl<W: World> Clone for Linked<W> {
    fn clone(&self) -> Self {
        let Self { pre, places, symbols } = self;
        Self { pre: Arc::clone(pre), places: *places, symbols: symbols.clone() }
    }
}

impl Host {
    /// Another handle to the host, by which plugins are loaded with these grants and no others, and without
    /// asking its policy.
    #[must_use]
    pub fn with_grants(&self, grants: Grants) -> Self {
        Self { grants: Arc::new(grants), policy: None, ..self.clone() }
    }

    /// Another handle to the host, by which bytes are loaded that have this signature: the text that
    /// `plugwright sign` and minisign write. A host that [trusts](crate::HostBuilder::trust) certain keys needs
    /// it for bytes; for files it is [`signature_beside`](crate::signature_beside) the file.
    #[must_use]
    pub fn with_signature(&self, signature: impl Into<Arc<str>>) -> Self {
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
        self.load_unverified(self.open(path.as_ref())?)
    }

    /// Loads the plugin `bytes` under the name `plugin`.
    ///
    /// # Errors
    ///
    /// Says whether the bytes are more than the limits allow, not signed as they must be, not WebAssembly,
    /// not a component, damaged, or a component that does not fit `W`; then each import that this host does
    /// not have and each export that is missing is named.
    pub fn load_bytes<W: World>(&self, plugin: &str, bytes: &[u8]) -> Result<Plugin<W>, LoadError> {
        self.load_unverified(self.of_bytes(plugin, bytes))
    }

    /// Loads the plugin `candidate`, as [`Host::load`] does.
    ///
    /// # Errors
    ///
    /// What [`Host::load_bytes`] says.
    pub fn load_candidate<W: World>(
        &self,
        candidate: &Candidate<'_>,
    ) -> Result<Plugin<W>, LoadError> {
        self.admit(candidate)?;
        let known = known::<W>()?;
        self.load_with(candidate, &known, |allowed| match self.linked_before(candidate, allowed) {
            Some(linked) => Ok((linked, true)),
            None => on_stack(candidate.name(), || {
                let link = |linker: &mut Linker<_>, _: &Component| W::link(linker);
                let prepare = prepare_of::<W>(allowed.version);
                let linked = self.link(candidate, &known, link, prepare, |_| None)?;
                if let Some(made) = self.made(candidate.given()) {
                    made.keep(allowed.version, &Arc::new(linked.0.clone()));
                }
                Ok(linked)
            }),
        })
    }

    /// Makes sure that the plugin `candidate` is one of `world`, and one that this host would load: what [`Host::load`] looks
    /// at is looked at, and types are compared with those of the contract. `known` are other worlds, of which the error
    /// says whether one would fit. Host functions of the contract are not there: a plugin that calls one while it is
    /// instantiated is refused.
    ///
    /// # Errors
    ///
    /// What [`Host::load_bytes`] says.
    pub fn check(
        &self,
        candidate: &Candidate<'_>,
        world: &WorldType,
        known: &[WorldType],
    ) -> Result<(), LoadError> {
        self.admit(candidate)?;
        on_stack(candidate.name(), || {
            let known = Known::of_type(world, known);
            let plugin =
                self.load_as::<AnyWorld, _>(candidate, &known, imports::link, |_| Ok, |_| None)?;
            drop(plugin);
            compatibility::compare_types(
                candidate.name(),
                candidate.surface(),
                candidate.bytes(),
                world,
                &known,
            )
        })
    }

    /// What each call of a plugin may use at most.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The same host, for one load that ends when the other end of `until` is closed.
    pub(crate) fn until(&self, until: PipeReader) -> Self {
        Self { until: Some(Arc::new(until)), ..self.clone() }
    }

    /// Makes sure that this host may look at `plugin`, and looks through it: it has to be within the limit of size,
    /// signed with a key that is [trusted](crate::HostBuilder::trust), and one for which the policy has a rule. Before all
    /// that, nothing of it is read.
    ///
    /// # Errors
    ///
    /// What [`Host::load_bytes`] says of bytes, of whatever contract they are.
    pub fn verify<'a>(&self, plugin: Unverified<'a>) -> Result<Candidate<'a>, LoadError> {
        let within = self.limits.check(Limit::ComponentSize, plugin.length());
        within.map_err(|exceeded| LoadError::exceeded(plugin.name(), exceeded))?;
        let mut signer = plugin.signer(&self.trust)?.cloned();
        if let Some(policy) = &self.policy {
            let key = policy.verify(&plugin, signer.as_ref());
            let found = key.as_ref().ok().copied();
            policy
                .admit(plugin.name(), &plugin.sha256(), found)
                .map_err(|refusal| refused(plugin.name(), key.err(), refusal))?;
            signer = signer.or_else(|| found.cloned());
        }
        let found = self.made(&plugin).and_then(|made| made.get(0));
        Candidate::new(plugin, signer, found)
    }

    /// Reads the plugin in the file `path`, with its signature if signatures count for this host.
    ///
    /// # Errors
    ///
    /// What [`Unverified::open`] says, and [`LoadError::Read`] if the signature cannot be read.
    pub fn open(&self, path: &Path) -> Result<Unverified<'static>, LoadError> {
        let by_key = self.policy.as_ref().is_some_and(|policy| policy.keys().next().is_some());
        let plugin = Unverified::open(path, &self.limits)?.of_file(path);
        if by_key || self.trust.needs_signature() { plugin.signed_beside() } else { Ok(plugin) }
    }

    /// The plugin `bytes` under the name `plugin`, with the [signature](Host::with_signature) that this host gives bytes.
    pub fn of_bytes<'a>(&self, plugin: &'a str, bytes: &'a [u8]) -> Unverified<'a> {
        Unverified::new(plugin, bytes).with_signature(self.signature.as_deref())
    }

    /// Refuses a candidate of others, that this host would not look at.
    fn admit(&self, candidate: &Candidate<'_>) -> Result<(), LoadError> {
        let (name, bytes) = (candidate.name(), candidate.bytes());
        if !self.trust.has(candidate.signer()) {
            self.trust.signer(name, bytes, candidate.signature())?;
        }
        let within = self.limits.check(Limit::ComponentSize, bytes.len() as u64);
        within.map_err(|exceeded| LoadError::exceeded(name, exceeded))
    }

    fn load_unverified<W: World>(&self, plugin: Unverified<'_>) -> Result<Plugin<W>, LoadError> {
        let name = plugin.name().to_owned();
        let was_loaded = self.made(&plugin).is_some();
        let load = || self.load_candidate(&self.verify(plugin)?);
        // All of it is done on one such stack, since to make one takes a while.
        if was_loaded { load() } else { on_stack(&name, load) }
    }

    /// What was made of the same bytes, if they were loaded a moment ago. What is too long is not even looked for.
    fn made(&self, plugin: &Unverified<'_>) -> Option<Made> {
        let within = self.limits.check(Limit::ComponentSize, plugin.length());
        within.is_ok().then_some(())?;
        self.engine.recent.made(&self.key(plugin))
    }

    /// Loads the candidate as one of the world `W`, of which that much is known: `link` links what the host gives to it, and
    /// `prepare` makes of a component of the version of that number what is instantiated, and with it `more`, if any.
    fn load_as<W, P>(
        &self,
        candidate: &Candidate<'_>,
        known: &Known,
        link: impl FnOnce(&mut Linker<State<W::Data>>, &Component) -> wasmtime::Result<()>,
        prepare: impl FnOnce(usize) -> P,
        more: impl FnOnce(&W::Pre) -> Option<&Component>,
    ) -> Result<Plugin<W>, LoadError>
    where
        W: World,
        P: FnOnce(InstancePre<State<W::Data>>) -> wasmtime::Result<W::Pre>,
    {
        self.load_with(candidate, known, |allowed| {
            let prepare = prepare(allowed.version);
            self.link(candidate, known, link, prepare, more)
        })
    }

    /// Loads the candidate as one of the world `W`, of which that much is known. What `link` gives is instantiated, and with it
    /// comes whether its code was there already.
    fn load_with<W: World>(
        &self,
        candidate: &Candidate<'_>,
        known: &Known,
        link: impl FnOnce(&Allowed) -> Result<(Linked<W>, bool), LoadError>,
    ) -> Result<Plugin<W>, LoadError> {
        let (plugin, surface) = (candidate.name(), candidate.surface());
        let allowed = self.allowed(candidate, known)?;
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
        let (linked, cached) = link(&allowed)?;
        let shared = Shared {
            world: known.versions().get(allowed.version).map_or("", WorldType::name).into(),
            identity: Arc::new(Identity {
                name: Arc::from(plugin),
                version: surface.version.as_deref().map(ForeignText::from),
                grants: allowed.grants,
                manifest: surface.manifest.as_ref().map_or(Limits::none(), |it| it.limits),
                budget: Arc::clone(&self.budget),
                threads: Threads::default(),
            }),
            engine: Arc::clone(&self.engine),
            pre: linked.pre,
            places: linked.places,
        };
        let (shared, data, log) = (Arc::new(shared), W::Data::default(), Log::default());
        let symbols = match candidate.file() {
            Some(file) => linked.symbols.with_file(&symbols_beside(file)),
            None => linked.symbols,
        };
        let plugin = Plugin { shared, limits: allowed.limits, data, log, observer: None, symbols };
        plugin.try_out(surface, known)?;
        span.record("cached", cached).record("microseconds", microseconds(begin.elapsed()));
        Ok(plugin)
    }

    /// Says what the candidate is allowed as a plugin of a world of which that much is known, and refuses one whose names do
    /// not fit that.
    fn allowed(&self, candidate: &Candidate<'_>, known: &Known) -> Result<Allowed, LoadError> {
        let (plugin, surface) = (candidate.name(), candidate.surface());
        let (granted, limits) = self.granted(candidate)?;
        // Names that do not fit can be those of damaged bytes, which is the better thing to say.
        let version = compatibility::compare_names(plugin, surface, &granted, known)
            .map_err(|mismatch| candidate.validate().err().unwrap_or(mismatch))?;
        let (grants, limits) = match &surface.manifest {
            None => (granted, limits),
            Some(manifest) => {
                // Of a world that includes another one, a plugin can be loaded as either.
                manifest.check(plugin, surface, known.all())?;
                (Arc::new(granted.only(&manifest.grants)), limits.strictest(manifest.limits))
            }
        };
        // What was compiled before may have been within other limits.
        candidate.check_composition(&limits)?;
        Ok(Allowed { version, grants, limits })
    }

    /// What was linked when the same bytes were loaded as the same world a moment ago, if the file of their code is what it
    /// was then. Nothing is parsed for that, so it needs no stack of a certain size.
    fn linked_before<W: World>(
        &self,
        candidate: &Candidate<'_>,
        allowed: &Allowed,
    ) -> Option<Linked<W>> {
        let loaded = self.recent(&self.key(candidate.given()), self.cache.as_ref()?)?;
        let linked = loaded.made.get::<Linked<W>>(allowed.version)?;
        Some((*linked).clone())
    }

    /// Links the candidate, which is compiled unless that is done already.
    fn link<W: World>(
        &self,
        candidate: &Candidate<'_>,
        known: &Known,
        link: impl FnOnce(&mut Linker<State<W::Data>>, &Component) -> wasmtime::Result<()>,
        prepare: impl FnOnce(InstancePre<State<W::Data>>) -> wasmtime::Result<W::Pre>,
        more: impl FnOnce(&W::Pre) -> Option<&Component>,
    ) -> Result<(Linked<W>, bool), LoadError> {
        let (plugin, surface) = (candidate.name(), candidate.surface());
        let (component, symbols, cached) = self.component(candidate)?;
        if wasi_names::waits(&surface.imports) {
            runtime::start()
                .map_err(|source| LoadError::Runtime { plugin: plugin.into(), source })?;
        }
        let mut linker = Linker::new(&self.engine.engine);
        let pre = wasi::link::link(&surface.imports, &mut linker)
            .and_then(|()| link(&mut linker, &component))
            .and_then(|()| linker.instantiate_pre(&component))
            .and_then(prepare)
            .map_err(|error| compatibility::types_differ(plugin, surface, known, &error))?;
        let places = self.engine.places_for(&component);
        let more = more(&pre).map_or(0, |more| self.engine.places_for(more));
        let places = places.saturating_add(more);
        Ok((Linked { pre: Arc::new(pre), places, symbols }, cached))
    }

    /// The candidate's code and what tells its frames, and whether they were there already.
    fn component(
        &self,
        candidate: &Candidate<'_>,
    ) -> Result<(Component, Symbols, bool), LoadError> {
        let (bytes, engine) = (candidate.bytes(), &self.engine.engine);
        let mut cached = true;
        let mut compile = || {
            cached = false;
            candidate.validate()?;
            candidate.check_cost()?;
            let until = self.until.as_deref();
            let compiled = self.compiling.compile(engine, candidate.name(), bytes, until);
            compiled.map_err(|error| LoadError::not_compiled(candidate.name(), error))
        };
        let Some(cache) = &self.cache else {
            let (component, _) = compile()?;
            return Ok((component, Symbols::of(bytes), false));
        };
        let key = self.key(candidate.given());
        if let Some(Loaded { component, symbols, .. }) = self.recent(&key, cache) {
            return Ok((component, symbols, true));
        }
        let (component, stamp) = cache.component(engine, &key, compile)?;
        let symbols = Symbols::of(bytes);
        if let Some(stamp) = stamp {
            let made = Made::default();
            made.keep(0, candidate.found());
            self.engine.recent.add(key, component.clone(), symbols.clone(), stamp, made);
        }
        Ok((component, symbols, cached))
    }

    /// The component of `key` in memory, if its file is what it was.
    fn recent(&self, key: &Key, cache: &Cache) -> Option<Loaded> {
        let recent = &self.engine.recent;
        let loaded = recent.find(key, &cache.stamp(key)?)?;
        if let Some(stamp) = cache.used(key, &loaded.stamp) {
            recent.again(key, stamp);
        }
        Some(loaded)
    }

    /// What the code of the plugin is found by.
    fn key(&self, plugin: &Unverified<'_>) -> Key {
        Key::of(self.engine.key(), plugin.hash())
    }

    /// What the host, or its policy, grants to the plugin, and what its calls may use.
    fn granted(&self, candidate: &Candidate<'_>) -> Result<(Arc<Grants>, Limits), LoadError> {
        let Some(policy) = &self.policy else {
            return Ok((Arc::clone(&self.grants), self.limits));
        };
        let (plugin, bytes) = (candidate.name(), candidate.bytes());
        let name = || ForeignText::from(plugin);
        let key = policy.verify(candidate.given(), candidate.signer());
        let inspection = candidate.surface().clone().inspection(bytes, &[]);
        let allowed = policy
            .decide(plugin, &inspection, key.as_ref().ok().copied())
            .map_err(|refusal| refused(plugin, key.err(), refusal))?;
        let grants =
            allowed.grants().map_err(|source| LoadError::Denied { plugin: name(), source })?;
        let limits = allowed.limits().strictest(self.limits);
        let within = limits.check(Limit::ComponentSize, bytes.len() as u64);
        within.map_err(|exceeded| LoadError::exceeded(plugin, exceeded))?;
        Ok((Arc::new(grants), limits))
    }
}

/// Why a policy does not allow the plugin. Where no rule is for it, a signature that is not good is the reason: with one
/// that is, there could be a rule.
fn refused(plugin: &str, unsigned: Option<LoadError>, refusal: Denial) -> LoadError {
    match (unsigned, &*refusal.reasons) {
        (
            Some(bad @ LoadError::BadSignature { .. }),
            [DenialReason::Unlisted | DenialReason::Key { .. }],
        ) => bad,
        _ => LoadError::Refused { plugin: plugin.into(), refusal },
    }
}
