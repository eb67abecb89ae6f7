//! Pulls: the manifest, the component, and the files that refer to it.

use std::io::Write as _;

use oci_client::manifest::{OciDescriptor, OciImageManifest};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::Attached;
use super::connection::Connection;
use crate::error::RegistryError;
use crate::layout::{self, INDEX, MANIFEST, TITLE, component_of, digest, read};
use crate::reference::{Reference, is_sha256};

/// The longest manifest or index, in bytes. By the specification, registries accept at least this length.
pub(super) const MOST: usize = 4 << 20;
/// The greatest number of files of the wanted kinds that are read for a plugin.
const REFERRERS: usize = 32;

/// How much a pull reads from a registry. By default, 64 MiB for the component, and 16 MiB for each file that refers to
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The greatest length of the component, in bytes.
    pub component: u64,
    /// The greatest length of each file that refers to the plugin, in bytes.
    pub attached: usize,
}

/// A pulled plugin.
#[derive(Debug)]
pub struct Pulled {
    /// The digest of the manifest, `sha256:…`, which always means this plugin.
    pub digest: String,
    /// The manifest.
    pub manifest: Vec<u8>,
    /// The component, in a temporary file that is removed when this value is dropped.
    pub component: NamedTempFile,
    /// The component's digest, `sha256:…`.
    pub component_digest: String,
    /// The annotations of the manifest.
    pub annotations: std::collections::BTreeMap<String, String>,
    /// The files that refer to the plugin.
    pub attached: Vec<Attached>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    #[serde(default)]
    manifests: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    media_type: String,
    digest: String,
    artifact_type: Option<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { component: 64 << 20, attached: 16 << 20 }
    }
}

pub(super) async fn pull(
    connection: &Connection,
    reference: &Reference,
    kinds: &[&str],
    limits: &Limits,
    told: &dyn Fn(u64, u64),
) -> Result<Pulled, RegistryError> {
    let (manifest, bytes) = manifest(connection, reference).await?;
    let digest = digest(&bytes);
    let layer = component_of(&manifest)?;
    let component = blob_file(connection, reference, layer, limits.component, told).await?;
    Ok(Pulled {
        component_digest: layer.digest.clone(),
        component,
        annotations: manifest.annotations.unwrap_or_default(),
        attached: attached(connection, reference, &digest, kinds, limits).await?,
        digest,
        manifest: bytes,
    })
}

pub(super) async fn resolve(
    connection: &Connection,
    reference: &Reference,
) -> Result<String, RegistryError> {
    Ok(digest(&manifest(connection, reference).await?.1))
}

/// Gets the manifest and its bytes.
async fn manifest(
    connection: &Connection,
    reference: &Reference,
) -> Result<(OciImageManifest, Vec<u8>), RegistryError> {
    let path = format!("manifests/{}", reference.version());
    let bytes = connection.get_bytes(reference, &path, MANIFEST, MOST).await?;
    let bytes = bytes.ok_or_else(|| connection.transport.missing(reference))?;
    let found = digest(&bytes);
    if reference.digest().is_some_and(|wanted| wanted != found) {
        return Err(connection.wrong(&format!("`{path}` has the digest {found}")));
    }
    let manifest: OciImageManifest = read("its manifest", &bytes)?;
    match manifest.media_type.as_deref() {
        None | Some(MANIFEST) => Ok((manifest, bytes)),
        Some(other) => {
            Err(RegistryError::layout(&format!("its manifest is `{other}`, not `{MANIFEST}`")))
        }
    }
}

/// Streams a blob to a temporary file. Checks the length and the digest of the descriptor.
async fn blob_file(
    connection: &Connection,
    reference: &Reference,
    descriptor: &OciDescriptor,
    most: u64,
    told: &dyn Fn(u64, u64),
) -> Result<NamedTempFile, RegistryError> {
    let (path, size) = blob(descriptor, most)?;
    let written = |error| RegistryError::File { path: "a temporary file".to_owned(), error };
    let mut file = NamedTempFile::new().map_err(written)?;
    let response = connection.get(reference, &path, "*/*", size).await?;
    let mut response = response.ok_or_else(|| connection.wrong(&format!("`{path}` is missing")))?;
    let (mut hasher, mut length) = (Sha256::new(), 0);
    told(0, size);
    while let Some(chunk) = connection.transport.chunk(&mut response).await? {
        length += chunk.len() as u64;
        if length > size {
            return Err(connection.wrong(&format!("`{path}` has more than {size} bytes")));
        }
        hasher.update(&chunk);
        file.write_all(&chunk).map_err(written)?;
        told(length, size);
    }
    let found = layout::shown(hasher.finalize().as_ref());
    if found != descriptor.digest {
        return Err(connection.wrong(&format!("`{path}` has the digest {found}")));
    }
    file.flush().map_err(written)?;
    Ok(file)
}

