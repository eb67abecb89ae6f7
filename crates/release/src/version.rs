//! Reads and sets the version of the workspace.

use std::collections::BTreeSet;
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

/// The changes that set the version in Cargo.toml, and in each lock file with crates of the workspace: the names of the files
/// and their new texts. This needs no network, unlike `cargo update`.
///
/// # Errors
///
/// Names the file that cannot be read.
pub(crate) fn changes(root: &Path, version: &Version) -> Result<Vec<(String, String)>> {
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
    let mut changes = vec![(MANIFEST.to_owned(), manifest.to_string())];
    let mut inheriting = BTreeSet::new();
    for package in crates::packages(root)? {
        // A crate may have its own version, which stays.
        let text = fs::read_to_string(&package.manifest_path)
            .with_context(|| format!("cannot read `{}`", package.manifest_path.display()))?;
        let its: DocumentMut = text
            .parse()
            .with_context(|| format!("`{}` is not TOML", package.manifest_path.display()))?;
        if its.get("package").and_then(|it| it.get("version")?.get("workspace")).is_some() {
            inheriting.insert(package.name);
        }
    }
    let locks = git::git(root, &["ls-files", "-z", "--", "Cargo.lock", "*/Cargo.lock"])?;
    for lock in locks.split_terminator('\0') {
        let mut document = document(root, lock)?;
        lock_to(&mut document, &inheriting, version);
        changes.push((lock.to_owned(), document.to_string()));
    }
    Ok(changes)
}

/// Sets the version of these crates in a lock file. Crates of the workspace are those without a source.
fn lock_to(lock: &mut DocumentMut, crates: &BTreeSet<String>, version: &Version) {
    let packages = lock.get_mut("package").and_then(Item::as_array_of_tables_mut);
    for package in packages.into_iter().flat_map(|it| it.iter_mut()) {
        let name = package.get("name").and_then(Item::as_str);
        if name.is_some_and(|name| crates.contains(name)) && package.get("source").is_none() {
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
