//! A plugin's bill of materials in CycloneDX 1.6, which lists the crates that are linked into the plugin.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::linked::{Crate, Id, Linked};

/// Returns the path of the bill of materials of the plugin `name` in the folder `dist`.
pub(crate) fn path(dist: &Path, name: &str) -> PathBuf {
    dist.join(format!("{name}.cdx.json"))
}

/// Returns the bill of materials of the plugin `name`, whose file has the digest `sha256`. It includes the standard
/// library of the Rust `release`. It has no time and no serial number, so that the same plugin has the same bill.
pub(crate) fn sbom(name: &str, sha256: &str, linked: &Linked, release: &str) -> Value {
    let std: Id = ("std".to_owned(), release.to_owned());
    let crates = linked.crates.iter().filter(|(id, _)| **id != linked.root);
    let mut components: Vec<Value> = crates.map(|(id, it)| component(id, it)).collect();
    components.push(json!({
        "type": "library",
        "bom-ref": reference(&std, None),
        "name": std.0,
        "version": std.1,
        "description": "Rust's standard library, and the C library below it",
        "scope": "required",
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        "externalReferences": [{ "type": "vcs", "url": "https://github.com/rust-lang/rust" }],
    }));
    let mut dependencies: Vec<Value> = Vec::new();
    for (id, it) in &linked.crates {
        let refer = |id: &Id| reference(id, linked.crates.get(id));
        let mut on: Vec<_> = it.dependencies.iter().map(refer).collect();
        on.extend((*id == linked.root).then(|| reference(&std, None)));
        dependencies.push(json!({ "ref": refer(id), "dependsOn": on }));
    }
    dependencies.push(json!({ "ref": reference(&std, None), "dependsOn": [] }));
    let plugin = linked.crates.get(&linked.root);
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": reference(&linked.root, plugin),
                "name": name,
                "version": linked.root.1,
                "mime-type": "application/wasm",
                "hashes": [{ "alg": "SHA-256", "content": sha256 }],
                "licenses": plugin.map_or_else(|| json!([]), licences),
            },
            "tools": {
                "components": [{
                    "type": "application",
                    "name": "plugwright",
                    "version": env!("CARGO_PKG_VERSION"),
                }],
            },
        },
        "components": components,
        "dependencies": dependencies,
    })
}

#[expect(clippy::indexing_slicing, reason = "an object of JSON takes any key")]
fn component(id: &Id, it: &Crate) -> Value {
    let (name, version) = id;
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(id, Some(it)),
        "name": name,
        "version": version,
        "scope": if it.is_macro { "excluded" } else { "required" },
        "licenses": licences(it),
    });
    if let Some(checksum) = &it.checksum {
        component["purl"] = reference(id, Some(it)).into();
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

/// Returns the identifier of a crate in the bill of materials. For a crate from a registry it is the package URL.
fn reference((name, version): &Id, it: Option<&Crate>) -> String {
    match it {
        Some(Crate { checksum: Some(_), .. }) => format!("pkg:cargo/{name}@{version}"),
        _ => format!("{name}@{version}"),
    }
}

fn licences(it: &Crate) -> Value {
    if it.licence.is_empty() { json!([]) } else { json!([{ "expression": it.licence }]) }
}
