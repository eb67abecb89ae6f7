//! Templates of a project: folders with the files of a new plugin.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use plugwright::{FileKind, ForeignText};
use serde::Deserialize;

/// A file of a template or of a project: 4 MiB at most.
pub(crate) const TEXT: FileKind = FileKind::new("template file", 4 << 20);

/// The placeholder for the plugin's name in templates.
const NAME: &str = "@NAME@";

/// The files of a new plugin.
pub(crate) struct Template {
    pub(crate) files: BTreeMap<PathBuf, String>,
    pub(crate) cases: BTreeMap<PathBuf, String>,
    /// The files that can be run.
    pub(crate) programs: Vec<PathBuf>,
    /// A sentence about what the plugin does, if its source has one.
    pub(crate) summary: Option<String>,
}

/// Reads the files in `folders` for the plugin `name`. Files of later folders override those of earlier ones. Files in
/// a folder `cases` are cases. `@NAME@` in a file stands for the plugin's name. A plugin of this project can be a
/// template as well. Its manifest may name a reference, the plugin that it reimplements: the reference is removed, and
/// the README is not copied.
///
/// # Errors
///
/// Fails with the file that cannot be read.
pub(crate) fn read(folders: &[PathBuf], name: &str) -> Result<Template> {
    let (mut all, mut programs) = (BTreeMap::new(), Vec::new());
    for folder in folders {
        list(folder, Path::new(""), &mut all, &mut programs)?;
    }
    let reference = all.get(Path::new("plugin.toml")).and_then(|text| reference(text));
    let (mut files, mut cases) = (BTreeMap::new(), BTreeMap::new());
    for (path, text) in all {
        let mut text = text.replace(NAME, name);
        if let Some(reference) = &reference {
            text = text.replace(&format!("\"{reference}\""), &format!("\"{name}\""));
            let is_reference = |line: &&str| line.starts_with("reference = ");
            if path == Path::new("plugin.toml") {
                text = text
                    .lines()
                    .filter(|line| !is_reference(line))
                    .map(|it| format!("{it}\n"))
                    .collect();
            }
            if path == Path::new("README.md") {
                continue;
            }
        }
        match path.strip_prefix("cases") {
            Ok(case) => cases.insert(case.to_owned(), text),
            Err(_) => files.insert(path, text),
        };
    }
    let first = files.get(Path::new("src/lib.rs")).and_then(|text| text.lines().next());
    let summary = first.and_then(|line| line.strip_prefix("//! ")?.split_once(", in the world"));
    let summary = summary.map(|(summary, _)| summary.to_owned());
    Ok(Template { files, cases, programs, summary })
}

/// Returns the reference in a manifest: the plugin whose results this plugin, in another language, must reproduce.
fn reference(manifest: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Manifest {
        build: Build,
    }
    #[derive(Deserialize)]
    struct Build {
        reference: String,
    }
    toml::from_str::<Manifest>(manifest).ok().map(|manifest| manifest.build.reference)
}

/// Adds the files in `folder`, which go to `path` in the new plugin.
fn list(
    folder: &Path,
    path: &Path,
    files: &mut BTreeMap<PathBuf, String>,
    programs: &mut Vec<PathBuf>,
) -> Result<()> {
    let cannot = || format!("cannot read the template `{}`", ForeignText::of_path(folder));
    if !folder.is_dir() {
        return Err(anyhow!(
            "there is no folder `{}`, named as a template in `plugwright.toml`",
            ForeignText::of_path(folder)
        ));
    }
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let entry = entry.with_context(cannot)?;
        let (source, path) = (entry.path(), path.join(entry.file_name()));
        if entry.file_type().with_context(cannot)?.is_dir() {
            list(&source, &path, files, programs)?;
        } else {
            let mode = fs::metadata(&source).with_context(cannot)?.permissions().mode();
            if mode & 0o111 != 0 {
                programs.push(path.clone());
            }
            files.insert(path, TEXT.read_text(&source)?);
        }
    }
    Ok(())
}
