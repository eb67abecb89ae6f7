//! Folder patterns such as `plugins/*`, in which `*` stands for the name of a plugin.

use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use plugwright::ForeignText;
use serde::de::{Deserialize, Deserializer, Error};

use super::is_hidden;

/// A path in which at most one `*` stands for the name of a plugin.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// Returns the patterns of a project that sets none.
    pub(super) fn defaults() -> Vec<Self> {
        ["plugins/*", "crates/plugin-*"].map(|text| Self(text.to_owned())).to_vec()
    }

    /// Returns whether the pattern has a `*`.
    pub(super) fn has_name(&self) -> bool {
        self.0.contains('*')
    }

    /// Returns the folder of the plugin `name`.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.0.replace('*', name).into()
    }

    /// Returns the name of the plugin in the folder that `text` stands for.
    ///
    /// # Errors
    ///
    /// Fails if `text` cannot be a file name, or begins with `-`.
    fn name(&self, text: &str) -> Result<String> {
        let name = ForeignText::from(text);
        let plain = name.file_name().ok().filter(|name| !name.starts_with('-'));
        plain.map(str::to_owned).ok_or_else(|| {
            anyhow!(
                "`{}` is not a valid plugin name: rename the folder `{}`, using letters, digits and `-`",
                name,
                ForeignText::of_path(self.folder(text))
            )
        })
    }

    /// Returns the existing folders that match, each with the plugin name that `*` stands for. Hidden folders are left
    /// out. A pattern without `*` is a single folder, and the plugin has that folder's name.
    ///
    /// # Errors
    ///
    /// Fails if a folder cannot be read, or its name is not valid UTF-8.
    pub(super) fn folders(&self) -> Result<Vec<(String, PathBuf)>> {
        let Some((before, after)) = self.0.split_once('*') else {
            let path = PathBuf::from(&self.0);
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let there = path.is_dir().then(|| Ok((self.name(name)?, path.clone())));
            return there.into_iter().collect();
        };
        let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
        let (suffix, _) = after.split_once('/').unwrap_or((after, ""));
        let parent = if parent.is_empty() { Path::new(".") } else { Path::new(parent) };
        let cannot = || format!("cannot read the folder `{}`", ForeignText::of_path(parent));
        let entries = match fs::read_dir(parent) {
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(Vec::new());
            }
            entries => entries.with_context(cannot)?,
        };
        let mut folders = Vec::new();
        for entry in entries {
            let name = entry.with_context(cannot)?.file_name();
            if is_hidden(&name) {
                continue;
            }
            let text = name.to_str().ok_or_else(|| {
                anyhow!(
                    "`{}` is not UTF-8: rename the folder",
                    ForeignText::of_path(parent.join(&name))
                )
            })?;
            let Some(name) = text.strip_prefix(prefix).and_then(|it| it.strip_suffix(suffix))
            else {
                continue;
            };
            let folder = self.folder(name);
            if !name.is_empty() && folder.is_dir() {
                folders.push((self.name(name)?, folder));
            }
        }
        Ok(folders)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let text = String::deserialize(text)?;
        let is_below =
            Path::new(&text).components().all(|part| matches!(part, Component::Normal(_)));
        if text.is_empty() || !is_below || text.matches('*').count() > 1 {
            return Err(D::Error::custom(format!(
                "`{}` is not a folder inside the project, with at most one `*` for the name of a plugin",
                ForeignText::from(text)
            )));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}
