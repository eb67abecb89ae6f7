//! The local store of pulled plugins, by digest, and the digests of tags.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use oci_client::manifest::OciImageManifest;
use tempfile::NamedTempFile;

use crate::client::{Attached, Pulled};
use crate::error::RegistryError;
use crate::layout::{component_of, digest};
use crate::reference::{Reference, is_sha256};

/// A folder of pulled plugins, each under the digest of its manifest. A plugin in the store needs no network.
///
/// The manifest and the component are compared with their digests whenever they are read, so a changed file is never
/// taken for the plugin of a digest. For a tag, the store only remembers the digest that the tag had at the last pull.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// A plugin of a [`Store`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Stored {
    /// The plugin, with the digest of its manifest.
    pub reference: Reference,
    /// The component.
    pub component: Vec<u8>,
    /// The file of the component. The files that refer to the plugin are beside it.
    pub file: PathBuf,
}

impl Store {
    /// Makes a store in this folder. The folder is created when the first plugin is kept.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the plugin that the reference meant at its last pull. With a digest, a reference always means the same
    /// plugin.
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

    /// Keeps a pulled plugin. `beside` gets the path of the component and the files that refer to the plugin, and
    /// returns the files to write.
    ///
    /// # Errors
    ///
    /// Returns which file cannot be written.
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

    /// Writes files beside a component that is in the store.
    ///
    /// # Errors
    ///
    /// Returns which file cannot be written.
    pub fn keep_beside(&self, files: &[(PathBuf, Vec<u8>)]) -> Result<(), RegistryError> {
        files.iter().try_for_each(|(path, bytes)| written(path, |file| file.write_all(bytes)))
    }

    fn manifest(&self, hex: &str) -> PathBuf {
        self.folder.join("manifests").join(hex)
    }

    /// Returns the path of a manifest's component. Each repository has its own folder, because a file that refers to a
    /// plugin in one repository says nothing about the same plugin in another.
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

/// Returns the hexadecimal digits of a digest.
fn hex(digest: &str) -> Option<&str> {
    digest.strip_prefix("sha256:").filter(|_| is_sha256(digest))
}

/// Writes a temporary file and moves it to `path`.
fn written(
    path: &Path,
    write: impl FnOnce(&mut NamedTempFile) -> io::Result<()>,
) -> Result<(), RegistryError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // Only its owner may change the store.
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
