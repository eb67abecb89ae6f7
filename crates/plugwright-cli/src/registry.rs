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

#[cfg(feature = "registry")]
pub(crate) use there::{beside, failed, files_beside};

#[cfg(feature = "registry")]
mod there {
    use std::path::{Path, PathBuf};

    use plugwright::{FileKind, signature_beside};
    use plugwright_registry::{Attached, Client, RegistryError};

    use super::Arguments;
    use crate::exit::{self, Failed};

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

    pub(crate) fn failed(error: RegistryError) -> Failed {
        match error {
            RegistryError::File { .. } => exit::file(error),
            _ => exit::registry(error),
        }
    }
}
