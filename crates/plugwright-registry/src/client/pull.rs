//! From a registry: the manifest, the component, and what is said of it.

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

/// The longest manifest and index, in bytes: what registries take at least, by the specification.
const MOST: usize = 4 << 20;
/// The most that is looked at of what refers to a plugin.
const REFERRERS: usize = 32;

/// How much is taken of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The bytes of a component.
    pub component: u64,
    /// The bytes of each file that is said of it.
    pub attached: usize,
}

/// A plugin that is here.
#[derive(Debug)]
pub struct Pulled {
    /// The digest of its manifest, `sha256:…`, by which it is meant for good.
    pub digest: String,
    /// The component, in a file that is gone when this is, unless it is put in its place.
    pub component: NamedTempFile,
    /// The component's digest, `sha256:…`.
    pub component_digest: String,
    /// The annotations of the manifest.
    pub annotations: std::collections::BTreeMap<String, String>,
    /// What is said of it.
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
}

impl Default for Limits {
    fn default() -> Self {
        Self { component: 64 << 20, attached: 16 << 20 }
    }
}

pub(super) async fn pull(
    connection: &Connection,
    reference: &Reference,
    limits: &Limits,
    told: &dyn Fn(u64, u64),
) -> Result<Pulled, RegistryError> {
    let (manifest, found) = manifest(connection, reference).await?;
    let layer = component_of(&manifest)?;
    let component = blob_file(connection, reference, layer, limits.component, told).await?;
    Ok(Pulled {
        component_digest: layer.digest.clone(),
        component,
        annotations: manifest.annotations.unwrap_or_default(),
        attached: attached(connection, reference, &found, limits).await?,
        digest: found,
    })
}

pub(super) async fn resolve(
    connection: &Connection,
    reference: &Reference,
) -> Result<String, RegistryError> {
    Ok(manifest(connection, reference).await?.1)
}

/// The manifest, and its digest.
async fn manifest(
    connection: &Connection,
    reference: &Reference,
) -> Result<(OciImageManifest, String), RegistryError> {
    let path = format!("manifests/{}", reference.version());
    let bytes = connection.get_bytes(reference, &path, MANIFEST, MOST).await?;
    let bytes = bytes.ok_or_else(|| connection.missing(reference))?;
    let found = digest(&bytes);
    if reference.digest().is_some_and(|wanted| wanted != found) {
        return Err(connection.wrong(format!("`{path}` has the digest {found}")));
    }
    let manifest: OciImageManifest = read("its manifest", &bytes)?;
    match manifest.media_type.as_deref() {
        None | Some(MANIFEST) => Ok((manifest, found)),
        Some(other) => Err(RegistryError::Layout {
            why: format!("its manifest is `{other}` and not `{MANIFEST}`"),
        }),
    }
}

/// A blob, streamed to a file. Neither is longer than it says, nor another one.
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
    let response = connection.get(reference, &path, "*/*").await?;
    let mut response = response.ok_or_else(|| connection.missing(reference))?;
    let (mut hasher, mut length) = (Sha256::new(), 0);
    told(0, size);
    while let Some(chunk) =
        response.chunk().await.map_err(|error| connection.unreachable(&error))?
    {
        length += chunk.len() as u64;
        if length > size {
            return Err(connection.wrong(format!("`{path}` has more than {size} bytes")));
        }
        hasher.update(&chunk);
        file.write_all(&chunk).map_err(written)?;
        told(length, size);
    }
    let found = layout::shown(hasher.finalize().as_ref());
    if found != descriptor.digest {
        return Err(connection.wrong(format!("`{path}` has the digest {found}")));
    }
    file.flush().map_err(written)?;
    Ok(file)
}

/// The path and the length of a blob that may be that long.
fn blob(descriptor: &OciDescriptor, most: u64) -> Result<(String, u64), RegistryError> {
    let wrong = |why: String| RegistryError::Layout { why };
    if !is_sha256(&descriptor.digest) {
        return Err(wrong("a digest in its manifest is none of SHA-256".to_owned()));
    }
    let size = u64::try_from(descriptor.size).map_err(|_| {
        wrong(format!("its manifest says that {} bytes are there", descriptor.size))
    })?;
    if size > most {
        return Err(RegistryError::TooLong { bytes: size, most });
    }
    Ok((format!("blobs/{}", descriptor.digest), size))
}

/// What refers to the manifest of this digest, by the API for that, or by the tag that is there without one.
async fn attached(
    connection: &Connection,
    reference: &Reference,
    subject: &str,
    limits: &Limits,
) -> Result<Vec<Attached>, RegistryError> {
    let path = format!("referrers/{subject}");
    let mut index = connection.get_bytes(reference, &path, INDEX, MOST).await?;
    if index.is_none() {
        let path = format!("manifests/{}", fallback_tag(subject));
        index = connection.get_bytes(reference, &path, INDEX, MOST).await?;
    }
    let Some(index) = index else { return Ok(Vec::new()) };
    let index: Index = read("what refers to it", &index)?;
    let mut attached = Vec::new();
    let entries = index.manifests.into_iter().filter(|entry| entry.media_type == MANIFEST);
    for entry in entries.filter(|entry| is_sha256(&entry.digest)).take(REFERRERS) {
        let (manifest, _) = manifest(connection, &reference.at(&entry.digest)).await?;
        // Others attach what they like.
        let is_of_it = manifest.subject.as_ref().is_some_and(|it| it.digest == subject);
        let [layer] = &*manifest.layers else { continue };
        let name = layer.annotations.as_ref().and_then(|it| it.get(TITLE)).cloned();
        let (Some(media_type), Some(name), true) = (manifest.artifact_type, name, is_of_it) else {
            continue;
        };
        let (path, size) = blob(layer, limits.attached as u64)?;
        let most = usize::try_from(size).unwrap_or(usize::MAX);
        let bytes = connection.get_bytes(reference, &path, "*/*", most).await?;
        let bytes = bytes.ok_or_else(|| connection.missing(reference))?;
        if digest(&bytes) != layer.digest {
            return Err(connection.wrong(format!("`{path}` has another digest")));
        }
        attached.push(Attached { media_type, name, bytes });
    }
    Ok(attached)
}

/// The tag under which what refers to a manifest is listed, where the registry has no API for it.
pub(super) fn fallback_tag(subject: &str) -> String {
    subject.replacen(':', "-", 1)
}