/// Returns the path and the length of a blob, after a check of its digest and its length.
fn blob(descriptor: &OciDescriptor, most: u64) -> Result<(String, u64), RegistryError> {
    let wrong = |why: String| RegistryError::layout(&why);
    if !is_sha256(&descriptor.digest) {
        return Err(wrong("a digest in its manifest is not a SHA-256 digest".to_owned()));
    }
    let size = u64::try_from(descriptor.size)
        .map_err(|_| wrong(format!("its manifest gives the invalid size {}", descriptor.size)))?;
    if size > most {
        let what = format!("blobs/{}", descriptor.digest);
        return Err(RegistryError::TooLong { what, bytes: size, most });
    }
    Ok((format!("blobs/{}", descriptor.digest), size))
}

/// Gets the files of these kinds that refer to the manifest with this digest. Uses the API for referrers, or the
/// fallback tag if the registry does not have this API. Anybody may attach files, so incomplete and foreign ones are
/// skipped.
pub(super) async fn attached(
    connection: &Connection,
    reference: &Reference,
    subject: &str,
    kinds: &[&str],
    limits: &Limits,
) -> Result<Vec<Attached>, RegistryError> {
    let path = format!("referrers/{subject}");
    let mut index = connection.get_bytes(reference, &path, INDEX, MOST).await?;
    if index.is_none() {
        let path = format!("manifests/{}", fallback_tag(subject));
        index = connection.get_bytes(reference, &path, INDEX, MOST).await?;
    }
    let Some(index) = index else { return Ok(Vec::new()) };
    let index: Index = read("the index of its referrers", &index)?;
    let is_wanted = |entry: &Entry| {
        entry.media_type == MANIFEST
            && is_sha256(&entry.digest)
            // The type is optional in an index.
            && entry.artifact_type.as_deref().is_none_or(|it| kinds.contains(&it))
    };
    let mut attached: Vec<Attached> = Vec::new();
    for entry in index.manifests.iter().filter(|entry| is_wanted(entry)).take(REFERRERS) {
        let found = one_attached(connection, reference, subject, &entry.digest, limits).await;
        match found {
            Ok(Some(found)) if kinds.contains(&&*found.media_type) => attached.push(found),
            Ok(_)
            | Err(
                RegistryError::Answer { .. }
                | RegistryError::Layout { .. }
                | RegistryError::Missing { .. }
                | RegistryError::TooLong { .. },
            ) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(attached)
}

/// Gets the file of the manifest with the digest `digest`, if this manifest refers to `subject`.
async fn one_attached(
    connection: &Connection,
    reference: &Reference,
    subject: &str,
    digest: &str,
    limits: &Limits,
) -> Result<Option<Attached>, RegistryError> {
    let (manifest, _) = manifest(connection, &reference.at(digest)).await?;
    let is_of_it = manifest.subject.as_ref().is_some_and(|it| it.digest == subject);
    let [layer] = &*manifest.layers else { return Ok(None) };
    let name = layer.annotations.as_ref().and_then(|it| it.get(TITLE)).cloned();
    let (Some(media_type), Some(name), true) = (manifest.artifact_type, name, is_of_it) else {
        return Ok(None);
    };
    let (path, size) = blob(layer, limits.attached as u64)?;
    let most = usize::try_from(size).unwrap_or(usize::MAX);
    let bytes = connection.get_bytes(reference, &path, "*/*", most).await?;
    let bytes = bytes.filter(|bytes| layout::digest(bytes) == layer.digest);
    Ok(bytes.map(|bytes| Attached { media_type, name, bytes }))
}

/// Returns the tag of the index of a manifest's referrers, for registries without an API for them.
pub(super) fn fallback_tag(subject: &str) -> String {
    subject.replacen(':', "-", 1)
}
