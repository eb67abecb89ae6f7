//! A project: where its plugins, cases and snapshots are.

use std::env;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use insta::_macro_support::assert_snapshot;
use insta::Settings;
use plugwright::{
    BuildError, Cache, CacheError, Dist, DistError, ForeignText, Host, Limit, Limits,
};

use crate::case::{Case, Found};
use crate::case_error::{CaseError, told};
use crate::snapshot_file::{self, SOURCE};

/// The folder of cases, relative to the project's folder.
const CASES: &str = "tests/cases";

/// The folder of snapshots, relative to the project's folder.
const SNAPSHOTS: &str = "tests/snapshots";

/// A project: a folder with cases in `tests/cases`.
#[derive(Debug, Clone)]
pub struct Project {
    folder: PathBuf,
    dist: PathBuf,
}

/// Why the tests of a project cannot run.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// There are no cases.
    #[error(
        "there are no cases in `{}` or a folder above it: make a folder `{CASES}/NAME` for the plugin `NAME`, and put \
         a file into it, such as a script of calls, `first.calls`",
        ForeignText::of_path(folder)
    )]
    NoCases {
        /// The folder where the search began.
        folder: PathBuf,
    },

    /// The current folder cannot be found.
    #[error("cannot find the current folder")]
    CurrentFolder(#[source] io::Error),

    /// The program cannot restart itself.
    #[error("cannot restart the tests with `INSTA_WORKSPACE_ROOT` in the environment")]
    Restart(#[source] io::Error),

    /// The results of the tests cannot be shown.
    #[error("cannot show the results of the tests")]
    Shown(#[source] io::Error),

    /// The plugins cannot be used.
    #[error("{}{}", told(error), Hint(error))]
    Dist {
        /// Why the plugins cannot be used.
        error: DistError,
    },

    /// The cases cannot be read.
    #[error(transparent)]
    Cases(#[from] CaseError),

    /// The folder of compiled code cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),

    /// The host cannot be made.
    #[error(transparent)]
    Host(#[from] BuildError),
}

impl Project {
    /// Finds the project that contains the current folder.
    ///
    /// # Errors
    ///
    /// Returns [`ProjectError::NoCases`] if there is none.
    pub fn find() -> Result<Self, ProjectError> {
        let current = env::current_dir().map_err(ProjectError::CurrentFolder)?;
        let folder = current.ancestors().find(|folder| folder.join(CASES).is_dir());
        match folder {
            Some(folder) => Ok(Self::at(folder)),
            None => Err(ProjectError::NoCases { folder: current }),
        }
    }

    /// Makes the project in `folder`, with its plugins in the folder that `PLUGWRIGHT_DIST` names, or in `dist`.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let dist = folder.join(env::var_os("PLUGWRIGHT_DIST").unwrap_or("dist".into()));
        Self { folder, dist }
    }

    /// Sets the folder of the plugins.
    #[must_use]
    pub fn with_dist(self, dist: impl Into<PathBuf>) -> Self {
        Self { dist: dist.into(), ..self }
    }

    /// Returns the project's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder of the plugins.
    pub fn dist_folder(&self) -> &Path {
        &self.dist
    }

    /// Returns the plugins that the pipeline listed in `plugins.json`. Without such a list, returns all files `NAME.wasm`.
    ///
    /// # Errors
    ///
    /// Returns [`ProjectError::Dist`] if there are none.
    pub fn dist(&self) -> Result<Dist, ProjectError> {
        Dist::listed_or_files(&self.dist).map_err(|error| ProjectError::Dist { error })
    }

    /// Reads the cases, sorted by plugin and name.
    ///
    /// # Errors
    ///
    /// Returns [`CaseError::Folder`] if a folder of cases cannot be read.
    pub fn cases(&self) -> Result<Vec<Found>, CaseError> {
        Case::read_all(&self.cases_folder())
    }

    /// Returns the folder that has a folder of cases for each plugin.
    pub fn cases_folder(&self) -> PathBuf {
        self.folder.join(CASES)
    }

    /// Returns the folder that has a folder of snapshots for each plugin.
    pub(crate) fn snapshots_folder(&self) -> PathBuf {
        self.folder.join(SNAPSHOTS)
    }

    /// Returns the path of a plugin's snapshot `name`, relative to the project's folder.
    pub fn snapshot_path(&self, plugin: &str, name: &str) -> String {
        format!("{SNAPSHOTS}/{plugin}/{}.snap", in_file_name(name))
    }

    /// Returns the path of a file, relative to the project's folder, as snapshots have it. Absent if the file does not
    /// exist or is outside that folder.
    pub(crate) fn path_of(&self, file: &Path) -> Option<String> {
        let (folder, file) = (self.folder.canonicalize().ok()?, file.canonicalize().ok()?);
        let parts = file.strip_prefix(folder).ok()?.components();
        let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
        Some(parts.join("/"))
    }

    /// Returns the settings of insta for snapshots in the folder `folder` of `tests/snapshots/`. Snapshots keep their
    /// plain names, and `input` becomes their input file.
    pub fn snapshots(&self, folder: &str, input: Option<&Path>) -> Settings {
        let mut settings = Settings::new();
        settings.set_snapshot_path(self.snapshots_folder().join(folder));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        if let Some(input) = input {
            settings.set_input_file(input);
        }
        settings
    }

    /// Compares `text` with the snapshot `name` of a plugin, whose input file is `input`.
    ///
    /// # Errors
    ///
    /// Fails if the snapshot cannot be read, or if no file can be written beside it.
    ///
    /// # Panics
    ///
    /// Panics as [`insta::assert_snapshot`] does if the texts differ.
    pub fn snapshot(
        &self,
        plugin: &str,
        name: &str,
        input: Option<&Path>,
        text: &str,
    ) -> Result<(), String> {
        // This comes first because insta reads whatever is there, even through a link.
        let path = PathBuf::from(self.snapshot_path(plugin, name));
        snapshot_file::read(&self.folder, &path).map_err(|error| told(&error))?;
        // This is the function behind insta's macro. The macro would write the path of this file as the source.
        let assert = || assert_snapshot((name, text).into(), &self.folder, "", "", SOURCE, 1, "");
        let asserted = self.snapshots(plugin, input).bind(assert);
        asserted.map_err(|error| {
            format!("cannot write beside `{}`: {error}", ForeignText::of_path(path))
        })
    }

    /// Makes a host that grants nothing. It keeps compiled code in the folder that `PLUGWRIGHT_CACHE` names. Without
    /// this variable, the folder is `cache` in cargo's target folder, or the default cache of hosts if there is no
    /// target folder.
    ///
    /// # Errors
    ///
    /// Returns [`ProjectError::Cache`] if the folder cannot be used, and [`ProjectError::Host`] if the engine does not
    /// run on this machine.
    pub fn host(&self) -> Result<Host, ProjectError> {
        let builder = Host::builder().limits(self.limits());
        let builder = match self.cache_folder() {
            Some(folder) => builder.cache(Cache::open(folder)?),
            None => builder,
        };
        Ok(builder.build()?)
    }

    /// Returns the limits that a host needs for the cases: the default limits, with fuel if a case limits it. Compiled
    /// code must count fuel, so the host needs this limit before it compiles a plugin.
    pub fn limits(&self) -> Limits {
        let cases = self.cases().unwrap_or_default().into_iter().filter_map(|it| it.case.ok());
        let mut limits = cases.filter_map(|case| case.limits().ok());
        match limits.any(|limits| limits.get(Limit::Fuel).is_some()) {
            // In effect this is unlimited. The greatest number would mean that fuel is not counted.
            true => Limits::default().fuel(u64::MAX - 1),
            false => Limits::default(),
        }
    }

    fn cache_folder(&self) -> Option<PathBuf> {
        if let Some(folder) = env::var_os("PLUGWRIGHT_CACHE") {
            return Some(self.folder.join(folder));
        }
        if let Some(target) = env::var_os("CARGO_TARGET_DIR") {
            return Some(self.folder.join(target).join("cache"));
        }
        // Cargo marks its target folder with this file. In a workspace the target folder is above the project's folder.
        let targets = self.folder.ancestors().map(|folder| folder.join("target"));
        let target = targets.into_iter().find(|target| target.join("CACHEDIR.TAG").is_file());
        target.map(|target| target.join("cache"))
    }
}

/// Returns the name of a snapshot as insta writes it in file names.
fn in_file_name(name: &str) -> String {
    name.replace(['/', '\\'], "__")
}

/// Shows what to do if there are no plugins.
struct Hint<'a>(&'a DistError);

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            DistError::Missing { .. } | DistError::NoFolder { .. } => f.write_str(
                ": build them, or put files `NAME.wasm` there; `PLUGWRIGHT_DIST` can name another folder",
            ),
            _ => Ok(()),
        }
    }
}
