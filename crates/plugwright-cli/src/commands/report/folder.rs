//! A folder of plugins that the report describes, or compares with.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use plugwright::{Dist, DistError, ForeignText};

use super::told;
use crate::exit::{self, Failed};
use crate::wit::{self, Known};

/// A folder of plugins, and the worlds known for them.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) dist: Dist,
    pub(super) known: Known,
    /// The name of the folder in the report.
    pub(super) name: String,
}

impl Folder {
    pub(super) fn open(path: &Path, wit: &wit::Options) -> Result<Self, Failed> {
        if !path.is_dir() {
            return Err(exit::file(DistError::NoFolder { folder: path.to_owned() }));
        }
        let (given, name) = (path, told::name_of_folder(path));
        // An error that only names `.` does not say which folder is meant.
        let has_name = path.components().any(|part| matches!(part, Component::Normal(_)));
        let whole = (!has_name).then(|| path.canonicalize().ok()).flatten();
        let path = whole.unwrap_or_else(|| path.to_owned());
        let dist =
            Dist::listed_or_files(&path).map_err(|error| match (error, built_in(given)) {
                (DistError::Missing { folder }, Some(built)) => exit::file(anyhow::anyhow!(
                    "there are no built plugins in `{}`, only in its subfolder: name `{}`",
                    ForeignText::of_path(folder),
                    ForeignText::of_path(built)
                )),
                (error, _) => exit::load(error),
            })?;
        if dist.plugins().is_empty() {
            let path = ForeignText::of_path(path);
            return Err(exit::file(anyhow::anyhow!(
                "the `plugins.json` of `{path}` lists no plugin: run `plugwright build`"
            )));
        }
        let known = wit.known([&*path])?;
        Ok(Self { path, dist, known, name })
    }

    /// Returns the names of the plugins, sorted and without duplicates.
    pub(super) fn names(&self) -> BTreeSet<&str> {
        self.dist.plugins().iter().map(|entry| &*entry.name).collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.dist.plugins().iter().any(|entry| entry.name == name)
    }
}

/// Returns the `dist` folder in `folder`, if `folder` is a project with built plugins.
fn built_in(folder: &Path) -> Option<PathBuf> {
    let built = folder.join("dist");
    let has_plugins = Dist::listed_or_files(&built).is_ok_and(|dist| !dist.plugins().is_empty());
    // As a user types it: `./dist` is `dist`.
    let typed = built.components().filter(|part| *part != Component::CurDir);
    has_plugins.then(|| typed.collect())
}
