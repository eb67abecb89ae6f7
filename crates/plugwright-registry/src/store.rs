//! Plugins that were brought here, by their digests, and which references meant them.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use oci_client::manifest::OciImageManifest;
use tempfile::NamedTempFile;

use crate::client::{Attached, Pulled};
use crate::error::RegistryError;
use crate::layout::{component_of, digest};
use crate::reference::{Reference, is_sha256};

/// A folder with the plugins of registries, each under the digest of its manifest, so that what is there once needs no network.
///
/// Manifest and component are compared with their digests whenever they are read, so whoever changes a file there changes no
/// plugin that is meant by a digest. What a tag means is only remembered.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// A plugin of a [`Store`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Stored {
    /// The plugin, by the digest of its manifest.
    pub reference: Reference,
    /// The component.
    pub component: Vec<u8>,
    /// The file that it is in, beside which is what is said of it.
    pub file: PathBuf,
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
        let meant = match reference.digest() {
            Some(digest) => digest.to_owned(),
            None => fs::read_to_string(self.tag(reference)).ok()?,
        };
        let hex = hex(&meant)?;
        let manifest = fs::read(self.manifest(hex)).ok().filter(|it| digest(it) == meant)?;
        let manifest: OciImageManifest = serde_json::from_slice(&manifest).ok()?;
        let file = self.file(hex, reference)?;
        let component = fs::read(&file).ok()?;
        let is_it = digest(&component) == component_of(&manifest).ok()?.digest;
        is_it.then(|| Stored { reference: reference.at(&meant), component, file })
    }

    /// Keeps what was brought, and the files that `beside` makes of what is said of it, given where the component is.
    ///
    /// # Errors
    ///
    /// Says what cannot be written.
    pub fn keep(
        &self,
        reference: &Reference,
        pulled: &Pulled,
        beside: impl Fn(&Path, &[Attached]) -> Vec<(PathBuf, Vec<u8>)>,
    ) -> Result<(), RegistryError> {
        let place = hex(&pulled.digest).and_then(|hex| Some((hex, self.file(hex, reference)?)));
        let Some((hex, file)) = place else { return Ok(()) };
        self.keep_beside(&beside(&file, &pulled.attached))?;
        let component = pulled.component.path();
        written(&file, |file| io::copy(&mut fs::File::open(component)?, file).map(|_| ()))?;
        written(&self.manifest(hex), |file| file.write_all(&pulled.manifest))?;
        if reference.digest().is_none() {
            written(&self.tag(reference), |file| file.write_all(pulled.digest.as_bytes()))?;
        }
        Ok(())
    }

    /// Keeps files beside a component that is there.
    ///
    /// # Errors
    ///
    /// Says what cannot be written.
    pub fn keep_beside(&self, files: &[(PathBuf, Vec<u8>)]) -> Result<(), RegistryError> {
        files.iter().try_for_each(|(path, bytes)| written(path, |file| file.write_all(bytes)))
    }

    fn manifest(&self, hex: &str) -> PathBuf {
        self.folder.join("manifests").join(hex)
    }

    /// Where the component of a manifest is. What is said of it in one repository is not said of it in another.
    fn file(&self, hex: &str, reference: &Reference) -> Option<PathBuf> {
        let repository = digest(format!("{}/{}", reference.host(), reference.name()).as_bytes());
        let name = reference.name().rsplit('/').next()?;
        let folder = self.folder.join("components").join(hex);
        Some(folder.join(repository.get(7..23)?).join(format!("{name}.wasm")))
    }

    fn tag(&self, reference: &Reference) -> PathBuf {
        let name = digest(reference.to_string().as_bytes());
        self.folder.join("tags").join(name.trim_start_matches("sha256:"))
    }
}

/// The digits of a digest.
fn hex(digest: &str) -> Option<&str> {
    digest.strip_prefix("sha256:").filter(|_| is_sha256(digest))
}

/// Writes a file beside and puts it into its place.
fn written(
    path: &Path,
    write: impl FnOnce(&mut NamedTempFile) -> io::Result<()>,
) -> Result<(), RegistryError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // What is kept here is for its owner to change.
    let mut folders = fs::DirBuilder::new();
    folders.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
    let result = folders.create(folder).and_then(|()| {
        let mut file = NamedTempFile::new_in(folder)?;
        write(&mut file)?;
        file.persist(path)?;
        Ok(())
    });
    result.map_err(|error| RegistryError::File { path: path.display().to_string(), error })
}
