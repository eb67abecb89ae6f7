//! The host: one engine, and the steps from a file to a plugin.

pub(crate) mod builder;
mod dynamic;
mod load;
mod loading;
mod remembered;

use std::io::PipeReader;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::admission::candidate::{Candidate, Found, Unverified, name_of, on_stack};
use crate::admission::compatibility;
use crate::admission::known::Known;
use crate::admission::load_error::LoadError;
use crate::admission::lock::Lock;
use crate::admission::policy::Policy;
use crate::admission::signature::Trust;
use crate::call::budget::Budget;
use crate::call::dynamic::{AnyWorld, imports};
use crate::call::plugin::Plugin;
use crate::call::world::World;
use crate::contract::WorldType;
use crate::engine::cache::Cache;
use crate::engine::compiler::Compiling;
use crate::engine::recent::Recent;
use crate::engine::shared::SharedEngine;
use crate::host::remembered::Remembered;
use crate::permission::grants::Grants;
use crate::permission::limits::{Limit, Limits};

/// Loads plugins. A host has the engine that its plugins share, and decides what they may do. A clone is another handle
/// to the same host.
#[derive(Debug, Clone)]
pub struct Host {
    engine: Arc<SharedEngine>,
    cache: Option<Cache>,
    /// The components that this host loaded last.
    recent: Arc<Recent<Remembered>>,
    compiling: Arc<Compiling>,
    /// The turns of asynchronous loads, one for each core.
    pub(crate) turns: Arc<Semaphore>,
    /// For one asynchronous load: the pipe whose other end closes when nothing waits for the load any more.
    until: Option<Arc<PipeReader>>,
    limits: Limits,
    grants: Arc<Grants>,
    /// The keys whose plugins are loaded.
    trust: Trust,
    /// The signature of plugins that are loaded from bytes.
    signature: Option<Arc<str>>,
    policy: Option<Arc<Policy>>,
    lock: Option<Arc<Lock>>,
    budget: Arc<Budget>,
}

impl Host {
    /// Returns another handle to the host, which loads plugins with these grants and no others, and does not apply the
    /// host's policy.
    #[must_use]
    pub fn with_grants(&self, grants: Grants) -> Self {
        Self { grants: Arc::new(grants), policy: None, ..self.clone() }
    }

    /// Returns another handle to the host, which uses this signature for plugins that are loaded from bytes. The
    /// signature is the text that `plugwright sign` and minisign write. A host that
    /// [trusts](crate::HostBuilder::trust) only certain keys needs a signature for bytes. The signature of a file is in
    /// [`signature_beside`](crate::signature_beside) the file.
    #[must_use]
    pub fn with_signature(&self, signature: impl Into<Arc<str>>) -> Self {
        Self { signature: Some(signature.into()), ..self.clone() }
    }

    /// Returns whether instances come from a pool of memory, which makes calls faster. This is so if the process has
    /// enough address space for the pool.
    pub fn is_pooled(&self) -> bool {
        self.engine.is_pooled()
    }

    /// Loads the plugin in the file `path`. This reads the file, checks it against the world `W` and compiles it,
    /// unless the compiled code is in the [cache](Cache).
    ///
    /// The plugin's name is the file name without its extension. If there are symbols at
    /// [`symbols_beside`](crate::symbols_beside) the file, they are used.
    ///
    /// # Errors
    ///
    /// [`LoadError::Read`] if the file cannot be read, and the errors of [`Host::load_bytes`].
    pub fn load<W: World>(&self, path: impl AsRef<Path>) -> Result<Plugin<W>, LoadError> {
        let path = path.as_ref();
        // The whole load runs on one such stack, because making one takes a while.
        on_stack(&name_of(path), || self.load_candidate(&self.verify(self.open(path)?)?))
    }

    /// Loads the plugin `bytes` under the name `plugin`.
    ///
    /// # Errors
    ///
    /// The bytes exceed a limit, lack a required signature, are not WebAssembly, are not a component, are damaged, or
    /// do not fit `W`. If they do not fit `W`, the error names each import that this host does not provide and each
    /// missing export.
    pub fn load_bytes<W: World>(&self, plugin: &str, bytes: &[u8]) -> Result<Plugin<W>, LoadError> {
        on_stack(plugin, || self.load_candidate(&self.verify(self.of_bytes(plugin, bytes))?))
    }

