//! Pushes: the component, its manifest, and the files that refer to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use oci_client::manifest::OciImageManifest;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::Attached;
use super::connection::{Ask, At, Connection};
use super::counted::Telling;
use super::login::Access;
use super::pull::{MOST, fallback_tag};
use crate::error::RegistryError;
use crate::layout::{Artifact, EMPTY, INDEX, MANIFEST, TITLE, descriptor, digest, read, written};
use crate::reference::Reference;

/// A pushed plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The plugin, with its digest.
    pub reference: Reference,
}

/// The progress of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent<'a> {
    /// The part that is being sent.
    pub what: &'a str,
    /// The number of bytes that the registry has, including bytes that it had before.
    pub done: u64,
    /// The number of all bytes.
    pub all: u64,
}

/// Reports the progress of a push.
pub(super) struct Sending {
    told: Arc<dyn Fn(Sent<'_>) + Send + Sync>,
    done: u64,
    all: u64,
}

impl Sending {
    pub(super) fn new(
        artifact: &Artifact,
        attached: &[Attached],
        told: impl Fn(Sent<'_>) + Send + Sync + 'static,
    ) -> Self {
        let attached = attached.iter().map(|file| file.bytes.len() as u64);
        let all = attached.fold(artifact.component.len() as u64, u64::saturating_add);
        Self { told: Arc::new(told), done: 0, all }
    }

    /// Reports that the part `what` begins.
    fn begin(&self, what: &str) {
        (self.told)(Sent { what, done: self.done, all: self.all });
    }

    /// Returns a function that reports each piece of the part `what`.
    fn telling(&self, what: &str) -> impl Fn(u64) + Send + Sync + 'static {
        let Self { told, done, all } = self;
        let (told, before, all, what) = (Arc::clone(told), *done, *all, what.to_owned());
        move |sent| told(Sent { what: &what, done: before.saturating_add(sent).min(all), all })
    }

    /// Reports that the part `what` with these bytes is complete.
    fn end(&mut self, what: &str, bytes: &[u8]) {
        self.done = self.done.saturating_add(bytes.len() as u64);
        self.begin(what);
    }
}

pub(super) async fn push(
    connection: &Connection,
    reference: &Reference,
    artifact: &Artifact,
    attached: &[Attached],
    mut sending: Sending,
) -> Result<Pushed, RegistryError> {
    let config = artifact.config()?;
    let manifest = artifact.manifest(&config)?;
    let subject = digest(&manifest);
    let component = "the component";
    sending.begin(component);
    let telling = sending.telling(component);
    blob(connection, reference, &artifact.component, telling).await?;
    sending.end(component, &artifact.component);
    blob(connection, reference, &config, |_| ()).await?;
    // First without a tag: the tag names the plugin only when all files that refer to it are there, too.
    put(connection, &reference.at(&subject), &manifest, MANIFEST).await?;
    let mut entries = Vec::new();
    for file in attached {
        sending.begin(&file.name);
        let telling = sending.telling(&file.name);
        entries.push(attach(connection, reference, &manifest, file, telling).await?);
        sending.end(&file.name, &file.bytes);
    }
    list(connection, reference, &subject, entries).await?;
    put(connection, reference, &manifest, MANIFEST).await?;
    Ok(Pushed { reference: reference.at(&subject) })
}

/// Pushes a file that refers to the plugin, and returns its entry for an index.
async fn attach(
    connection: &Connection,
    reference: &Reference,
    subject: &[u8],
    file: &Attached,
    telling: impl Fn(u64) + Send + Sync + 'static,
) -> Result<Value, RegistryError> {
    const NOTHING: &[u8] = b"{}";

    blob(connection, reference, &file.bytes, telling).await?;
    blob(connection, reference, NOTHING, |_| ()).await?;
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

/// Lists the plugin's referrers under a tag, if the registry does not list them itself.
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
        Some(bytes) => read("the index of its referrers", &bytes)?,
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

/// Pushes a blob, if the registry does not have it. `telling` is called with the number of bytes that were sent.
async fn blob(
    connection: &Connection,
    reference: &Reference,
    bytes: &[u8],
    telling: impl Fn(u64) + Send + Sync + 'static,
) -> Result<(), RegistryError> {
    let (digest, nothing) = (digest(bytes), Bytes::new);
    let path = format!("blobs/{digest}");
    let head = Ask {
        method: Method::HEAD,
        at: At::Path(&path),
        media_type: "*/*",
        body: nothing(),
        telling: None,
        most: 0,
    };
    if connection.ask(reference, Access::Write, &head).await?.status() == StatusCode::OK {
        return Ok(());
    }
    let begin = Ask { method: Method::POST, at: At::Path("blobs/uploads/"), ..head };
    let begun = connection.ask(reference, Access::Write, &begin).await?;
    if begun.status() != StatusCode::ACCEPTED {
        return Err(connection.wrong(&format!("`blobs/uploads/` is {}", begun.status())));
    }
    let mut url = connection.transport.location(&begun)?;
    url.query_pairs_mut().append_pair("digest", &digest);
    let body = Bytes::copy_from_slice(bytes);
    let media_type = "application/octet-stream";
    let (at, telling) = (At::Url(url), Some(Arc::new(telling) as Telling));
    let mut whole = Ask { method: Method::PUT, at, media_type, body, telling, most: 0 };
    let mut put = connection.ask(reference, Access::Write, &whole).await?;
    if put.status().is_redirection() {
        // A body that reports its progress is not sent again, so this one is sent without a report.
        whole.telling = None;
        put = connection.ask(reference, Access::Write, &whole).await?;
    }
    created(connection, &path, put.status())
}

async fn put(
    connection: &Connection,
    reference: &Reference,
    manifest: &[u8],
    media_type: &str,
) -> Result<(), RegistryError> {
    let path = format!("manifests/{}", reference.version());
    let (at, body) = (At::Path(&path), Bytes::copy_from_slice(manifest));
    let ask = Ask { method: Method::PUT, at, media_type, body, telling: None, most: 0 };
    let put = connection.ask(reference, Access::Write, &ask).await?;
    created(connection, &path, put.status())
}

fn created(connection: &Connection, path: &str, status: StatusCode) -> Result<(), RegistryError> {
    match status {
        StatusCode::CREATED => Ok(()),
        status => Err(connection.wrong(&format!("`{path}` is {status}"))),
    }
}
