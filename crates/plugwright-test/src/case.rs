//! Cases: a case is an input file for one plugin, or a front file with further settings.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use plugwright::{FileKind, ForeignText, Limits};
use serde::de::DeserializeOwned;

use crate::case_error::CaseError;
use crate::front::{Expectation, Front};

/// The kind of front files, which have at most 1 MiB.
const FRONT: FileKind = FileKind::new("front file", 1 << 20);

/// The kind of input files, which have at most 512 MiB.
const INPUT: FileKind = FileKind::new("input of a case", 512 << 20);

/// One case for one plugin: an input file, or a front file, `NAME.case`.
///
/// A front file is TOML with these keys:
///
/// - `input` is the input file, as a path relative to the front file.
/// - `source` says where the input is from.
/// - `grants` are grants, as `plugwright run --grant` takes them.
/// - `limits` are limits, as `plugwright run --limit` takes them. They must be stricter than the plugin's own.
/// - `expect` is the kind of outcome that the case must have.
///
/// All other keys belong to the [`Form`](crate::Form) of the case.
#[derive(Debug, Clone)]
pub struct Case {
    plugin: String,
    name: String,
    path: PathBuf,
    front: Front,
}

/// A file in a folder of cases.
#[derive(Debug)]
pub struct Found {
    /// The plugin's name, which is the name of the folder.
    pub plugin: String,
    /// The case's name, which is the name of the file.
    pub name: String,
    /// The case, or why it cannot be read.
    pub case: Result<Case, CaseError>,
}

impl Case {
    /// Reads the case in the file `path`, for the plugin `plugin`.
    ///
    /// # Errors
    ///
    /// Returns a [`CaseError`] if the file is an invalid front file, if its input is outside its folder, or if its name is
    /// reserved.
    pub fn read(plugin: &str, path: impl Into<PathBuf>) -> Result<Self, CaseError> {
        let (plugin, path) = (plugin.to_owned(), path.into());
        let name = file_name(path.file_name());
        if is_taken(&name) {
            return Err(CaseError::Name { path });
        }
        let front = match path.extension() {
            Some(extension) if extension == "case" => {
                let front = Front::parse(FRONT.read_text(&path)?);
                front.map_err(|source| CaseError::Front { path: path.clone(), source })?
            }
            _ => Front::of_input(path.clone()),
        };
        let case = Self { plugin, name, path, front };
        case.refuse_outside()?;
        Ok(case)
    }

    /// Reads all cases in `folder`, which has a folder for each plugin. The cases are sorted by plugin and name.
    /// Folders inside a plugin's folder hold no cases, but further files for them, such as input. Files whose names
    /// begin with a dot or end with `~` are skipped, because editors leave them behind.
    ///
    /// # Errors
    ///
    /// Returns [`CaseError::Folder`] if one of the folders cannot be read.
    pub fn read_all(folder: &Path) -> Result<Vec<Found>, CaseError> {
        let mut all = Vec::new();
        for plugin in folder_names(folder)? {
            for path in entries(&folder.join(&plugin))? {
                let (plugin, name) = (plugin.clone(), file_name(path.file_name()));
                if path.is_dir() || name.starts_with('.') || name.ends_with('~') {
                    continue;
                }
                let case = match path.is_file() {
                    true => Self::read(&plugin, path),
                    false => Err(CaseError::NoFile { path }),
                };
                all.push(Found { plugin, name, case });
            }
        }
        all.sort_by(|one, other| (&one.plugin, &one.name).cmp(&(&other.plugin, &other.name)));
        Ok(all)
    }

    /// Refuses an input that is outside the folder of the front file. Paths of files in a script are relative to this
    /// folder, too.
    fn refuse_outside(&self) -> Result<(), CaseError> {
        const OUTSIDE: &str = "it is outside the folder of the case: move the input into that folder or a folder below it";
        let input = &self.front.keys.input;
        if *input == self.path {
            return Ok(());
        }
        let is_below = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        let folder = self.path.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize();
        // A link can lead anywhere. A missing file is reported when it is read.
        let leads_out = match (folder, self.input().canonicalize()) {
            (Ok(folder), Ok(input)) => !input.starts_with(folder),
            _ => false,
        };
        if leads_out || !input.components().all(is_below) {
            return Err(self.wrong(&ForeignText::of_path(input).into_exact(), OUTSIDE));
        }
        Ok(())
    }

    /// Returns the plugin's name, which is the name of the folder.
    pub fn plugin(&self) -> &str {
        &self.plugin
    }

    /// Returns the case's name, which is the name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the path of the case's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of the input: the case's own file, or the file that its front file names.
    pub fn input(&self) -> PathBuf {
        self.path.with_file_name(&self.front.keys.input)
    }

    /// Reads the input file.
    ///
    /// # Errors
    ///
    /// Returns [`CaseError::Read`] if the file cannot be read.
    pub fn read_input(&self) -> Result<Vec<u8>, CaseError> {
        Ok(INPUT.read(self.input())?)
    }

    /// Returns the kind of outcome that the case expects, if it has one.
    pub fn expectation(&self) -> Option<Expectation> {
        self.front.keys.expect
    }

    /// Returns the grants, each as `plugwright run --grant` takes it.
    pub fn grants(&self) -> &[String] {
        &self.front.keys.grants
    }

    /// Returns the limits.
    ///
    /// # Errors
    ///
    /// Returns [`CaseError::Value`] if a text is not a limit.
    pub fn limits(&self) -> Result<Limits, CaseError> {
        self.front.keys.limits.iter().try_fold(Limits::none(), |limits, text| {
            limits.with_text(text).map_err(|error| self.wrong(text, &error.to_string()))
        })
    }

    /// Reads the keys of the case's form: all keys of the front file except the runner's own. `T` must deny unknown
    /// fields. A form without keys uses a struct without fields. `written` has an example of each key for errors, such
    /// as `options = ["KEY=VALUE"]`.
    ///
    /// # Errors
    ///
    /// Returns [`CaseError::Front`] with the mistake and its place.
    pub fn keys<T: DeserializeOwned>(&self, written: &[&str]) -> Result<T, CaseError> {
        let path = || self.path.clone();
        self.front.of_form(written).map_err(|source| CaseError::Front { path: path(), source })
    }

    /// Makes the error for a wrong value `text` in the front file.
    pub fn wrong(&self, text: &str, reason: &str) -> CaseError {
        let path = self.path.clone();
        CaseError::Value { path, text: text.into(), reason: reason.into() }
    }
}

/// Returns whether a case of this name would have the same snapshot as another test of any plugin: that of the WIT, or
/// one of a denied grant.
fn is_taken(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    name == "wit" || (name.starts_with("without-") && is_plain)
}

/// Returns the names of the folders in `folder`, sorted.
pub(crate) fn folder_names(folder: &Path) -> Result<Vec<String>, CaseError> {
    let folders = entries(folder)?.into_iter().filter(|path| path.is_dir());
    let mut names: Vec<_> = folders.map(|path| file_name(path.file_name())).collect();
    names.sort();
    Ok(names)
}

/// Returns the paths of all entries of `folder`.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, CaseError> {
    let entries = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>());
    entries.map_err(|source| CaseError::Folder { path: folder.to_owned(), source })
}

pub(crate) fn file_name(name: Option<&OsStr>) -> String {
    name.unwrap_or_default().to_string_lossy().into_owned()
}
