//! Which command put plugins through the stages: one that is another now may check more, or write another manifest.

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

/// Of plugins in a folder, by which command they were built.
pub(crate) struct Checked {
    path: PathBuf,
    by: BTreeMap<String, String>,
    own: String,
}

impl Checked {
    /// What is known of plugins in the folder `dist`. What cannot be read is not known.
    pub(crate) fn of(dist: &Path) -> Self {
        let whole = path::absolute(dist).unwrap_or_else(|_| dist.to_owned());
        let mut name = sha256(whole.as_os_str().as_encoded_bytes());
        name.truncate(16);
        let path = lock::folder().join("checked").join(format!("{name}.json"));
        let by = KIND.read(&path).ok().and_then(|json| serde_json::from_slice(&json).ok());
        Self { path, by: by.unwrap_or_default(), own: own() }
    }

    /// Says whether this very command built the plugin.
    pub(crate) fn is_own(&self, plugin: &str) -> bool {
        self.by.get(plugin) == Some(&self.own)
    }

    /// Says whether any command built the plugin for this project.
    pub(crate) fn is_known(&self, plugin: &str) -> bool {
        self.by.contains_key(plugin)
    }

    /// Has it known that this command built these plugins.
    ///
    /// # Errors
    ///
    /// Says which file cannot be written.
    pub(crate) fn add<'p>(&mut self, plugins: impl IntoIterator<Item = &'p str>) -> Result<()> {
        let own = plugins.into_iter().map(|plugin| (plugin.to_owned(), self.own.clone()));
        self.by.extend(own);
        let folder = output::folder_of(&self.path);
        fs::create_dir_all(folder).with_context(|| cannot_write(folder))?;
        output::write_beside(&self.path, serde_json::to_string_pretty(&self.by)?.as_bytes())
    }
}

/// What tells this command from another one: its file's size and time, which are compared and not put in an order,
/// because clocks go backwards, too.
fn own() -> String {
    let file = env::current_exe().and_then(fs::metadata);
    let told = file.and_then(|file| {
        let time = file.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(format!("{} bytes, {} ns", file.len(), time.as_nanos()))
    });
    told.unwrap_or_else(|_| env!("CARGO_PKG_VERSION").to_owned())
}
