//! Plugins of registries of OCI, by reference: what is asked for once is kept, by its digest.

use std::fmt;
use std::path::{Path, PathBuf};
use std::{env, panic, thread};

use plugwright_registry::{Attached, Store, Stored};

use crate::admission::candidate::{Unverified, name_of};
use crate::admission::load_error::LoadError;
use crate::admission::signature::signature_beside;
use crate::call::plugin::Plugin;
use crate::call::world::World;
use crate::host::Host;
use crate::permission::limits::{Limit, Limits};

pub use plugwright_registry::{ClientBuilder, Reference, ReferenceError, RegistryError};

/// The type of a statement of provenance, by [in-toto](https://github.com/in-toto/attestation).
const STATEMENT: &str = "application/vnd.in-toto+json";
/// The type of a bill of materials, by [CycloneDX](https://cyclonedx.org).
const BILL: &str = "application/vnd.cyclonedx+json";
/// The type of a signature of minisign.
const SIGNATURE: &str = "application/vnd.minisign.signature";

/// What is said of plugins, by its types.
pub const PAPERS: [&str; 3] = [STATEMENT, BILL, SIGNATURE];

/// Where plugins of registries are had from: what is here already by its digest, else the registry.
pub struct Registry {
    client: ClientBuilder,
    store: Store,
}

/// A plugin of a registry.
#[derive(Debug)]
#[non_exhaustive]
pub struct Referred {
    /// The plugin, with its signature if it has one.
    pub plugin: Unverified<'static>,
    /// The reference by its digest, which means this plugin for good.
    pub reference: Reference,
    /// Whether the registry could not be asked what a tag means now, and this is what it meant the last time.
    pub is_offline: bool,
}

impl Registry {
    /// Asks registries by `client`, and keeps plugins in `folder`.
    pub fn new(client: ClientBuilder, folder: impl Into<PathBuf>) -> Self {
        Self { client, store: Store::new(folder) }
    }

    /// The folder in which the command keeps plugins: `plugwright/registry` in that of caches, which is `XDG_CACHE_HOME` or
    /// `.cache` in the home folder. None if there is no home folder.
    pub fn default_folder() -> Option<PathBuf> {
        let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
        let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(env::home_dir()?.join(".cache")));
        Some(cache?.join("plugwright/registry"))
    }

    /// The plugin of the reference, which may be as large as `limits` allow. A registry is asked what a tag means now, and of
    /// what is here already it is asked no more. `told` hears how many bytes are here, and of how many.
    ///
    /// # Errors
    ///
    /// [`LoadError::Registry`], and [`LoadError::Read`] if its signature cannot be read.
    pub fn get(
        &self,
        reference: &Reference,
        limits: &Limits,
        told: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Referred, LoadError> {
        let by_digest = reference.digest().and_then(|_| self.store.find(reference));
        let (stored, is_offline) = match by_digest {
            Some(stored) => (stored, false),
            // A thread of a runtime may not wait for another one.
            None => apart(|| self.bring(reference, limits, told))?,
        };
        let Stored { reference, component, file, .. } = stored;
        let plugin = Unverified::new(name_of(&file), component).of_file(file).signed_beside()?;
        Ok(Referred { plugin, reference, is_offline })
    }

    fn bring(
        &self,
        reference: &Reference,
        limits: &Limits,
        told: &dyn Fn(u64, u64),
    ) -> Result<(Stored, bool), LoadError> {
        let client = self.client.clone().build()?;
        let now = match client.resolve(reference) {
            Ok(digest) => digest,
            Err(error @ RegistryError::Unreachable { .. }) => {
                let stored = self.store.find(reference).ok_or(error)?;
                return Ok((stored, true));
            }
            Err(error) => return Err(error.into()),
        };
        let exact = reference.at(&now);
        let component = limits.get(Limit::ComponentSize).unwrap_or(u64::MAX);
        let limits = plugwright_registry::Limits { component, ..Default::default() };
        if let Some(stored) = self.store.find(reference).filter(|it| it.reference == exact) {
            // It can have been signed since.
            if !signature_beside(&stored.file).exists() {
                let signatures = client.attached(reference, &now, &[SIGNATURE], &limits)?;
                self.store.keep_beside(&papers(&stored.file, &signatures))?;
            }
            return Ok((stored, false));
        }
        // By its tag, so that it is known what that meant.
        let pulled = client.pull(reference, &PAPERS, &limits, told)?;
        self.store.keep(reference, &pulled, papers)?;
        let gone = || RegistryError::Changed { folder: self.store.folder().to_owned() };
        let stored = self.store.find(&reference.at(&pulled.digest)).ok_or_else(gone)?;
        Ok((stored, false))
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("folder", &self.store.folder()).finish_non_exhaustive()
    }
}

impl Host {
    /// Loads the plugin that a registry has under `reference`, as [`Host::load`] loads that of a file. Its name is the last
    /// part of the reference's. Trust, policy and lock hold as for files; a tag of the lock means what it meant when that was
    /// written.
    ///
    /// It waits for the network, unless the reference has a digest and the plugin is in the registry's folder. In async
    /// code it is called by [`Host::load_with_async`].
    ///
    /// # Errors
    ///
    /// [`LoadError::Registry`], and what [`Host::load_bytes`] says.
    pub fn load_reference<W: World>(
        &self,
        reference: &Reference,
        registry: &Registry,
    ) -> Result<Plugin<W>, LoadError> {
        let agreed = self.resolved(&reference.to_string()).and_then(|it| it.parse().ok());
        let reference = agreed.as_ref().unwrap_or(reference);
        let referred = registry.get(reference, self.limits(), &|_, _| ())?;
        if referred.is_offline {
            let (tag, meant) = (reference.to_string(), referred.reference.to_string());
            tracing::warn!(
                reference = tag,
                meant,
                "a registry cannot be reached: taking what a tag meant"
            );
        }
        self.load_candidate(&self.verify(referred.plugin)?)
    }
}

/// What is said of the plugin in this file, by its type: where that stands beside it.
pub fn papers_beside(plugin: &Path) -> [(&'static str, PathBuf); 3] {
    [
        (STATEMENT, plugin.with_extension("provenance.json")),
        (BILL, plugin.with_extension("cdx.json")),
        (SIGNATURE, signature_beside(plugin)),
    ]
}

/// The files of what is attached to the plugin in this file: all signatures in one, since any can be the one that is
/// trusted, and the first of what else there is.
pub fn papers(plugin: &Path, attached: &[Attached]) -> Vec<(PathBuf, Vec<u8>)> {
    let files = papers_beside(plugin).into_iter().filter_map(|(kind, file)| {
        let mut of_kind = attached.iter().filter(|it| it.media_type == kind);
        let first = of_kind.next()?.bytes.clone();
        let others = of_kind.filter(|_| kind == SIGNATURE);
        let bytes = others.fold(first, |all, it| [&*all, b"\n", &*it.bytes].concat());
        Some((file, bytes))
    });
    files.collect()
}

/// Does `work` on a thread of its own.
fn apart<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(work).join())
        .unwrap_or_else(|panic| panic::resume_unwind(panic))
}
