//! A plugin of a project: a folder with its source.

use std::path::{Path, PathBuf};

/// A plugin as it is in the project, built or not.
#[derive(Debug, Clone)]
pub(crate) struct Plugin {
    /// Its name.
    pub(crate) name: String,
    /// The folder of its source, from that of the project.
    pub(crate) folder: PathBuf,
    /// The folder of its contract.
    pub(crate) wit: PathBuf,
    /// The folder, in that of built plugins, in which it is.
    pub(crate) group: PathBuf,
    /// Whether it is meant where no plugin is named.
    pub(crate) is_default: bool,
}

impl Plugin {
    /// Says whether cargo builds it; else its manifest says how.
    pub(crate) fn is_crate(&self) -> bool {
        Self::is_crate_in(&self.folder)
    }

    pub(super) fn is_crate_in(folder: &Path) -> bool {
        folder.join("Cargo.toml").is_file()
    }

    /// The manifest, as people write it.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.folder.join("plugin.toml")
    }

    /// What it is called where plugins of several groups are told: with the folder of its group.
    pub(crate) fn path(&self) -> PathBuf {
        self.group.join(&self.name)
    }
}
