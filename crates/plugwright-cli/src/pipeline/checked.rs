//! Records which build of this command took each plugin through the stages. Another build may check more, or write
//! another manifest.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use std::{env, path};

use anyhow::{Context as _, Result};
use plugwright::{FileKind, sha256};

use super::lock;
use crate::begun::cannot_write;
use crate::output;

const KIND: FileKind = FileKind::new("list of built plugins", 16 << 20);

/// The plugins in a folder, each with the build of this command that built it.
pub(crate) struct Checked {
    path: PathBuf,
    by: BTreeMap<String, String>,
    own: String,
}

impl Checked {
    /// Reads the record for the folder `dist`. A record that cannot be read counts as empty.
    pub(crate) fn of(dist: &Path) -> Self {
        let whole = path::absolute(dist).unwrap_or_else(|_| dist.to_owned());
        let mut name = sha256(whole.as_os_str().as_encoded_bytes());
        name.truncate(16);
        let path = lock::folder().join("checked").join(format!("{name}.json"));
        let by = KIND.read(&path).ok().and_then(|json| serde_json::from_slice(&json).ok());
        Self { path, by: by.unwrap_or_default(), own: own() }
    }

    /// Returns whether exactly this build of the command built the plugin.
    pub(crate) fn is_own(&self, plugin: &str) -> bool {
        self.by.get(plugin) == Some(&self.own)
    }

    /// Returns whether any build of the command built the plugin for this project.
    pub(crate) fn is_known(&self, plugin: &str) -> bool {
        self.by.contains_key(plugin)
    }

    /// Records that this command built these plugins.
    ///
    /// # Errors
    ///
    /// Fails if the record cannot be written.
    pub(crate) fn add<'p>(&mut self, plugins: impl IntoIterator<Item = &'p str>) -> Result<()> {
        let own = plugins.into_iter().map(|plugin| (plugin.to_owned(), self.own.clone()));
        self.by.extend(own);
        let folder = output::folder_of(&self.path);
        fs::create_dir_all(folder).with_context(|| cannot_write(folder))?;
        output::write_beside(&self.path, serde_json::to_string_pretty(&self.by)?.as_bytes())
    }
}

/// Identifies this build of the command by its file's size and modification time. They are only compared for equality,
/// because clocks can go backwards.
fn own() -> String {
    let file = env::current_exe().and_then(fs::metadata);
    let told = file.and_then(|file| {
        let time = file.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(format!("{} bytes, {} ns", file.len(), time.as_nanos()))
    });
    told.unwrap_or_else(|_| env!("CARGO_PKG_VERSION").to_owned())
}
