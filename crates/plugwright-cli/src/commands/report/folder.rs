//! A folder of plugins that a report is of, or compares with.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use plugwright::{Dist, DistError, ForeignText};

use super::told;
use crate::exit::{self, Failed};
use crate::wit::{self, Known};

/// A folder of plugins, and the worlds that are known there.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) dist: Dist,
    pub(super) known: Known,
    /// What the report calls it.
    pub(super) name: String,
}

impl Folder {
    pub(super) fn open(path: &Path, wit: &wit::Options) -> Result<Self, Failed> {
        if !path.is_dir() {
            return Err(exit::file(DistError::NoFolder { folder: path.to_owned() }));
        }
        let name = told::name_of_folder(path);
        // Where `.` is part of errors, nobody knows what it stands for.
        let has_name = path.components().any(|part| matches!(part, Component::Normal(_)));
        let whole = (!has_name).then(|| path.canonicalize().ok()).flatten();
        let path = whole.unwrap_or_else(|| path.to_owned());
        let dist = Dist::listed_or_files(&path).map_err(exit::load)?;
        if dist.plugins().is_empty() {
            let path = ForeignText::of_path(path);
            return Err(exit::file(anyhow::anyhow!(
                "the `plugins.json` of `{path}` lists no plugin: type `plugwright build`"
            )));
        }
        let known = wit.known([&*path])?;
        Ok(Self { path, dist, known, name })
    }

    /// The names of its plugins, each once, in their order.
    pub(super) fn names(&self) -> BTreeSet<&str> {
        self.dist.plugins().iter().map(|entry| &*entry.name).collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.dist.plugins().iter().any(|entry| entry.name == name)
    }
}
