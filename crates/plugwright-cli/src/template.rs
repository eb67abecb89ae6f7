//! Templates of a project's own: folders whose files a new plugin begins with.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use plugwright::{FileKind, ForeignText};
use serde::Deserialize;

/// A file of a template, or of a project.
pub(crate) const TEXT: FileKind = FileKind::new("file of a template", 4 << 20);

/// What stands for the plugin's name in templates.
const NAME: &str = "@NAME@";

/// What a plugin begins with.
pub(crate) struct Template {
    pub(crate) files: BTreeMap<PathBuf, String>,
    pub(crate) cases: BTreeMap<PathBuf, String>,
    /// Those of the files that are run.
    pub(crate) programs: Vec<PathBuf>,
    /// What it does, in a sentence, if its source says so.
    pub(crate) summary: Option<String>,
}

/// Reads the files in `folders`, of which the later ones come over the earlier ones, for the plugin `name`. Those in a
/// folder `cases` are its cases. What is `@NAME@` in them is the plugin's name. A plugin of this project can be one, too: it
/// is no longer the copy of another, which its manifest calls its reference, and a page about it stays where it is.
///
/// # Errors
///
/// Says which file cannot be read.
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

/// The plugin that one in another language has to give the same as.
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

/// Adds the files in `folder`, which are at `path` in what is begun.
fn list(
    folder: &Path,
    path: &Path,
    files: &mut BTreeMap<PathBuf, String>,
    programs: &mut Vec<PathBuf>,
) -> Result<()> {
    let cannot = || format!("cannot read the template `{}`", ForeignText::of_path(folder));
    if !folder.is_dir() {
        return Err(anyhow!(
            "there is no folder `{}`, which `plugwright.toml` names as a template",
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
