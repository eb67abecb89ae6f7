//! The builder of hosts.

use super::Host;
use crate::admission::lock::Lock;
use crate::admission::policy::Policy;
use crate::admission::signature::{PublicKey, Trust};
use crate::call::budget::Budget;
use crate::engine::cache::{Cache, Choice};
use crate::engine::compiler::{Compiler, Compiling, cores};
use crate::engine::error::BuildError;
use crate::engine::shared::SharedEngine;
use crate::permission::grants::Grants;
use crate::permission::limits::Limits;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Builds a [`Host`].
#[derive(Debug)]
#[must_use]
pub struct HostBuilder {
    cache: Choice,
    compiler: Compiler,
    limits: Option<Limits>,
    grants: Grants,
    policy: Option<Policy>,
    lock: Option<Lock>,
    concurrency: u32,
    trust: Option<Vec<PublicKey>>,
    memory: Option<u64>,
    descriptors: Option<u64>,
}

impl Host {
    /// Returns a builder with the defaults.
    pub fn builder() -> HostBuilder {
        HostBuilder::default()
    }
}

impl Default for HostBuilder {
    fn default() -> Self {
        Self {
            cache: Choice::default(),
            compiler: Compiler::in_process(),
            limits: None,
            grants: Grants::none(),
            policy: None,
            lock: None,
            concurrency: 1000,
            trust: None,
            memory: None,
            descriptors: None,
        }
    }
}

impl HostBuilder {
    /// Sets the limits of each call instead of the defaults. With a policy, the stricter value of each limit applies.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Sets what plugins are granted beyond their contract. By default, they are granted nothing.
    pub fn grants(mut self, grants: Grants) -> Self {
        self.grants = grants;
        self
    }

    /// Sets a policy, which decides which plugins are loaded and what each of them is granted and may use. Other
    /// plugins are not loaded.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Loads only plugins that are in the lock file: their bytes must be those of `lock`, and they must not request
    /// more than `lock` records. The error lists what a plugin requests beyond that.
    pub fn lock(mut self, lock: Lock) -> Self {
        self.lock = Some(lock);
        self
    }

    /// Sets the maximum number of concurrent instances. The default is 1000, and the minimum is 64. A call has one
    /// instance, and so does a session. Further calls wait for their turn, but not longer than their deadline. A plugin
    /// with several memories or tables counts once for each of them.
    ///
    /// The host reserves address space for all instances. A host with fewer instances is built faster. A process has
    /// enough address space for about twelve hosts with the default. Further hosts with the same limits share room for
    /// 1000 instances, and none of them gets more than it asked for; an event of `tracing` at the level `warn` reports
    /// this. If there is no address space left, the maximum stays the same and calls take longer: see
    /// [`Host::is_pooled`].
    pub fn concurrency(mut self, instances: u32) -> Self {
        self.concurrency = instances.max(64);
        self
    }

    /// Sets how many bytes the host may hold for all calls together, in addition to the linear memory of plugins. The
    /// default is 1 GiB. The limit [`host_memory`](Limits::host_memory) does the same for one call. A call that would
    /// exceed the budget ends with [`CallError::Exceeded`](crate::CallError::Exceeded) and the
    /// [scope](crate::Scope) of the host.
    pub fn memory_budget(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Sets how many files, folders and connections all calls together may have open, including calls of other hosts in
    /// the same process. The default is half of what the system allows the process, so that plugins never use up what
    /// the application needs. The limit [`descriptors`](Limits::descriptors) does the same for one call. A call that
    /// would exceed the budget ends as described for [`HostBuilder::memory_budget`].
    pub fn descriptor_budget(mut self, descriptors: u64) -> Self {
        self.descriptors = Some(descriptors);
        self
    }

    /// Loads only plugins that are signed with one of these keys, or with a key from an earlier call of this method. By
    /// default, plugins need no signature. Give several keys while one key replaces another.
    ///
    /// A signature proves who signed the plugin's bytes. It does not cover the plugin's name, and does not show whether
    /// there is a newer version.
    pub fn trust(mut self, keys: impl IntoIterator<Item = PublicKey>) -> Self {
        self.trust.get_or_insert_default().extend(keys);
        self
    }

    /// Keeps compiled code in `cache`. Without this method and [`HostBuilder::no_cache`], compiled code is kept in
    /// [`Cache::default_folder`]. If that folder cannot be used, an event of `tracing` reports it.
    pub fn cache(mut self, cache: Cache) -> Self {
        self.cache = Choice::Given(cache);
        self
    }

    /// Compiles each plugin at each load, and writes no compiled code to disk.
    pub fn no_cache(mut self) -> Self {
        self.cache = Choice::Never;
        self
    }

    /// Sets the compiler. By default the host compiles plugins itself, with [`Compiler::in_process`]. With
    /// [`Compiler::process`], a plugin that takes too much time or memory to compile is refused.
    pub fn compiler(mut self, compiler: Compiler) -> Self {
        self.compiler = compiler;
        self
    }

    /// Builds the host.
    ///
    /// # Errors
    ///
    /// [`BuildError::Engine`] if the engine does not run on this machine, and [`BuildError::PolicyAndGrants`] if both a
    /// policy and grants were set.
    pub fn build(self) -> Result<Host, BuildError> {
        let Self {
            cache,
            compiler,
            limits,
            grants,
            policy,
            lock,
            concurrency,
            trust,
            memory,
            descriptors,
        } = self;
        if policy.is_some() && grants != Grants::none() {
            return Err(BuildError::PolicyAndGrants);
        }
        let limits = match &policy {
            Some(policy) => policy.most().strictest(limits.unwrap_or(Limits::none())),
            None => limits.unwrap_or_default(),
        };
        let engine = Arc::new(SharedEngine::new(&limits, concurrency)?);
        let (cache, grants, policy) = (cache.open(), Arc::new(grants), policy.map(Arc::new));
        let trust = trust.map_or_else(Trust::anybody, Trust::keys);
        let budget = Arc::new(Budget::new(memory, descriptors));
        let compiling = Arc::new(Compiling::new(compiler, engine.counts_fuel()));
        let turns = Arc::new(Semaphore::new(cores()));
        let (until, signature) = (None, None);
        Ok(Host {
            engine,
            cache,
            recent: Arc::default(),
            compiling,
            turns,
            until,
            limits,
            grants,
            policy,
            lock: lock.map(Arc::new),
            trust,
            signature,
            budget,
        })
    }
}
