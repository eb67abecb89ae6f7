//! Registries, which only a command that is built with the feature `registry` knows.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// How registries are reached.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Trusts a certificate authority, a file of PEM, beside those of the system
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    authority: Vec<PathBuf>,
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

/// A plugin of a registry, which is to be loaded within `limits`, without its signature.
#[cfg(not(feature = "registry"))]
pub(crate) fn read(
    _: &str,
    _: &plugwright::Limits,
) -> Result<plugwright::Unverified<'static>, crate::exit::Failed> {
    Err(absent())
}

#[cfg(feature = "registry")]
pub(crate) use there::{beside, failed, files_beside, read};

#[cfg(feature = "registry")]
mod there {
    use std::path::{Path, PathBuf};

    use std::env;

    use plugwright::{FileKind, ForeignText, Limit, Limits, Unverified, name_of, signature_beside};
    use plugwright_registry::{Attached, Client, Reference, RegistryError, Store, Stored};

    use super::Arguments;
    use crate::exit::{self, Failed};
    use crate::{log, progress};

    /// A certificate authority.
    const AUTHORITY: FileKind = FileKind::new("certificate authority", 1 << 20);

    /// What is said of a plugin in a file beside it.
    const SAID: FileKind = FileKind::new("file about a plugin", 16 << 20);

    const STATEMENT: &str = "application/vnd.in-toto+json";
    const BILL: &str = "application/vnd.cyclonedx+json";
    const SIGNATURE: &str = "application/vnd.minisign.signature";

    impl Arguments {
        /// What asks registries.
        pub(crate) fn client(&self) -> Result<Client, Failed> {
            let mut builder = Client::builder();
            for file in &self.authority {
                builder = builder.authority(AUTHORITY.read(file).map_err(exit::usage)?);
            }
            builder.build().map_err(exit::load)
        }
    }

    /// What is said of the plugin in this file, by kinds: where that stands beside it.
    pub(crate) fn files_beside(plugin: &Path) -> [(&'static str, PathBuf); 3] {
        [
            (STATEMENT, plugin.with_extension("provenance.json")),
            (BILL, plugin.with_extension("cdx.json")),
            (SIGNATURE, signature_beside(plugin)),
        ]
    }

    /// What is said of the plugin in this file, as far as it is there.
    pub(crate) fn beside(plugin: &Path) -> Result<Vec<Attached>, Failed> {
        let mut attached = Vec::new();
        for (media_type, file) in files_beside(plugin) {
            if file.is_file() {
                let bytes = SAID.read(&file).map_err(exit::usage)?;
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                attached.push(Attached { media_type: media_type.to_owned(), name, bytes });
            }
        }
        Ok(attached)
    }

    /// A plugin of a registry, which is to be loaded within `limits`, without its signature.
    ///
    /// What is here already by its digest is not asked for again. What a tag means the registry is asked, and if it cannot be
    /// reached, what it meant the last time is taken.
    pub(crate) fn read(text: &str, limits: &Limits) -> Result<Unverified<'static>, Failed> {
        let reference: Reference = text.parse().map_err(exit::usage)?;
        let store = Store::new(folder()?);
        let Stored { component, file, .. } =
            match reference.digest().and_then(|_| store.find(&reference)) {
                Some(stored) => stored,
                None => brought(&reference, &store, limits)?,
            };
        Ok(Unverified::new(name_of(&file), component).of_file(file))
    }

    fn brought(reference: &Reference, store: &Store, limits: &Limits) -> Result<Stored, Failed> {
        let client = Client::builder().build().map_err(exit::load)?;
        let now = match client.resolve(reference) {
            Ok(digest) => reference.at(&digest),
            Err(error @ RegistryError::Unreachable { .. }) => {
                let stored = store.find(reference).ok_or_else(|| failed(error))?;
                let shown = ForeignText::from(&*stored.reference.to_string()).to_string();
                log::show_text(&format!("offline: taking what it meant the last time, {shown}\n"));
                return Ok(stored);
            }
            Err(error) => return Err(failed(error)),
        };
        if let Some(stored) = store.find(reference).filter(|stored| stored.reference == now) {
            return Ok(stored);
        }
        let component = limits.get(Limit::ComponentSize).unwrap_or(u64::MAX);
        let limits = plugwright_registry::Limits { component, ..Default::default() };
        let what = format!("pulling {}", ForeignText::from(reference.name()));
        let pulled = progress::during(what, || client.pull(&now, &limits, &|_, _| ()));
        let pulled = pulled.map_err(failed)?;
        let beside = |file: &Path, attached: &Attached| {
            let mut files = files_beside(file).into_iter();
            files.find(|(kind, _)| *kind == attached.media_type).map(|(_, file)| file)
        };
        // By its tag, so that it is known what that meant.
        store.keep(reference, &pulled, beside).map_err(failed)?;
        let gone = || {
            let folder = ForeignText::of_path(store.folder());
            exit::load(anyhow::anyhow!("`{folder}` was changed meanwhile"))
        };
        store.find(&now).ok_or_else(gone)
    }

    /// Where plugins of registries are kept: `plugwright/registry` in the folder of caches.
    fn folder() -> Result<PathBuf, Failed> {
        let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
        let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(env::home_dir()?.join(".cache")));
        let none =
            || exit::usage(anyhow::anyhow!("`HOME` is not set: say where your home folder is"));
        Ok(cache.ok_or_else(none)?.join("plugwright/registry"))
    }

    pub(crate) fn failed(error: RegistryError) -> Failed {
        match error {
            RegistryError::File { .. } => exit::file(error),
            _ => exit::registry(error),
        }
    }
}
