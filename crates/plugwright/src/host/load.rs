//! The steps from a candidate to a plugin: what it is allowed, its code, its links, and a first instance.

use std::sync::Arc;
use std::time::Instant;

use tracing::field::Empty;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::admission::candidate::{Candidate, Unverified};
use crate::admission::compatibility;
use crate::admission::denial::{Denial, DenialReason};
use crate::admission::known::Known;
use crate::admission::load_error::LoadError;
use crate::admission::signature::PublicKey;
use crate::call::identity::Identity;
use crate::call::instance::microseconds;
use crate::call::log::Log;
use crate::call::plugin::{CALL_TARGET, Linked, Plugin, Shared};
use crate::call::state::State;
use crate::call::threads::Threads;
use crate::call::world::{World, known, prepare_of};
use crate::call::{runtime, wasi};
use crate::component::symbols::{Symbols, symbols_beside};
use crate::contract::WorldType;
use crate::engine::seal::Key;
use crate::host::Host;
use crate::host::remembered::Remembered;
use crate::permission::grants::Grants;
use crate::permission::limits::{Limit, Limits};
use crate::permission::wasi_names;
use crate::text::foreign_text::{ForeignText, shown};

/// What a plugin may do as a plugin of a world, and in which version of that world.
struct Allowed {
    version: usize,
    grants: Arc<Grants>,
    limits: Limits,
}

/// What is instantiated, the symbols for its frames, and whether its code was cached.
type Ready<W> = (Arc<Linked<W>>, Symbols, bool);

impl Host {
    /// Loads the candidate as a plugin of the world `W`, with the types of `W`.
    pub(super) fn load_typed<W: World>(
        &self,
        candidate: &Candidate<'_>,
    ) -> Result<Plugin<W>, LoadError> {
        let known = known::<W>()?;
        self.load_with(candidate, &known, |version| {
            let (remembered, cached) = self.component(candidate)?;
            let linked = match remembered.linked(version) {
                Some(linked) => linked,
                None => {
                    let component = &remembered.component;
                    let link = |linker: &mut Linker<_>, _: &Component| W::link(linker);
                    let prepare = prepare_of::<W>(version);
                    let linked =
                        self.link(candidate, component, &known, link, prepare, |_| None)?;
                    remembered.keep(version, &linked);
                    linked
                }
            };
            Ok((linked, remembered.symbols, cached))
        })
    }

    /// Loads the candidate as a plugin of the world `W`, which `known` describes. `link` links what the host
    /// provides. `prepare` takes the number of the version and returns a function that prepares the component for
    /// instantiation. `more` returns a component that is instantiated together with the plugin, if there is one.
    pub(super) fn load_as<W, P>(
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
        self.load_with(candidate, known, |version| {
            let (remembered, cached) = self.component(candidate)?;
            let component = &remembered.component;
            let linked = self.link(candidate, component, known, link, prepare(version), more)?;
            Ok((linked, remembered.symbols, cached))
        })
    }

