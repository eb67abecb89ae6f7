//! The contents of a plugin, from its bill of materials.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use plugwright::{FileKind, ForeignText};
use plugwright_report::Material;
use serde::Deserialize;

use super::told;
use crate::pipeline::sbom;

const BILL: FileKind = FileKind::new("bill of materials", 64 << 20);

#[derive(Deserialize)]
struct Bill {
    metadata: Metadata,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Metadata {
    component: Component,
}

#[derive(Deserialize)]
struct Component {
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    hashes: Vec<Hash>,
    #[serde(default)]
    licenses: Vec<Licence>,
}

#[derive(Deserialize)]
struct Hash {
    alg: String,
    content: String,
}

/// A licence, in one of the forms that CycloneDX has for it.
#[derive(Deserialize)]
struct Licence {
    expression: Option<String>,
    license: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: Option<String>,
    name: Option<String>,
}

/// Reads the bill of materials of the plugin `name` in the folder `dist`. The plugin's file has the digest `sha256`.
pub(super) fn read(dist: &Path, name: &str, sha256: &str) -> Result<Vec<Material>> {
    let path = sbom::path(dist, name);
    let shown = ForeignText::of_path(&path);
    let text = match BILL.read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("there is no bill of materials `{shown}`")
        }
        text => text?,
    };
    let bill: Bill = serde_json::from_slice(&text)
        .map_err(|error| anyhow!(ForeignText::from(error.to_string())))
        .with_context(|| format!("`{shown}` is not a bill of materials"))?;
    let mut hashes = bill.metadata.component.hashes.iter();
    if !hashes.any(|it| it.alg == "SHA-256" && it.content == sha256) {
        bail!("`{shown}` describes another file: it does not have the digest {sha256}");
    }
    let mut materials: Vec<_> = bill.components.iter().map(material).collect();
    materials.sort();
    materials.dedup();
    Ok(materials)
}

fn material(component: &Component) -> Material {
    let named = |it: &Licence| {
        let named = it.license.as_ref().and_then(|it| it.id.clone().or(it.name.clone()));
        it.expression.clone().or(named)
    };
    let licences: Vec<_> = component.licenses.iter().filter_map(named).collect();
    Material {
        licence: (!licences.is_empty()).then(|| told::text(&licences.join(", "))),
        name: told::text(&component.name),
        version: told::text(&component.version),
        is_tool: component.scope == "excluded",
        is_new: None,
    }
}
