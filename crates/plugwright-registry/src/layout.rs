//! The layout of plugins in registries: manifests and configurations.

use std::collections::BTreeMap;

use oci_client::manifest::{OciDescriptor, OciImageManifest};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::RegistryError;

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const CONFIG: &str = "application/vnd.wasm.config.v0+json";
pub(crate) const LAYER: &str = "application/wasm";
pub(crate) const EMPTY: &str = "application/vnd.oci.empty.v1+json";
/// The annotation that has a file's name.
pub(crate) const TITLE: &str = "org.opencontainers.image.title";

/// A plugin to push.
#[derive(Debug, Clone, Default)]
pub struct Artifact {
    /// The component.
    pub component: Vec<u8>,
    /// The names of its exports.
    pub exports: Vec<String>,
    /// The names of its imports.
    pub imports: Vec<String>,
    /// OCI annotations, such as `org.opencontainers.image.version`.
    pub annotations: BTreeMap<String, String>,
}

/// The configuration of a component.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    architecture: String,
    os: String,
    layer_digests: Vec<String>,
    component: Component,
}

#[derive(Debug, Serialize, Deserialize)]
struct Component {
    exports: Vec<String>,
    imports: Vec<String>,
}

impl Artifact {
    /// Returns the configuration. It contains no time, so that the same plugin always becomes the same artifact.
    pub(crate) fn config(&self) -> Result<Vec<u8>, RegistryError> {
        let config = Config {
            architecture: "wasm".to_owned(),
            os: "wasip2".to_owned(),
            layer_digests: vec![digest(&self.component)],
            component: Component { exports: self.exports.clone(), imports: self.imports.clone() },
        };
        written(&config)
    }

    pub(crate) fn manifest(&self, config: &[u8]) -> Result<Vec<u8>, RegistryError> {
        written(&OciImageManifest {
            media_type: Some(MANIFEST.to_owned()),
            config: descriptor(CONFIG, config),
            layers: vec![descriptor(LAYER, &self.component)],
            annotations: Some(self.annotations.clone()).filter(|it| !it.is_empty()),
            ..OciImageManifest::default()
        })
    }
}

/// Returns the only layer of a plugin's manifest, which is the component.
pub(crate) fn component_of(manifest: &OciImageManifest) -> Result<&OciDescriptor, RegistryError> {
    let wrong = |why: String| Err(RegistryError::layout(&why));
    if manifest.config.media_type != CONFIG {
        return wrong(format!(
            "its configuration is `{}`, not `{CONFIG}`",
            manifest.config.media_type
        ));
    }
    match &*manifest.layers {
        [layer] if layer.media_type == LAYER => Ok(layer),
        [layer] => wrong(format!("its layer is `{}`, not `{LAYER}`", layer.media_type)),
        layers => wrong(format!("it has {} layers instead of one", layers.len())),
    }
}

pub(crate) fn descriptor(media_type: &str, bytes: &[u8]) -> OciDescriptor {
    OciDescriptor {
        media_type: media_type.to_owned(),
        digest: digest(bytes),
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        ..OciDescriptor::default()
    }
}

/// Returns the SHA-256 digest of the bytes, as OCI writes it.
pub(crate) fn digest(bytes: &[u8]) -> String {
    shown(Sha256::digest(bytes).as_ref())
}

pub(crate) fn shown(digest: &[u8]) -> String {
    digest.iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

pub(crate) fn written(value: &impl Serialize) -> Result<Vec<u8>, RegistryError> {
    serde_json::to_vec(value).map_err(|error| RegistryError::Layout { why: error.to_string() })
}

pub(crate) fn read<'a, T: Deserialize<'a>>(
    what: &str,
    bytes: &'a [u8],
) -> Result<T, RegistryError> {
    serde_json::from_slice(bytes)
        .map_err(|error| RegistryError::Layout { why: format!("{what} cannot be read: {error}") })
}
