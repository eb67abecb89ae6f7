//! A case: a file of input for one plugin, or a front file that says more.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use plugwright::{FileKind, ForeignText, Limits};
use serde::de::DeserializeOwned;

use crate::case_error::CaseError;
use crate::front::{Expectation, Front};

/// A front file: 1 MiB at most.
const FRONT: FileKind = FileKind::new("front file", 1 << 20);

/// A file of input: 512 MiB at most.
const INPUT: FileKind = FileKind::new("input of a case", 512 << 20);

/// One case for one plugin: a file of input, or a front file, `NAME.case`.
///
/// A front file is TOML. Its `input` is a file, as seen from the front file, and `source` says where that is from. It
/// `grants` what `plugwright run --grant` takes, has `limits` as `plugwright run --limit` takes them, which have to be
/// stricter than the plugin's own, and says what to `expect`. All other keys are those of the [`Form`](crate::Form) of
/// the case.
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
    /// The plugin's name: that of the folder.
    pub plugin: String,
    /// The case's name: that of the file.
    pub name: String,
    /// The case, or what is wrong with it.
    pub case: Result<Case, CaseError>,
}

impl Case {
    /// Reads the case in the file `path`, for the plugin `plugin`.
    ///
    /// # Errors
    ///
    /// [`CaseError`] if it is a front file that is none or leads out of its folder, or has a name that is taken.
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

    /// Reads all cases in `folder`, which has a folder for each plugin, sorted by plugin and name. What is in folders
    /// below those is for the cases: more input, or what they grant. A file is none whose name begins with a dot or ends in
    /// `~`, as editors leave some.
    ///
    /// # Errors
    ///
    /// [`CaseError::Folder`] if one of the folders cannot be read.
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

    /// Refuses an input that the front file names outside of its folder. Files that a script names begin there, too.
    fn refuse_outside(&self) -> Result<(), CaseError> {
        const OUTSIDE: &str =
            "it is not in the folder of the case: put the input there, or in a folder below";
        let input = &self.front.keys.input;
        if *input == self.path {
            return Ok(());
        }
        let is_below = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        let folder = self.path.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize();
        // A link leads anywhere. What is not there is told where it is read.
        let leads_out = match (folder, self.input().canonicalize()) {
            (Ok(folder), Ok(input)) => !input.starts_with(folder),
            _ => false,
        };
        if leads_out || !input.components().all(is_below) {
            return Err(self.wrong(&ForeignText::of_path(input).into_exact(), OUTSIDE));
        }
        Ok(())
    }

    /// The plugin's name: that of the folder.
    pub fn plugin(&self) -> &str {
        &self.plugin
    }

    /// The case's name: that of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of input: the case's own, or the one that its front file names.
    pub fn input(&self) -> PathBuf {
        self.path.with_file_name(&self.front.keys.input)
    }

    /// Reads the file of input.
    ///
    /// # Errors
    ///
    /// [`CaseError::Read`].
    pub fn read_input(&self) -> Result<Vec<u8>, CaseError> {
        Ok(INPUT.read(self.input())?)
    }

    /// What is to come out, if the case says it.
    pub fn expectation(&self) -> Option<Expectation> {
        self.front.keys.expect
    }

    /// The grants, each as `plugwright run --grant` takes it.
    pub fn grants(&self) -> &[String] {
        &self.front.keys.grants
    }

    /// The limits.
    ///
    /// # Errors
    ///
    /// [`CaseError::Value`] if one of them is none.
    pub fn limits(&self) -> Result<Limits, CaseError> {
        self.front.keys.limits.iter().try_fold(Limits::none(), |limits, text| {
            limits.with_text(text).map_err(|error| self.wrong(text, &error.to_string()))
        })
    }

    /// The keys of the case's form: what is in the front file beyond the runner's own. `T` is to deny unknown fields; a
    /// form without keys has a struct without fields. `written` are examples of them for errors, a line each, such as
    /// `options = ["KEY=VALUE"]`.
    ///
    /// # Errors
    ///
    /// [`CaseError::Front`] says what is wrong with them, and where.
    pub fn keys<T: DeserializeOwned>(&self, written: &[&str]) -> Result<T, CaseError> {
        let path = || self.path.clone();
        self.front.of_form(written).map_err(|source| CaseError::Front { path: path(), source })
    }

    /// The error that what the front file says, `text`, is wrong.
    pub fn wrong(&self, text: &str, reason: &str) -> CaseError {
        let path = self.path.clone();
        CaseError::Value { path, text: text.into(), reason: reason.into() }
    }
}

/// Says whether a case of this name would have the snapshot of a plugin's WIT, or one without a grant, of whatever plugin.
fn is_taken(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    name == "wit" || (name.starts_with("without-") && is_plain)
}

/// The names of the folders in `folder`, sorted.
pub(crate) fn folder_names(folder: &Path) -> Result<Vec<String>, CaseError> {
    let folders = entries(folder)?.into_iter().filter(|path| path.is_dir());
    let mut names: Vec<_> = folders.map(|path| file_name(path.file_name())).collect();
    names.sort();
    Ok(names)
}

/// What is in `folder`.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, CaseError> {
    let entries = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>());
    entries.map_err(|source| CaseError::Folder { path: folder.to_owned(), source })
}

pub(crate) fn file_name(name: Option<&OsStr>) -> String {
    name.unwrap_or_default().to_string_lossy().into_owned()
}
