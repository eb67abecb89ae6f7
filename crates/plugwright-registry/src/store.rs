//! Plugins that were brought here, by their digests, and which references meant them.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::client::{Attached, Pulled};
use crate::error::RegistryError;
use crate::layout::digest;
use crate::reference::{Reference, is_sha256};

/// A folder with the plugins of registries, each under its digest, so that what is there once needs no network.
///
/// A component is compared with its digest whenever it is read, so whoever changes a file there changes no plugin.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// A plugin of a [`Store`].
#[derive(Debug)]
pub struct Stored {
    /// The plugin, by the digest of its manifest.
    pub reference: Reference,
    /// The component.
    pub component: Vec<u8>,
    /// The file that it is in, beside which is what is said of it.
    pub file: PathBuf,
}

/// What a reference meant.
#[derive(Serialize, Deserialize)]
struct Meant {
    digest: String,
    component: String,
}

impl Store {
    /// The store in this folder, which is made when something is kept.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the reference meant when it was brought here last. One by its digest always means the same.
    pub fn find(&self, reference: &Reference) -> Option<Stored> {
        let meant = fs::read(self.meant(reference)).ok()?;
        let meant: Meant = serde_json::from_slice(&meant).ok()?;
        let wanted = reference.digest().unwrap_or(&meant.digest);
        if !is_sha256(&meant.digest) || wanted != meant.digest {
            return None;
        }
        let file = self.file(&meant.component, reference)?;
        let component = fs::read(&file).ok()?;
        let is_it = digest(&component) == meant.component;
        is_it.then(|| Stored { reference: reference.at(&meant.digest), component, file })
    }

    /// Keeps what was brought, what is said of it under the names that `beside` gives for a kind.
    ///
    /// # Errors
    ///
    /// Says what cannot be written.
    pub fn keep(
        &self,
        reference: &Reference,
        pulled: &Pulled,
        beside: impl Fn(&Path, &Attached) -> Option<PathBuf>,
    ) -> Result<(), RegistryError> {
        let Some(file) = self.file(&pulled.component_digest, reference) else { return Ok(()) };
        for attached in &pulled.attached {
            if let Some(beside) = beside(&file, attached) {
                written(&beside, |file| file.write_all(&attached.bytes))?;
            }
        }
        let component = pulled.component.path();
        written(&file, |file| io::copy(&mut fs::File::open(component)?, file).map(|_| ()))?;
        let meant =
            Meant { digest: pulled.digest.clone(), component: pulled.component_digest.clone() };
        let meant = serde_json::to_vec(&meant)
            .map_err(|error| RegistryError::Layout { why: error.to_string() })?;
        // By its tag, and for good.
        for reference in [reference, &reference.at(&pulled.digest)] {
            written(&self.meant(reference), |file| file.write_all(&meant))?;
        }
        Ok(())
    }

    fn file(&self, component: &str, reference: &Reference) -> Option<PathBuf> {
        let hex = component.strip_prefix("sha256:").filter(|_| is_sha256(component))?;
        let name = reference.name().rsplit('/').next()?;
        Some(self.folder.join("components").join(hex).join(format!("{name}.wasm")))
    }

    fn meant(&self, reference: &Reference) -> PathBuf {
        let name = digest(reference.to_string().as_bytes());
        self.folder.join("references").join(name.trim_start_matches("sha256:"))
    }
}

/// Writes a file beside and puts it into its place.
fn written(
    path: &Path,
    write: impl FnOnce(&mut NamedTempFile) -> io::Result<()>,
) -> Result<(), RegistryError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let result = fs::create_dir_all(folder).and_then(|()| {
        let mut file = NamedTempFile::new_in(folder)?;
        write(&mut file)?;
        file.persist(path)?;
        Ok(())
    });
    result.map_err(|error| RegistryError::File { path: path.display().to_string(), error })
}
