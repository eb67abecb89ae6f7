//! To a registry: the component, its manifest, and what is said of it.

use std::collections::BTreeMap;

use oci_client::RegistryOperation;
use oci_client::manifest::OciImageManifest;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use super::Attached;
use super::connection::Connection;
use super::pull::fallback_tag;
use crate::error::RegistryError;
use crate::layout::{Artifact, EMPTY, INDEX, MANIFEST, TITLE, descriptor, digest, read, written};
use crate::reference::Reference;

/// The longest index that is added to, in bytes.
const MOST: usize = 4 << 20;

/// A plugin that is in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The plugin, by its digest.
    pub reference: Reference,
}

pub(super) async fn push(
    connection: &Connection,
    reference: &Reference,
    artifact: &Artifact,
    attached: &[Attached],
    told: &dyn Fn(&str),
) -> Result<Pushed, RegistryError> {
    connection.log_in(reference, RegistryOperation::Push).await?;
    let config = artifact.config()?;
    let manifest = artifact.manifest(&config)?;
    let subject = digest(&manifest);
    told("the component");
    blob(connection, reference, &artifact.component).await?;
    blob(connection, reference, &config).await?;
    // By its digest first: the tag names it when all that is said of it is there, too.
    put(connection, &reference.at(&subject), &manifest, MANIFEST).await?;
    let mut entries = Vec::new();
    for file in attached {
        told(&file.name);
        entries.push(attach(connection, reference, &manifest, file).await?);
    }
    list(connection, reference, &subject, entries).await?;
    if reference.digest().is_none() {
        put(connection, reference, &manifest, MANIFEST).await?;
    }
    Ok(Pushed { reference: reference.at(&subject) })
}

/// Brings a file that refers to the plugin, and gives what an index says of it.
async fn attach(
    connection: &Connection,
    reference: &Reference,
    subject: &[u8],
    file: &Attached,
) -> Result<Value, RegistryError> {
    const NOTHING: &[u8] = b"{}";

    blob(connection, reference, &file.bytes).await?;
    blob(connection, reference, NOTHING).await?;
    let mut layer = descriptor(&file.media_type, &file.bytes);
    layer.annotations = Some(BTreeMap::from([(TITLE.to_owned(), file.name.clone())]));
    let manifest = written(&OciImageManifest {
        media_type: Some(MANIFEST.to_owned()),
        artifact_type: Some(file.media_type.clone()),
        config: descriptor(EMPTY, NOTHING),
        layers: vec![layer],
        subject: Some(descriptor(MANIFEST, subject)),
        ..OciImageManifest::default()
    })?;
    let found = digest(&manifest);
    put(connection, &reference.at(&found), &manifest, MANIFEST).await?;
    Ok(json!({
        "mediaType": MANIFEST, "digest": found, "size": manifest.len(), "artifactType": file.media_type,
    }))
}

/// Lists what refers to a plugin under a tag, if the registry does not itself.
async fn list(
    connection: &Connection,
    reference: &Reference,
    subject: &str,
    entries: Vec<Value>,
) -> Result<(), RegistryError> {
    let path = format!("referrers/{subject}");
    let has_api = connection.get_bytes(reference, &path, INDEX, MOST).await?.is_some();
    if entries.is_empty() || has_api {
        return Ok(());
    }
    let tag = reference.tagged(&fallback_tag(subject));
    let path = format!("manifests/{}", tag.version());
    let index = match connection.get_bytes(&tag, &path, INDEX, MOST).await? {
        Some(bytes) => read("what refers to it", &bytes)?,
        None => json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [] }),
    };
    let listed = index["manifests"].as_array().cloned().unwrap_or_default();
    let is_new = |entry: &Value| listed.iter().all(|it| it["digest"] != entry["digest"]);
    let new: Vec<_> = entries.into_iter().filter(is_new).collect();
    if new.is_empty() {
        return Ok(());
    }
    let mut index = index;
    index["manifests"] = [listed, new].concat().into();
    put(connection, &tag, &written(&index)?, INDEX).await
}

/// Brings a blob, if it is not there.
async fn blob(
    connection: &Connection,
    reference: &Reference,
    bytes: &[u8],
) -> Result<(), RegistryError> {
    let (image, digest) = (reference.inner(), digest(bytes));
    let is_there = connection.again(|| connection.oci.blob_exists(image, &digest)).await?;
    if !is_there {
        connection.again(|| connection.oci.push_blob(image, bytes.to_vec(), &digest)).await?;
    }
    Ok(())
}

async fn put(
    connection: &Connection,
    reference: &Reference,
    manifest: &[u8],
    media_type: &'static str,
) -> Result<(), RegistryError> {
    let kind = HeaderValue::from_static(media_type);
    let image = reference.inner();
    let push = || connection.oci.push_manifest_raw(image, manifest.to_vec(), kind.clone());
    connection.again(push).await.map(|_| ())
}
