//! Reads and sets the version of the workspace.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use semver::Version;
use toml_edit::{DocumentMut, Item, Value};

use crate::{crates, files, git};

/// The file with the version.
const MANIFEST: &str = "Cargo.toml";

/// The version in Cargo.toml.
///
/// # Errors
///
/// Says that there is no version.
pub(crate) fn current(root: &Path) -> Result<Version> {
    let manifest = document(root, MANIFEST)?;
    let version =
        manifest.get("workspace").and_then(|it| it.get("package")?.get("version")?.as_str());
    let version = version.context("Cargo.toml has no `version` in `[workspace.package]`")?;
    version.parse().map_err(|error| anyhow!("`{version}` in Cargo.toml is not a version: {error}"))
}

/// Sets the version in Cargo.toml, and in each lock file with crates of the workspace. This needs no network, unlike
/// `cargo update`.
///
/// # Errors
///
/// Names the file that cannot be read or written.
pub(crate) fn set(root: &Path, version: &Version) -> Result<()> {
    let mut manifest = document(root, MANIFEST)?;
    replace(&mut manifest["workspace"]["package"]["version"], version);
    let siblings = manifest["workspace"]["dependencies"].as_table_like_mut();
    for (_, dependency) in siblings.into_iter().flat_map(|it| it.iter_mut()) {
        if let Some(dependency) = dependency.as_table_like_mut()
            && dependency.contains_key("path")
            && let Some(requirement) = dependency.get_mut("version")
        {
            replace(requirement, version);
        }
    }
    write(root, MANIFEST, &manifest)?;
    // Some crates may have their own version, which cargo knows.
    let packages = crates::packages(root)?;
    let versions = packages.iter().map(|it| (&*it.name, &*it.version)).collect();
    for lock in git::git(root, &["ls-files", "--", "Cargo.lock", "*/Cargo.lock"])?.lines() {
        let mut document = document(root, lock)?;
        lock_to(&mut document, &versions);
        write(root, lock, &document)?;
    }
    Ok(())
}

/// Sets these versions in a lock file. Crates of the workspace are those without a source.
fn lock_to(lock: &mut DocumentMut, versions: &BTreeMap<&str, &str>) {
    let packages = lock.get_mut("package").and_then(Item::as_array_of_tables_mut);
    for package in packages.into_iter().flat_map(|it| it.iter_mut()) {
        let version =
            package.get("name").and_then(Item::as_str).and_then(|name| versions.get(name));
        if let Some(version) = version.filter(|_| package.get("source").is_none()) {
            replace(&mut package["version"], version);
        }
    }
}

/// Replaces a value, and keeps the spaces and comments around it.
fn replace(item: &mut Item, version: &impl ToString) {
    let mut value = Value::from(version.to_string());
    if let Some(old) = item.as_value() {
        *value.decor_mut() = old.decor().clone();
    }
    *item = Item::Value(value);
}

fn document(root: &Path, name: &str) -> Result<DocumentMut> {
    files::read(root, name)?.parse().with_context(|| format!("`{name}` is not TOML"))
}

fn write(root: &Path, name: &str, document: &DocumentMut) -> Result<()> {
    fs::write(root.join(name), document.to_string())
        .with_context(|| format!("cannot write `{name}`"))
}
