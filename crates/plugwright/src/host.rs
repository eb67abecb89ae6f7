//! The host: one engine, and the way from a file to a plugin.

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

/// Loads plugins: an engine that they share, and what they may do. A clone is another handle to the same host.
#[derive(Debug, Clone)]
pub struct Host {
    engine: Arc<SharedEngine>,
    cache: Option<Cache>,
    /// What it loaded last.
    recent: Arc<Recent<Remembered>>,
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
    lock: Option<Arc<Lock>>,
    budget: Arc<Budget>,
}

impl Host {
    /// Another handle to the host. It loads plugins with these grants and no others, and does not ask the host's
    /// policy.
    #[must_use]
    pub fn with_grants(&self, grants: Grants) -> Self {
        Self { grants: Arc::new(grants), policy: None, ..self.clone() }
    }

    /// Another handle to the host. It loads bytes with this signature: the text that `plugwright sign` and
    /// minisign write. A host that [trusts](crate::HostBuilder::trust) certain keys needs it for bytes. For
    /// files, the signature is in [`signature_beside`](crate::signature_beside) the file.
    #[must_use]
    pub fn with_signature(&self, signature: impl Into<Arc<str>>) -> Self {
        Self { signature: Some(signature.into()), ..self.clone() }
    }

    /// Says whether instances come from a pool of memory, which makes calls quicker. They do if the process has
    /// the address space for it.
    pub fn is_pooled(&self) -> bool {
        self.engine.is_pooled()
    }

    /// Loads the plugin in the file `path`. This reads the file, checks it against the world `W` and compiles it,
    /// unless the [cache](Cache) has it.
    ///
    /// The plugin's name is the file's without its extension. Its symbols are at
    /// [`symbols_beside`](crate::symbols_beside) the file, if they are there.
    ///
    /// # Errors
    ///
    /// [`LoadError::Read`] if the file cannot be read, and what [`Host::load_bytes`] says.
    pub fn load<W: World>(&self, path: impl AsRef<Path>) -> Result<Plugin<W>, LoadError> {
        let path = path.as_ref();
        // All of it is done on one such stack, since to make one takes a while.
        on_stack(&name_of(path), || self.load_candidate(&self.verify(self.open(path)?)?))
    }

    /// Loads the plugin `bytes` under the name `plugin`.
    ///
    /// # Errors
    ///
    /// Says whether the bytes exceed the limits, lack the needed signature, are not WebAssembly, are not a
    /// component, are damaged, or do not fit `W`. In the last case each import that this host lacks and each
    /// missing export is named.
    pub fn load_bytes<W: World>(&self, plugin: &str, bytes: &[u8]) -> Result<Plugin<W>, LoadError> {
        on_stack(plugin, || self.load_candidate(&self.verify(self.of_bytes(plugin, bytes))?))
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
        on_stack(candidate.name(), || self.load_typed(candidate))
    }

    /// Checks that the plugin `candidate` is of `world`, and that this host would load it. It checks what
    /// [`Host::load`] checks, and compares types with those of the contract. `known` are other worlds; the error
    /// says whether one of them would fit. Host functions of the contract are missing here: a plugin that calls
    /// one while it is instantiated is refused.
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

    /// The limits of each call.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The same host, for one load that ends when the other end of `until` is closed.
    pub(crate) fn until(&self, until: PipeReader) -> Self {
        Self { until: Some(Arc::new(until)), ..self.clone() }
    }

    /// Checks that this host may look at `plugin`, and looks through its structure. The plugin must be within the
    /// limit of size, signed with a [trusted](crate::HostBuilder::trust) key, and have a rule in the policy.
    /// Nothing of it is read before that. What it asks for must be within the [lock](crate::HostBuilder::lock),
    /// if there is one.
    ///
    /// # Errors
    ///
    /// What [`Host::load_bytes`] says of bytes, of whatever contract they are.
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

    /// Reads the plugin in the file `path`, with its signature if signatures count for this host.
    ///
    /// # Errors
    ///
    /// What [`Unverified::open`] says, and [`LoadError::Read`] if the signature cannot be read.
    pub fn open(&self, path: &Path) -> Result<Unverified<'static>, LoadError> {
        let by_key = self.policy.as_ref().is_some_and(|policy| policy.keys().next().is_some())
            || self.lock.as_ref().is_some_and(|lock| lock.has_keys());
        let plugin = Unverified::open(path, &self.limits)?.of_file(path);
        if by_key || self.trust.needs_signature() { plugin.signed_beside() } else { Ok(plugin) }
    }

    /// The plugin `bytes` under the name `plugin`, with the [signature](Host::with_signature) that this host gives bytes.
    pub fn of_bytes<'a>(&self, plugin: &'a str, bytes: &'a [u8]) -> Unverified<'a> {
        Unverified::new(plugin, bytes).with_signature(self.signature.as_deref())
    }

    /// Checks the signature of a plugin and the lock, and gives what can be looked at. What the plugin does is
    /// not looked at.
    ///
    /// # Errors
    ///
    /// As [`Host::verify`], and [`LoadError::Locked`].
    pub fn verify_agreed<'a>(&self, plugin: Unverified<'a>) -> Result<Candidate<'a>, LoadError> {
        let candidate = self.verify(plugin)?;
        self.agreed(&candidate)?;
        Ok(candidate)
    }

    /// Refuses a candidate of others, that this host would not look at.
    fn admit(&self, candidate: &Candidate<'_>) -> Result<(), LoadError> {
        let (name, bytes) = (candidate.name(), candidate.bytes());
        if !self.trust.has(candidate.signer()) {
            self.trust.signer(name, bytes, candidate.signature())?;
        }
        let within = self.limits.check(Limit::ComponentSize, bytes.len() as u64);
        within.map_err(|exceeded| LoadError::exceeded(name, exceeded))?;
        self.agreed(candidate)
    }

    /// What a reference of the lock means, by its digest.
    #[cfg(feature = "registry")]
    pub(crate) fn resolved(&self, reference: &str) -> Option<&str> {
        let plugins = self.lock.as_ref()?.plugins.values();
        let mut of_it = plugins.filter(|plugin| plugin.reference.as_deref() == Some(reference));
        of_it.find_map(|plugin| plugin.resolved.as_deref())
    }

    /// Refuses what is beyond the lock.
    fn agreed(&self, candidate: &Candidate<'_>) -> Result<(), LoadError> {
        self.lock.as_ref().map_or(Ok(()), |lock| lock.admit(candidate))
    }
}