    /// Loads the candidate as a plugin of the world `W`, which `known` describes. `link` takes the number of the
    /// version and returns what is instantiated.
    fn load_with<W: World>(
        &self,
        candidate: &Candidate<'_>,
        known: &Known,
        link: impl FnOnce(usize) -> Result<Ready<W>, LoadError>,
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
        let (linked, symbols, cached) = link(allowed.version)?;
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
            linked,
        };
        let (shared, data, log) = (Arc::new(shared), W::Data::default(), Log::default());
        let symbols = match candidate.file() {
            Some(file) => symbols.with_file(&symbols_beside(file)),
            None => symbols,
        };
        let plugin = Plugin { shared, limits: allowed.limits, data, log, observer: None, symbols };
        plugin.try_out(surface, known)?;
        span.record("cached", cached).record("microseconds", microseconds(begin.elapsed()));
        Ok(plugin)
    }

    /// Returns what the candidate is allowed as a plugin of the world that `known` describes. Refuses a candidate
    /// whose names do not fit that world.
    fn allowed(&self, candidate: &Candidate<'_>, known: &Known) -> Result<Allowed, LoadError> {
        let (plugin, surface) = (candidate.name(), candidate.surface());
        let (granted, limits) = self.granted(candidate)?;
        // Names that do not fit can come from damaged bytes, and then the damage is the better message.
        let version = compatibility::compare_names(plugin, surface, &granted, known)
            .map_err(|mismatch| candidate.validate().err().unwrap_or(mismatch))?;
        let (grants, limits) = match &surface.manifest {
            None => (granted, limits),
            Some(manifest) => {
                // If a world includes another world, a plugin can be loaded as either.
                manifest.check(plugin, surface, known.all())?;
                (Arc::new(granted.only(&manifest.grants)), limits.strictest(manifest.limits))
            }
        };
        // The code may have been compiled under other limits.
        candidate.check_composition(&limits)?;
        Ok(Allowed { version, grants, limits })
    }

    /// Links the candidate's component.
    fn link<W: World>(
        &self,
        candidate: &Candidate<'_>,
        component: &Component,
        known: &Known,
        link: impl FnOnce(&mut Linker<State<W::Data>>, &Component) -> wasmtime::Result<()>,
        prepare: impl FnOnce(InstancePre<State<W::Data>>) -> wasmtime::Result<W::Pre>,
        more: impl FnOnce(&W::Pre) -> Option<&Component>,
    ) -> Result<Arc<Linked<W>>, LoadError> {
        let (plugin, surface) = (candidate.name(), candidate.surface());
        if wasi_names::waits(&surface.imports) {
            runtime::start()
                .map_err(|source| LoadError::Runtime { plugin: plugin.into(), source })?;
        }
        let mut linker = Linker::new(&self.engine.engine);
        let pre = wasi::link::link(&surface.imports, &mut linker)
            .and_then(|()| link(&mut linker, component))
            .and_then(|()| linker.instantiate_pre(component))
            .and_then(prepare)
            .map_err(|error| compatibility::types_differ(plugin, surface, known, &error))?;
        let more = more(&pre).map_or(0, |more| self.engine.places_for(more));
        let places = self.engine.places_for(component).saturating_add(more);
        Ok(Arc::new(Linked { pre, places }))
    }

    /// Returns the candidate's code, and whether it was compiled before. The code is remembered, in the cache, or
    /// compiled now.
    fn component(&self, candidate: &Candidate<'_>) -> Result<(Remembered, bool), LoadError> {
        if let Some(remembered) = self.recall(candidate) {
            return Ok((remembered, true));
        }
        let mut cached = true;
        let mut compile = || {
            cached = false;
            candidate.validate()?;
            candidate.check_cost()?;
            let (name, bytes) = (candidate.name(), candidate.bytes());
            let until = self.until.as_deref();
            let compiled = self.compiling.compile(&self.engine.engine, name, bytes, until);
            compiled.map_err(|error| LoadError::not_compiled(name, error))
        };
        let Some(cache) = &self.cache else {
            return Ok((Remembered::new(compile()?.0, candidate), false));
        };
        let key = self.key(candidate.given());
        let (component, stamp) = cache.component(&self.engine.engine, &key, compile)?;
        let remembered = Remembered::new(component, candidate);
        if let Some(stamp) = stamp {
            self.recent.add(key, stamp, remembered.bytes(candidate), remembered.clone());
        }
        Ok((remembered, cached))
    }

    /// Returns what is remembered for the same bytes, whatever has become of the file with their code.
    pub(super) fn remembered(&self, plugin: &Unverified<'_>) -> Option<Remembered> {
        self.cache.as_ref()?;
        self.recent.peek(&self.key(plugin))
    }

    /// Returns what is remembered for the candidate if the file with its code is unchanged. This counts as a use of the
    /// cache.
    fn recall(&self, candidate: &Candidate<'_>) -> Option<Remembered> {
        let (cache, key) = (self.cache.as_ref()?, self.key(candidate.given()));
        let stamp = cache.stamp(&key)?;
        let remembered = self.recent.find(&key, &stamp)?;
        if let Some(stamp) = cache.used(&key, &stamp) {
            self.recent.again(&key, stamp);
        }
        Some(remembered)
    }

    /// Returns the key under which the plugin's code is cached.
    fn key(&self, plugin: &Unverified<'_>) -> Key {
        Key::of(self.engine.key(), plugin.hash())
    }

    /// Checks that this host may inspect the plugin, and returns the key that signed it if signatures are needed.
    pub(super) fn verified(&self, plugin: &Unverified<'_>) -> Result<Option<PublicKey>, LoadError> {
        let within = self.limits.check(Limit::ComponentSize, plugin.length());
        within.map_err(|exceeded| LoadError::exceeded(plugin.name(), exceeded))?;
        let mut signer = plugin.signer(&self.trust)?.cloned();
        if let Some(policy) = &self.policy {
            let key = policy.verify(plugin, signer.as_ref());
            let found = key.as_ref().ok().copied();
            policy
                .admit(plugin.name(), &plugin.sha256(), found)
                .map_err(|refusal| refused(plugin.name(), key.err(), refusal))?;
            signer = signer.or_else(|| found.cloned());
        }
        Ok(signer)
    }

    /// Returns what the host or its policy grants to the plugin, and the limits of the plugin's calls.
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

/// Returns why the policy does not allow the plugin. If no rule matches and the signature is not valid, the signature
/// is the reason, because a rule could match with a valid signature.
fn refused(plugin: &str, unsigned: Option<LoadError>, refusal: Denial) -> LoadError {
    match (unsigned, &*refusal.reasons) {
        (
            Some(bad @ LoadError::BadSignature { .. }),
            [DenialReason::Unlisted | DenialReason::Key { .. }],
        ) => bad,
        _ => LoadError::Refused { plugin: plugin.into(), refusal },
    }
}
