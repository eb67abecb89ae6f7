//! A plugin of a project: a folder with the plugin's source.

use std::path::{Path, PathBuf};

/// A plugin in the project, whether it is built or not.
#[derive(Debug, Clone)]
pub(crate) struct Plugin {
    /// The plugin's name.
    pub(crate) name: String,
    /// The folder of the plugin's source, relative to the project's folder.
    pub(crate) folder: PathBuf,
    /// The folder of the plugin's contract.
    pub(crate) wit: PathBuf,
    /// The subfolder of `dist` in which the built plugin is.
    pub(crate) group: PathBuf,
    /// Whether a command that names no plugin applies to this one.
    pub(crate) is_default: bool,
}

impl Plugin {
    /// Returns whether cargo builds the plugin. Otherwise its manifest says how to build it.
    pub(crate) fn is_crate(&self) -> bool {
        Self::is_crate_in(&self.folder)
    }

    pub(super) fn is_crate_in(folder: &Path) -> bool {
        folder.join("Cargo.toml").is_file()
    }

    /// Returns the path of the manifest in the source folder.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.folder.join("plugin.toml")
    }

    /// Returns the plugin's name with the folder of its group, which is unique among all groups.
    pub(crate) fn path(&self) -> PathBuf {
        self.group.join(&self.name)
    }
}
