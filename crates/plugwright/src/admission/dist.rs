//! The folder that the pipeline fills: plugins, and a list of them.

#![warn(clippy::arithmetic_side_effects)]

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::admission::inspection::{is_sha256, sha256};
use crate::permission::given_file::{FileError, FileKind};
use crate::permission::limits::{Exceeded, Limit, Limits};
use crate::text::foreign_text::ForeignText;

/// A folder of plugins with the list `plugins.json`, as the pipeline leaves it in `dist/`.
#[derive(Debug, Clone)]
pub struct Dist {
    folder: PathBuf,
    plugins: Vec<DistEntry>,
}

/// One plugin in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DistEntry {
    /// The plugin's name, which is a safe file name. The plugin's file is `<name>.wasm`.
    #[serde(deserialize_with = "plain_name")]
    pub name: String,
    /// The plugin's version.
    pub version: ForeignText,
    /// The world that it implements.
    pub world: ForeignText,
    /// The SHA-256 digest of the file, in lowercase hexadecimal digits.
    #[serde(deserialize_with = "digest")]
    pub sha256: String,
    /// The file's size in bytes.
    pub bytes: u64,
    /// The size in bytes before names and other custom sections were stripped.
    pub bytes_before_strip: u64,
    /// The names that the plugin imports.
    pub imports: Vec<ForeignText>,
    /// The names that the plugin exports.
    pub exports: Vec<ForeignText>,
}

/// The reason why a folder of plugins, or a plugin in it, cannot be used.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum DistError {
    /// The path does not exist, or is not a folder.
    #[error("`{}` is not an existing folder", ForeignText::of_path(folder))]
    NoFolder {
        /// The path.
        folder: PathBuf,
    },
    /// The folder has no list of plugins.
    #[error(
        "there are no built plugins in `{}`: it has no `plugins.json`",
        ForeignText::of_path(folder)
    )]
    Missing {
        /// The folder.
        folder: PathBuf,
    },
    /// The list of plugins or a plugin cannot be read.
    #[error("cannot read `{}`", ForeignText::of_path(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The list of plugins is not one that the pipeline writes.
    #[error("`{}` is not a list of plugins: {reason}", ForeignText::of_path(path))]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: ForeignText,
    },
    /// There is no plugin of this name.
    #[error(
        "there is no plugin `{name}` in `{}`, which has {known}: to name a file, give its folder or \
         its ending `.wasm`",
        ForeignText::of_path(folder)
    )]
    Unknown {
        /// The name that was asked for.
        name: ForeignText,
        /// The folder.
        folder: PathBuf,
        /// The plugins that are there.
        known: ForeignText,
    },
    /// The plugin is larger than the limits allow.
    #[error("`{plugin}` is not loaded: {exceeded}")]
    Exceeded {
        /// The plugin's name.
        plugin: ForeignText,
        /// The limit and its value.
        exceeded: Exceeded,
    },
    /// The plugin is not the file that the pipeline checked.
    #[error(
        "`{}` is not the file that the pipeline checked: its digest is not the one in \
         `plugins.json`",
        ForeignText::of_path(path)
    )]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

impl Dist {
    /// The name of the list of plugins.
    pub const MANIFEST: &str = "plugins.json";

