//! Loading of plugins that are called by name, whatever their world is.

use std::cell::RefCell;
use std::path::Path;

use wasmtime::Error;
use wasmtime::component::{Component, Linker};

use crate::admission::candidate::{Candidate, name_of, on_stack};
use crate::admission::compatibility;
use crate::admission::known::Known;
use crate::admission::load_error::LoadError;
use crate::call::dynamic::forwarder::Forwarder;
use crate::call::dynamic::forwarding::{self, ForwarderPre};
use crate::call::dynamic::{AnyWorld, Dynamic, DynamicPre, imports};
use crate::call::plugin::Plugin;
use crate::call::world::{World, known};
use crate::contract::WorldType;
use crate::host::Host;

impl Host {
    /// Loads the plugin in the file `path` for calls by name. If there are `worlds`, such as those of a
    /// [`Contract`](crate::Contract), the plugin must be of one of them, including its types. Without worlds, a plugin
    /// of any world is loaded.
    ///
    /// [`Imports`](crate::Imports) that are set with [`Plugin::with_data`] answer what the plugin imports beyond WASI.
    /// Limits, grants, the policy and the cache work as they do for typed plugins.
    ///
    /// ```no_run
    /// use plugwright::{Contract, Host};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let contract = Contract::read("wit")?;
    /// let rules = Host::builder().build()?.load_dynamic("dist/coupons.wasm", &contract.worlds())?;
    /// println!("{}", rules.call_text("rules.price({articles: [{sku: \"apple\", count: 3}]})")?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Host::load`] that do not depend on a world and, if there are `worlds`, the errors of
    /// [`Host::check`].
    pub fn load_dynamic(
        &self,
        path: impl AsRef<Path>,
        worlds: &[WorldType],
    ) -> Result<Plugin<Dynamic>, LoadError> {
        let path = path.as_ref();
        let load = || self.load_dynamic_candidate(&self.verify(self.open(path)?)?, worlds);
        on_stack(&name_of(path), load)
    }

    /// Loads the plugin `bytes` under the name `plugin`, as [`Host::load_dynamic`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`Host::load_dynamic`].
    pub fn load_dynamic_bytes(
        &self,
        plugin: &str,
        bytes: &[u8],
        worlds: &[WorldType],
    ) -> Result<Plugin<Dynamic>, LoadError> {
        let load =
            || self.load_dynamic_candidate(&self.verify(self.of_bytes(plugin, bytes))?, worlds);
        on_stack(plugin, load)
    }

    /// Loads the plugin `candidate`, as [`Host::load_dynamic`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`Host::load_dynamic`].
    pub fn load_dynamic_candidate(
        &self,
        candidate: &Candidate<'_>,
        worlds: &[WorldType],
    ) -> Result<Plugin<Dynamic>, LoadError> {
        self.admit(candidate)?;
        let (name, surface) = (candidate.name(), candidate.surface());
        on_stack(name, || {
            let prepare = |_| Dynamic::<AnyWorld>::prepare;
            let Some(world) = surface.world_among(worlds) else {
                let known = Known::of_type(&surface.own_names(), &[]);
                return self.load_as(candidate, &known, imports::link, prepare, |_| None);
            };
            let known = Known::of_type(world, worlds);
            let plugin = self.load_as(candidate, &known, imports::link, prepare, |_| None)?;
            compatibility::compare_types(name, surface, candidate.bytes(), world, &known)?;
            Ok(plugin)
        })
    }

    /// Loads the plugin `candidate` of the world `W` for calls by name. The host functions of `W` answer the plugin's
    /// imports.
    ///
    /// # Errors
    ///
    /// The errors of [`Host::load_candidate`].
    pub fn load_dynamic_as<W: World>(
        &self,
        candidate: &Candidate<'_>,
    ) -> Result<Plugin<Dynamic<W>>, LoadError> {
        self.admit(candidate)?;
        on_stack(candidate.name(), || {
            let link = |linker: &mut Linker<_>, _: &Component| W::link(linker);
            self.load_as(candidate, &*known::<W>()?, link, |_| Dynamic::<W>::prepare, |_| None)
        })
    }

    /// Loads the plugin `candidate` as [`Host::load_dynamic_as`] does, so that calls of the host functions of `W` can
    /// be observed: see [`Plugin::with_observer`]. This is for tests and recordings. Each observed call is forwarded by
    /// a small component that is generated for the plugin, so it takes two calls.
    ///
    /// An observed plugin gets numbers instead of handles to the application's own resources. Arguments of
    /// [`Dynamic::call`] can be the application's own handles. [`Dynamic::own_handle`] returns the application's handle
    /// for a handle that a call returned.
    ///
    /// Observation affects only three limits. An instance takes one more place of the host's
    /// [concurrency](crate::HostBuilder::concurrency), so one place is not enough. A handle that is lent to a host
    /// function counts twice for [`Limits::handles`](crate::Limits::handles) during the call. What the plugin passes to
    /// a host function counts for [`Limits::transfer`](crate::Limits::transfer) as it does for
    /// [`Imports`](crate::Imports): each element of a list counts as a [`Val`](wasmtime::component::Val), which takes a
    /// few dozen bytes.
    ///
    /// # Errors
    ///
    /// The errors of [`Host::load_dynamic_as`].
    pub fn load_observed_as<W: World>(
        &self,
        candidate: &Candidate<'_>,
    ) -> Result<Plugin<Dynamic<W>>, LoadError> {
        self.admit(candidate)?;
        on_stack(candidate.name(), || {
            let forwarder = RefCell::new(None);
            let link = |linker: &mut Linker<_>, component: &Component| {
                W::link(linker)?;
                let made = Forwarder::of(candidate.bytes()).map_err(Error::msg)?;
                let Some(made) = made else { return Ok(()) };
                *forwarder.borrow_mut() = Some(ForwarderPre::new(&made, component, linker)?);
                forwarding::link(linker, component, &made.functions)
            };
            let prepare = |_| {
                |component| {
                    let prepared = Dynamic::<W>::prepare(component)?;
                    Ok(prepared.by_way_of(forwarder.take()))
                }
            };
            self.load_as(candidate, &*known::<W>()?, link, prepare, DynamicPre::forwarder)
        })
    }
}
