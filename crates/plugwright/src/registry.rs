//! Plugins from OCI registries, by reference. Each plugin that is downloaded is kept in a folder by its digest.

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

/// The media type of a provenance statement in the [in-toto](https://github.com/in-toto/attestation) format.
const STATEMENT: &str = "application/vnd.in-toto+json";
/// The media type of a software bill of materials in the [CycloneDX](https://cyclonedx.org) format.
const BILL: &str = "application/vnd.cyclonedx+json";
/// The media type of a minisign signature.
const SIGNATURE: &str = "application/vnd.minisign.signature";

/// The media types of the documents that are attached to plugins: provenance, bill of materials and signature.
pub const PAPERS: [&str; 3] = [STATEMENT, BILL, SIGNATURE];

/// Gets plugins from registries. A plugin that is in the local folder is found by its digest; the others are
/// downloaded.
pub struct Registry {
    client: ClientBuilder,
    store: Store,
}

/// A plugin from a registry.
#[derive(Debug)]
#[non_exhaustive]
pub struct Referred {
    /// The plugin, with its signature if it has one.
    pub plugin: Unverified<'static>,
    /// The reference by digest, which always means this plugin.
    pub reference: Reference,
    /// Whether the registry could not be reached, so that the plugin is the one that the tag meant the last time.
    pub is_offline: bool,
}

impl Registry {
    /// Makes a registry that sends requests with `client` and keeps plugins in `folder`.
    pub fn new(client: ClientBuilder, folder: impl Into<PathBuf>) -> Self {
        Self { client, store: Store::new(folder) }
    }

    /// Returns the folder in which the command keeps plugins:
    /// `plugwright/registry` in the user's cache folder, which is `XDG_CACHE_HOME` or else
    /// `.cache` in the home folder. Returns `None` if there is no home folder.
    pub fn default_folder() -> Option<PathBuf> {
        let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
        let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(env::home_dir()?.join(".cache")));
        Some(cache?.join("plugwright/registry"))
    }

    /// Gets the plugin of the reference, which may be as large as `limits` allow. For a tag, the registry is asked what
    /// the tag means now. A plugin that is in the folder already is not downloaded again. `told` is called with the
    /// number of bytes that have arrived and the total number.
    ///
    /// # Errors
    ///
    /// [`LoadError::Registry`], and [`LoadError::Read`] if the plugin's signature cannot be read.
    pub fn get(
        &self,
        reference: &Reference,
        limits: &Limits,
        told: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Referred, LoadError> {
        let by_digest = reference.digest().and_then(|_| self.store.find(reference));
        let (stored, is_offline) = match by_digest {
            Some(stored) => (stored, false),
            // A runtime's thread may not block on another runtime.
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
            // The plugin can have been signed since then.
            if !signature_beside(&stored.file).exists() {
                let signatures = client.attached(reference, &now, &[SIGNATURE], &limits)?;
                self.store.keep_beside(&papers(&stored.file, &signatures))?;
            }
            return Ok((stored, false));
        }
        // Pulls by tag, so that the store records what the tag meant.
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
    /// Loads the plugin that a registry has under `reference`, as [`Host::load`] loads the plugin in a file. The
    /// plugin's name is the last part of the reference's name. Trust, policy and lock apply as they do to files. A tag
    /// that is in the lock file means what it meant when the lock file was written.
    ///
    /// This blocks on the network, unless the reference has a digest and the plugin is in the registry's folder. In
    /// async code, call it in [`Host::load_with_async`].
    ///
    /// # Errors
    ///
    /// [`LoadError::Registry`], and the errors of [`Host::load_bytes`].
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
                "the registry cannot be reached; using the plugin that the tag meant before"
            );
        }
        self.load_candidate(&self.verify(referred.plugin)?)
    }
}

/// Returns the file beside the plugin `plugin` for each document that can be attached to it, by media type.
pub fn papers_beside(plugin: &Path) -> [(&'static str, PathBuf); 3] {
    [
        (STATEMENT, plugin.with_extension("provenance.json")),
        (BILL, plugin.with_extension("cdx.json")),
        (SIGNATURE, signature_beside(plugin)),
    ]
}

/// Returns the files to write beside the plugin `plugin` for what is attached to it. All signatures go into one file,
/// since any of them can be the trusted one. Of the other documents, the first of each type is used.
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

/// Runs `work` on a thread of its own.
fn apart<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(work).join())
        .unwrap_or_else(|panic| panic::resume_unwind(panic))
}