    /// Reads the list of the plugins in `folder`.
    ///
    /// # Errors
    ///
    /// [`DistError`] if the list is missing, cannot be read or is not valid.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, DistError> {
        let folder = folder.into();
        let path = folder.join(Self::MANIFEST);
        let text = match FileKind::LIST.read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(DistError::Missing { folder });
            }
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                return Err(DistError::NoFolder { folder });
            }
            Err(error) => return Err(error.into()),
        };
        let refused =
            |reason: String| DistError::Manifest { path: path.clone(), reason: reason.into() };
        let plugins: Vec<DistEntry> =
            serde_json::from_slice(&text).map_err(|error| refused(error.to_string()))?;
        Ok(Self { folder, plugins })
    }

    /// Returns the plugins in `folder`: the ones in its list, or [the files](Self::of_files) if there is no list.
    ///
    /// # Errors
    ///
    /// The errors of [`Dist::open`] and [`Dist::of_files`].
    pub fn listed_or_files(folder: impl Into<PathBuf>) -> Result<Self, DistError> {
        match Self::open(folder) {
            Err(DistError::Missing { folder }) if folder.is_dir() => Self::of_files(folder),
            dist => dist,
        }
    }

    /// Returns the plugins in a `folder` without a list: each file `NAME.wasm` whose name does not begin with a
    /// dot. Names, digests and sizes are those of the files now; the other fields of the entries are empty.
    ///
    /// # Errors
    ///
    /// [`DistError::Read`] if a file cannot be read, or is longer than the default of the limit `component-size`, and
    /// [`DistError::Missing`] if there are no plugins.
    pub fn of_files(folder: impl Into<PathBuf>) -> Result<Self, DistError> {
        let folder = folder.into();
        let cannot = |source| DistError::Read { path: folder.clone(), source };
        let kind = FileKind::plugin(&Limits::default());
        let mut plugins = Vec::new();
        for entry in fs::read_dir(&folder).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            let stem = path.file_stem().and_then(OsStr::to_str).filter(|it| !it.starts_with('.'));
            let is_plugin = path.extension().is_some_and(|extension| extension == "wasm");
            let Some(name) = stem.filter(|_| is_plugin && path.is_file()) else { continue };
            let bytes = kind.read(&path)?;
            plugins.push(DistEntry {
                name: name.to_owned(),
                version: ForeignText::default(),
                world: ForeignText::default(),
                sha256: sha256(&bytes),
                bytes: bytes.len() as u64,
                bytes_before_strip: bytes.len() as u64,
                imports: Vec::new(),
                exports: Vec::new(),
            });
        }
        if plugins.is_empty() {
            return Err(DistError::Missing { folder });
        }
        plugins.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self { folder, plugins })
    }

    /// Returns the plugins, in the order of the list, which is that of their names.
    pub fn plugins(&self) -> &[DistEntry] {
        &self.plugins
    }

    /// Returns the path of the plugin `name`, whether or not the file exists.
    pub fn path(&self, name: &str) -> PathBuf {
        plugin_path(&self.folder, name)
    }

    /// Reads the plugin `name`, of any length, and verifies that it is the file that the pipeline checked.
    ///
    /// # Errors
    ///
    /// [`DistError`] if there is no such plugin, its file cannot be read, or its digest is not the one in the list.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, DistError> {
        self.read_within(name, &Limits::none())
    }

    /// Reads the plugin `name` as [`Dist::read`] does, for loading within `limits`.
    ///
    /// # Errors
    ///
    /// The errors of [`Dist::read`], and [`DistError::Exceeded`] if the file is longer than the limit `component-size`.
    pub fn read_within(&self, name: &str, limits: &Limits) -> Result<Vec<u8>, DistError> {
        let Some(entry) = self.plugins.iter().find(|entry| entry.name == name) else {
            let names: Vec<_> =
                self.plugins.iter().map(|entry| format!("`{}`", entry.name)).collect();
            let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let (name, folder) = (name.into(), self.folder.clone());
            return Err(DistError::Unknown { name, folder, known: known.into() });
        };
        let path = self.path(name);
        let bytes = match FileKind::plugin(limits).read(&path) {
            Err(error)
                if error.kind() == ErrorKind::FileTooLarge
                    && limits.get(Limit::ComponentSize).is_some() =>
            {
                let exceeded = limits.exceeded(Limit::ComponentSize);
                return Err(DistError::Exceeded { plugin: name.into(), exceeded });
            }
            read => read?,
        };
        if entry.sha256 == sha256(&bytes) { Ok(bytes) } else { Err(DistError::Changed { path }) }
    }
}

impl From<FileError> for DistError {
    fn from(error: FileError) -> Self {
        let (path, source) = error.into_parts();
        Self::Read { path, source }
    }
}

fn plain_name<'de, D: Deserializer<'de>>(name: D) -> Result<String, D::Error> {
    let name = ForeignText::deserialize(name)?;
    name.file_name().map(str::to_owned).map_err(D::Error::custom)
}

fn digest<'de, D: Deserializer<'de>>(digest: D) -> Result<String, D::Error> {
    let digest = ForeignText::deserialize(digest)?;
    let is_digest = is_sha256(digest.exact());
    let no_digest = || D::Error::custom(format!("`{digest:.100}` is not a SHA-256 digest"));
    is_digest.then(|| digest.exact().to_owned()).ok_or_else(no_digest)
}

fn plugin_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.wasm"))
}
