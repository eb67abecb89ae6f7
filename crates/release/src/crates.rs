//! The crates to publish, and their order.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use semver::Version;
use serde::Deserialize;

use crate::run;

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
    let words = ["metadata", "--no-deps", "--offline", "--format-version=1"];
    let said = run::output(run::cargo(root).args(words))?;
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
