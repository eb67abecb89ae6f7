//! The crates that are linked into a plugin, as cargo resolves them for that plugin and its target.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use plugwright::ForeignText;
use serde::Deserialize;

use super::crates::{TARGET, with_flags};
use super::program::output_of;
use crate::project::target_features::TargetFeatures;
use crate::sources::{folder_digest, read};
use crate::statement::Resource;

/// The name of the provenance material that stands for all crates from registries.
pub(crate) const CRATES: &str = "crates in Cargo.lock";

/// A plugin's crates.
pub(crate) struct Linked {
    /// The plugin's own crate.
    pub(crate) root: Id,
    pub(crate) crates: BTreeMap<Id, Crate>,
}

/// A crate's name and version.
pub(crate) type Id = (String, String);

pub(crate) struct Crate {
    pub(crate) licence: String,
    /// The SHA-256 digest of the crate's archive. A crate of this workspace has none.
    pub(crate) checksum: Option<String>,
    /// The folder of a crate of this workspace.
    pub(crate) folder: Option<PathBuf>,
    /// Whether the crate is a procedural macro, which runs in the compiler and is not in the plugin.
    pub(crate) is_macro: bool,
    pub(crate) dependencies: BTreeSet<Id>,
}

/// The parts of `Cargo.lock` that are needed here.
#[derive(Default, Deserialize)]
pub(crate) struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
    /// Crate names, with a version where several versions are in use.
    #[serde(default)]
    dependencies: Vec<String>,
}

impl Lock {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = String::from_utf8(read(path)?);
        let lock = text.map_err(anyhow::Error::from).and_then(|text| {
            toml::from_str(&text)
                .map_err(|error: toml::de::Error| anyhow!(ForeignText::from(error.message())))
        });
        lock.with_context(|| format!("`{}` is not a cargo lock file", ForeignText::of_path(path)))
    }

    /// Returns one resource for all crates that `package` can be built from. Its digest is that of a folder with their
    /// archives. Crates of other packages do not affect it.
    pub(crate) fn crates(&self, package: &str) -> Resource {
        let mut reached = BTreeSet::new();
        let mut next = vec![package.to_owned()];
        while let Some(dependency) = next.pop() {
            let (name, version) = dependency.split_once(' ').unwrap_or((&dependency, ""));
            let is_it = |it: &&Locked| {
                it.name == name
                    && version
                        .split(' ')
                        .next()
                        .is_some_and(|version| version.is_empty() || it.version == version)
            };
            if let Some(locked) = self.package.iter().find(is_it)
                && reached.insert((&*locked.name, &*locked.version, locked.checksum.as_deref()))
            {
                next.extend(locked.dependencies.iter().cloned());
            }
        }
        let archives = reached.iter().filter_map(|(name, version, checksum)| {
            Some((format!("{name}-{version}.crate"), (*checksum)?.to_owned()))
        });
        Resource::new(CRATES, "dirHash", folder_digest(archives.collect()))
    }

    fn checksum(&self, (name, version): &Id) -> Option<String> {
        let found = self.package.iter().find(|it| it.name == *name && it.version == *version);
        found?.checksum.clone()
    }
}

impl Linked {
    /// Returns the crates of `package`: its normal dependencies, and each procedural macro without its dependencies.
    ///
    /// The target features matter because some crates are linked only with certain features.
    pub(crate) fn of(package: &str, features: &TargetFeatures, lock: &Lock) -> Result<Self> {
        let tree = output_of(
            "cargo",
            &[
                "tree",
                "--locked",
                "--package",
                package,
                "--target",
                TARGET,
                "--config",
                &with_flags(&features.flags()),
                "--edges",
                "normal",
                "--prefix",
                "depth",
                "--no-dedupe",
                "--format",
                "{p}\t{l}",
            ],
        )?;
        let mut crates: BTreeMap<Id, Crate> = BTreeMap::new();
        // The ancestors of the current line's crate.
        let mut above: Vec<Id> = Vec::new();
        let mut macro_at = usize::MAX;
        for line in tree.lines() {
            let line = line_of(line)
                .ok_or_else(|| anyhow!("cannot read the line `{line}` of `cargo tree`"))?;
            let Line { depth, id, licence, folder, is_macro } = line;
            if depth > macro_at {
                continue;
            }
            macro_at = if is_macro { depth } else { usize::MAX };
            above.truncate(depth);
            if let Some(parent) = above.last().and_then(|id| crates.get_mut(id)) {
                parent.dependencies.insert(id.clone());
            }
            above.push(id.clone());
            crates.entry(id).or_insert_with_key(|id| Crate {
                licence,
                checksum: lock.checksum(id),
                folder,
                is_macro,
                dependencies: BTreeSet::new(),
            });
        }
        let root = above
            .first()
            .cloned()
            .with_context(|| format!("`cargo tree` does not list the package `{package}`"))?;
        Ok(Self { root, crates })
    }
}

/// A line of `cargo tree`: `1serde_derive v1.0.229 (proc-macro)`, a tab, and the licence.
struct Line {
    depth: usize,
    id: Id,
    licence: String,
    folder: Option<PathBuf>,
    is_macro: bool,
}

fn line_of(line: &str) -> Option<Line> {
    let (package, licence) = line.split_once('\t')?;
    let at = package.find(|c: char| !c.is_ascii_digit())?;
    let (depth, package) = package.split_at(at);
    let (name, rest) = package.split_once(" v")?;
    let (version, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let notes = rest.trim_matches(['(', ')']).split(") (");
    let folder = notes.clone().find(|note| Path::new(note).is_absolute()).map(PathBuf::from);
    Some(Line {
        depth: depth.parse().ok()?,
        id: (name.to_owned(), version.to_owned()),
        // Old manifests separate licences with `/`, from before SPDX expressions.
        licence: licence.replace('/', " OR "),
        folder,
        is_macro: notes.clone().any(|note| note == "proc-macro"),
    })
}
