//! Registries, which only a command that is built with the feature `registry` knows.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use clap::{Args, ValueHint};
use plugwright::Lock;

/// How registries are reached, for all commands.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Trusts a certificate authority of registries, a file of PEM, beside those of the system
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PLUGWRIGHT_AUTHORITY",
        value_hint = ValueHint::FilePath
    )]
    authority: Vec<PathBuf>,
}

/// Those of this process.
static OPTIONS: OnceLock<Options> = OnceLock::new();

/// What references of the lock mean, by a digest.
static RESOLVED: OnceLock<BTreeMap<String, String>> = OnceLock::new();

/// Has registries reached so, from now on.
pub(crate) fn prepare(options: Options) {
    // Once for a process.
    let _ = OPTIONS.set(options);
}

/// Has references mean what they meant when a lock was written.
pub(crate) fn keep_to(lock: &Lock) {
    let plugins = lock.plugins.values();
    let resolved = plugins.filter_map(|it| Some((it.reference.clone()?, it.resolved.clone()?)));
    let _ = RESOLVED.set(resolved.collect());
}

#[cfg(not(feature = "registry"))]
pub(crate) fn absent() -> crate::exit::Failed {
    crate::exit::usage(anyhow::anyhow!(
        "this command is built without registries: install one that has them, as `just install` does, or build it with \
         `--features registry`"
    ))
}

/// Says whether an argument is meant as a plugin of a registry.
pub(crate) fn is_meant(argument: &str) -> bool {
    argument.starts_with("oci://")
}

/// A plugin of a registry, which is to be loaded within `limits`, with its signature, and the reference by its digest.
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

    use anyhow::anyhow;
    use plugwright::registry::{
        ClientBuilder, Reference, Referred, Registry, RegistryError, papers_beside,
    };
    use plugwright::{FileKind, ForeignText, Limits, LoadError, Unverified};
    use plugwright_registry::{Attached, Client};

    use super::{OPTIONS, RESOLVED};
    use crate::exit::{self, Failed};
    use crate::{log, progress};

    /// A certificate authority.
    const AUTHORITY: FileKind = FileKind::new("certificate authority", 1 << 20);

    /// What is said of a plugin in a file beside it.
    const SAID: FileKind = FileKind::new("file about a plugin", 16 << 20);

    /// What asks registries.
    pub(crate) fn client() -> Result<Client, Failed> {
        builder()?.build().map_err(failed)
    }

    fn builder() -> Result<ClientBuilder, Failed> {
        let files = OPTIONS.get().map_or(&[][..], |options| &options.authority);
        files.iter().try_fold(ClientBuilder::default(), |builder, file| {
            Ok(builder.authority(AUTHORITY.read(file).map_err(exit::usage)?))
        })
    }

    /// What is said of the plugin in this file, as far as it is there.
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

    /// A plugin of a registry, which is to be loaded within `limits`, with its signature, and the reference by its digest.
    pub(crate) fn read(
        text: &str,
        limits: &Limits,
    ) -> Result<(Unverified<'static>, String), Failed> {
        let locked = RESOLVED.get().and_then(|resolved| resolved.get(text));
        let reference: Reference = locked.map_or(text, |it| it).parse().map_err(exit::usage)?;
        let none = || exit::usage(anyhow!("`HOME` is not set: say where your home folder is"));
        let folder = Registry::default_folder().ok_or_else(none)?;
        let registry = Registry::new(builder()?, folder);
        let got = pulling(&reference, |told| registry.get(&reference, limits, told));
        let Referred { plugin, reference, is_offline, .. } = got?;
        if is_offline {
            let shown = ForeignText::from(&*reference.to_string()).to_string();
            log::show_text(&format!("offline: taking what it meant the last time, {shown}\n"));
        }
        Ok((plugin, reference.to_string()))
    }

    /// Does what brings a plugin here, and shows how far it is.
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
