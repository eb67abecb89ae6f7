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
pub(super) const MOST: usize = 4 << 20;
/// The most that is looked at of what refers to a plugin and is of a kind that is asked for.
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
    /// Its manifest.
    pub manifest: Vec<u8>,
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

/// The manifest, and its bytes.
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
            Err(RegistryError::layout(&format!("its manifest is `{other}` and not `{MANIFEST}`")))
        }
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
    let response = connection.get(reference, &path, "*/*", size).await?;
    let mut response =
        response.ok_or_else(|| connection.wrong(&format!("`{path}` is not there")))?;
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

/// The path and the length of a blob that may be that long.
fn blob(descriptor: &OciDescriptor, most: u64) -> Result<(String, u64), RegistryError> {
    let wrong = |why: String| RegistryError::layout(&why);
    if !is_sha256(&descriptor.digest) {
        return Err(wrong("a digest in its manifest is none of SHA-256".to_owned()));
    }
    let size = u64::try_from(descriptor.size).map_err(|_| {
        wrong(format!("its manifest says that {} bytes are there", descriptor.size))
    })?;
    if size > most {
        let what = format!("blobs/{}", descriptor.digest);
        return Err(RegistryError::TooLong { what, bytes: size, most });
    }
    Ok((format!("blobs/{}", descriptor.digest), size))
}

/// What refers to the manifest of this digest and is of one of these kinds, by the API for that, or by the tag that is there
/// without one. Others attach what they like: what is not whole or not of it is left out.
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
    let index: Index = read("what refers to it", &index)?;
    let is_wanted = |entry: &Entry| {
        entry.media_type == MANIFEST
            && is_sha256(&entry.digest)
            // An index need not say it.
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

/// What is attached by the manifest of the digest `digest`, if that refers to `subject`.
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

/// The tag under which what refers to a manifest is listed, where the registry has no API for it.
pub(super) fn fallback_tag(subject: &str) -> String {
    subject.replacen(':', "-", 1)
}
