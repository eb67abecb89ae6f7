//! OCI registries, in a command that is built with the feature `registry`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use clap::{Args, ValueHint};
use plugwright::Lock;

/// The registry options of all commands.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Trusts this certificate authority (a PEM file) for registries, in addition to those of the system
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PLUGWRIGHT_AUTHORITY",
        value_hint = ValueHint::FilePath
    )]
    authority: Vec<PathBuf>,
}

/// The options of this process.
static OPTIONS: OnceLock<Options> = OnceLock::new();

/// The references of the lock file, each with the reference by digest that it resolves to.
static RESOLVED: OnceLock<BTreeMap<String, String>> = OnceLock::new();

/// Sets the options for all later requests to registries.
pub(crate) fn prepare(options: Options) {
    // This runs once in a process.
    let _ = OPTIONS.set(options);
}

/// Resolves references as they were resolved when the lock file was written.
pub(crate) fn keep_to(lock: &Lock) {
    let plugins = lock.plugins.values();
    let resolved = plugins.filter_map(|it| Some((it.reference.clone()?, it.resolved.clone()?)));
    let _ = RESOLVED.set(resolved.collect());
}

#[cfg(not(feature = "registry"))]
pub(crate) fn absent() -> crate::exit::Failed {
    crate::exit::usage(anyhow::anyhow!(
        "this `plugwright` was built without registries: run `just install` in a clone of Plugwright, or build it with \
         `--features registry`"
    ))
}

/// Returns whether an argument is the reference of a plugin in a registry.
pub(crate) fn is_meant(argument: &str) -> bool {
    argument.starts_with("oci://")
}

/// Refuses to read a plugin from a registry.
#[cfg(not(feature = "registry"))]
pub(crate) fn read(
    _: &str,
    _: &plugwright::Limits,
) -> Result<(plugwright::Unverified<'static>, String), crate::exit::Failed> {
    Err(absent())
}

#[cfg(feature = "registry")]
pub(crate) use there::{beside, client, failed, pulling, read};

#[cfg(feature = "registry")]
mod there {
    use std::path::Path;

    use anyhow::{Context as _, anyhow};
    use plugwright::registry::{
        ClientBuilder, Reference, Referred, Registry, RegistryError, papers_beside,
    };
    use plugwright::{FileKind, ForeignText, Limits, LoadError, Unverified};
    use plugwright_registry::{Attached, Client};

    use super::{OPTIONS, RESOLVED};
    use crate::exit::{self, Failed};
    use crate::{log, progress};

    /// The file of a certificate authority: 1 MiB at most.
    const AUTHORITY: FileKind = FileKind::new("certificate authority", 1 << 20);

    /// A file beside a plugin, such as its provenance: 16 MiB at most.
    const SAID: FileKind = FileKind::new("file about a plugin", 16 << 20);

    /// Returns the client for requests to registries.
    pub(crate) fn client() -> Result<Client, Failed> {
        builder()?.build().map_err(failed)
    }

    fn builder() -> Result<ClientBuilder, Failed> {
        let files = OPTIONS.get().map_or(&[][..], |options| &options.authority);
        files.iter().try_fold(ClientBuilder::default(), |builder, file| {
            let pem = AUTHORITY.read(file).map_err(exit::usage)?;
            let unusable = || format!("cannot use `{}`", ForeignText::of_path(file));
            builder.authority(&pem).with_context(unusable).map_err(exit::usage)
        })
    }

    /// Reads the files beside the plugin in this file that belong to it, such as its provenance, as far as they exist.
    pub(crate) fn beside(plugin: &Path) -> Result<Vec<Attached>, Failed> {
        let mut attached = Vec::new();
        for (media_type, file) in papers_beside(plugin) {
            if file.is_file() {
                let bytes = SAID.read(&file).map_err(exit::usage)?;
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                attached.push(Attached { media_type: media_type.to_owned(), name, bytes });
            }
        }
        Ok(attached)
    }

    /// Reads a plugin from a registry with its signature, to be loaded within `limits`. Also returns its reference by
    /// digest.
    pub(crate) fn read(
        text: &str,
        limits: &Limits,
    ) -> Result<(Unverified<'static>, String), Failed> {
        let locked = RESOLVED.get().and_then(|resolved| resolved.get(text));
        let reference: Reference = locked.map_or(text, |it| it).parse().map_err(exit::usage)?;
        let none = || exit::usage(anyhow!("`HOME` is not set: set it to your home folder"));
        let folder = Registry::default_folder().ok_or_else(none)?;
        let registry = Registry::new(builder()?, folder);
        let got = pulling(&reference, |told| registry.get(&reference, limits, told));
        let Referred { plugin, reference, is_offline, .. } = got?;
        if is_offline {
            let shown = ForeignText::from(&*reference.to_string()).to_string();
            log::show_text(&format!("offline: using the plugin of the last pull, {shown}\n"));
        }
        Ok((plugin, reference.to_string()))
    }

    /// Runs `work`, which pulls a plugin, and shows its progress.
    pub(crate) fn pulling<R>(
        reference: &Reference,
        work: impl FnOnce(&(dyn Fn(u64, u64) + Sync)) -> R,
    ) -> R {
        let name = reference.name().rsplit('/').next().unwrap_or_default();
        let what = format!("pulling {}", ForeignText::from(name));
        progress::of_bytes(&what, |bytes| work(&|done, all| bytes.tell(done, all)))
    }

    pub(crate) fn failed(error: RegistryError) -> Failed {
        LoadError::from(error).into()
    }
}