    /// Loads the plugin `candidate`, as [`Host::load`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`Host::load_bytes`].
    pub fn load_candidate<W: World>(
        &self,
        candidate: &Candidate<'_>,
    ) -> Result<Plugin<W>, LoadError> {
        self.admit(candidate)?;
        on_stack(candidate.name(), || self.load_typed(candidate))
    }

    /// Checks that the plugin `candidate` is of `world`, and that this host would load it. This checks what
    /// [`Host::load`] checks, and compares the types with those of the contract. `known` are other worlds; the error
    /// says whether the plugin fits one of them. The contract's host functions are not available here, so a plugin that
    /// calls one while it is instantiated is refused.
    ///
    /// # Errors
    ///
    /// The errors of [`Host::load_bytes`].
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

    /// Returns the limits of each call.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the same host for one load, which ends when the other end of `until` is closed.
    pub(crate) fn until(&self, until: PipeReader) -> Self {
        Self { until: Some(Arc::new(until)), ..self.clone() }
    }

    /// Checks that this host may inspect `plugin`, and reads its structure. The plugin must be within the size limit,
    /// be signed with a [trusted](crate::HostBuilder::trust) key, and have a rule in the policy. The host reads none of
    /// its content before that. The requests of the plugin must be within the [lock](crate::HostBuilder::lock), if
    /// there is one.
    ///
    /// # Errors
    ///
    /// The errors of [`Host::load_bytes`] that do not depend on a contract.
    pub fn verify<'a>(&self, plugin: Unverified<'a>) -> Result<Candidate<'a>, LoadError> {
        let signer = self.verified(&plugin)?;
        let found = match self.remembered(&plugin) {
            Some(remembered) => remembered.found,
            None => Arc::new(Found::look(&plugin)?),
        };
        let candidate = Candidate::new(plugin, signer, found);
        self.agreed(&candidate)?;
        Ok(candidate)
    }

    /// Reads the plugin in the file `path`, and its signature if this host needs signatures.
    ///
    /// # Errors
    ///
    /// The errors of [`Unverified::open`], and [`LoadError::Read`] if the signature cannot be read.
    pub fn open(&self, path: &Path) -> Result<Unverified<'static>, LoadError> {
        let by_key = self.policy.as_ref().is_some_and(|policy| policy.keys().next().is_some())
            || self.lock.as_ref().is_some_and(|lock| lock.has_keys());
        let plugin = Unverified::open(path, &self.limits)?.of_file(path);
        if by_key || self.trust.needs_signature() { plugin.signed_beside() } else { Ok(plugin) }
    }

    /// Returns the plugin `bytes` under the name `plugin`, with the [signature](Host::with_signature) that this host
    /// uses for bytes.
    pub fn of_bytes<'a>(&self, plugin: &'a str, bytes: &'a [u8]) -> Unverified<'a> {
        Unverified::new(plugin, bytes).with_signature(self.signature.as_deref())
    }

    /// Checks the plugin's signature and the lock, and returns the candidate for inspection. The plugin's code is not
    /// checked.
    ///
    /// # Errors
    ///
    /// The errors of [`Host::verify`], and [`LoadError::Locked`].
    pub fn verify_agreed<'a>(&self, plugin: Unverified<'a>) -> Result<Candidate<'a>, LoadError> {
        let candidate = self.verify(plugin)?;
        self.agreed(&candidate)?;
        Ok(candidate)
    }

    /// Refuses a candidate that another host verified, if this host would not have verified it.
    fn admit(&self, candidate: &Candidate<'_>) -> Result<(), LoadError> {
        let (name, bytes) = (candidate.name(), candidate.bytes());
        if !self.trust.has(candidate.signer()) {
            self.trust.signer(name, bytes, candidate.signature())?;
        }
        let within = self.limits.check(Limit::ComponentSize, bytes.len() as u64);
        within.map_err(|exceeded| LoadError::exceeded(name, exceeded))?;
        self.agreed(candidate)
    }

    /// Returns the reference by digest that the lock file records for this reference.
    #[cfg(feature = "registry")]
    pub(crate) fn resolved(&self, reference: &str) -> Option<&str> {
        let plugins = self.lock.as_ref()?.plugins.values();
        let mut of_it = plugins.filter(|plugin| plugin.reference.as_deref() == Some(reference));
        of_it.find_map(|plugin| plugin.resolved.as_deref())
    }

    /// Refuses a candidate that exceeds the lock.
    fn agreed(&self, candidate: &Candidate<'_>) -> Result<(), LoadError> {
        self.lock.as_ref().map_or(Ok(()), |lock| lock.admit(candidate))
    }
}
