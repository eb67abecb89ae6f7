//! The crates to publish, their order, and their packaged files.

use std::env;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use flate2::read::GzDecoder;
use semver::Version;
use serde::Deserialize;
use serde_json::Value;
use tar::Archive;

use crate::{files, package, run};

/// A crate, from `cargo metadata`.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Its Cargo.toml.
    pub(crate) manifest_path: PathBuf,
    /// The registries that it may be published to; any registry if this is absent.
    publish: Option<Vec<String>>,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// `*` if there is no version: cargo leaves such a dependency out of the package.
    req: String,
    path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

impl Package {
    fn is_public(&self) -> bool {
        self.publish.as_ref().is_none_or(|registries| !registries.is_empty())
    }

    /// The name of its packaged file.
    pub(crate) fn file(&self) -> String {
        format!("{}.crate", self.folder())
    }

    /// The name of the folder that the packaged file contains.
    pub(crate) fn folder(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }

    /// Whether this crate depends on the other one directly. A dependency without a version does not count, since cargo
    /// leaves it out of the package.
    fn depends_on(&self, other: &Self) -> bool {
        let mut needed = self.dependencies.iter().filter(|it| it.path.is_some() && it.req != "*");
        needed.any(|it| it.name == other.name && it.name != self.name)
    }
}

/// The crates of the workspace.
///
/// # Errors
///
/// Contains the error of cargo.
pub(crate) fn packages(root: &Path) -> Result<Vec<Package>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let words = ["metadata", "--no-deps", "--offline", "--format-version=1"];
    let said = run::output(Command::new(cargo).args(words).current_dir(root))?;
    let Metadata { packages } =
        serde_json::from_str(&said).context("`cargo metadata` has unexpected output")?;
    Ok(packages)
}

/// The crates to publish, in the order of their dependencies.
///
/// # Errors
///
/// Says that their dependencies form a cycle, or that one has another version.
pub(crate) fn public(root: &Path, version: &Version) -> Result<Vec<Package>> {
    let mut left: Vec<_> = packages(root)?.into_iter().filter(Package::is_public).collect();
    if let Some(other) = left.iter().find(|it| it.version != version.to_string()) {
        bail!(
            "the crate `{}` has the version {} instead of {version}: use `version.workspace = true` in its Cargo.toml",
            other.name,
            other.version
        );
    }
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let Some(next) = left.iter().position(|it| !left.iter().any(|other| it.depends_on(other)))
        else {
            let names: Vec<_> = left.iter().map(|it| &*it.name).collect();
            bail!(
                "the dependencies between these crates form a cycle, so that none can be published first: {}",
                names.join(", ")
            );
        };
        ordered.push(left.remove(next));
    }
    Ok(ordered)
}

/// Copies the packaged crates into the folder `files`: those in the folder `packaged`, or else those that `just package`
/// makes below the folder `target`. Each must be packaged from one of the commits.
///
/// # Errors
///
/// Says which crate is missing, or comes from another commit.
pub(crate) fn collect(
    root: &Path,
    target: &Path,
    public: &[Package],
    packaged: Option<&Path>,
    commits: &[&str],
    files: &Path,
) -> Result<()> {
    if public.is_empty() {
        return Ok(());
    }
    let from = match packaged {
        Some(folder) => folder.to_owned(),
        None => package::package(root, target, public)?,
    };
    for package in public {
        let path = from.join(package.file());
        let commit = commit(&path, &package.folder()).with_context(|| {
            format!(
                "cannot use the package `{}`: make it with `just package` in a tree of the version {}",
                path.display(),
                package.version
            )
        })?;
        if !commits.contains(&&*commit) {
            bail!(
                "`{}` was packaged from {commit} instead of the commit {}: package it again with `just package`",
                path.display(),
                commits.join(" or ")
            );
        }
        files::copy(&path, &files.join(package.file()))?;
    }
    Ok(())
}

/// The commit that a package was made from, as cargo states it. This reads the package to its end.
fn commit(path: &Path, folder: &str) -> Result<String> {
    files::is_file(path)?;
    let mut archive = Archive::new(GzDecoder::new(File::open(path)?));
    let mut stated = None;
    for entry in archive.entries()? {
        let mut entry = entry?;
        if *entry.path()? == *Path::new(folder).join(".cargo_vcs_info.json") {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            stated = Some(serde_json::from_str::<Value>(&text)?);
        }
    }
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    let git = stated.as_ref().and_then(|it| it.get("git"));
    let id = git.and_then(|it| it.get("sha1")?.as_str()).context("it names no commit")?;
    let is_dirty = git.and_then(|it| it.get("dirty")?.as_bool()).unwrap_or_default();
    Ok(if is_dirty { format!("the changed commit {id}") } else { id.to_owned() })
}
