//! Where the plugins, the cases and the snapshots of a project are.

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

/// Where cases are, from a project's folder.
const CASES: &str = "tests/cases";

/// Where snapshots are, from there.
const SNAPSHOTS: &str = "tests/snapshots";

/// A project: a folder with cases in `tests/cases`.
#[derive(Debug, Clone)]
pub struct Project {
    folder: PathBuf,
    dist: PathBuf,
}

/// What is missing of a project, or cannot be used.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// There are no cases.
    #[error(
        "there are no cases in `{}`, nor in a folder above it: make a folder `{CASES}/NAME` for the plugin `NAME`, and put \
         a file into it, such as a script of calls, `first.calls`",
        ForeignText::of_path(folder)
    )]
    NoCases {
        /// Where they were looked for.
        folder: PathBuf,
    },

    /// The current folder is not known.
    #[error("the current folder is not known")]
    CurrentFolder(#[source] io::Error),

    /// The program cannot be started anew.
    #[error(
        "the tests cannot start themselves with the folder of their snapshots in the environment"
    )]
    Restart(#[source] io::Error),

    /// How the tests end cannot be shown.
    #[error("it cannot be shown how the tests end")]
    Shown(#[source] io::Error),

    /// The plugins cannot be used.
    #[error("{}{}", told(error), Hint(error))]
    Dist {
        /// Why not.
        error: DistError,
    },

    /// The cases cannot be read.
    #[error(transparent)]
    Cases(#[from] CaseError),

    /// The folder of compiled code cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),

    /// There can be no host.
    #[error(transparent)]
    Host(#[from] BuildError),
}

impl Project {
    /// The project in whose folder, or below, the current folder is.
    ///
    /// # Errors
    ///
    /// [`ProjectError::NoCases`] if there is none.
    pub fn find() -> Result<Self, ProjectError> {
        let current = env::current_dir().map_err(ProjectError::CurrentFolder)?;
        let folder = current.ancestors().find(|folder| folder.join(CASES).is_dir());
        match folder {
            Some(folder) => Ok(Self::at(folder)),
            None => Err(ProjectError::NoCases { folder: current }),
        }
    }

    /// The project in `folder`, with its plugins in the folder that `PLUGWRIGHT_DIST` names, or in `dist`.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let dist = folder.join(env::var_os("PLUGWRIGHT_DIST").unwrap_or("dist".into()));
        Self { folder, dist }
    }

    /// The same project, with its plugins in the folder `dist`.
    #[must_use]
    pub fn with_dist(self, dist: impl Into<PathBuf>) -> Self {
        Self { dist: dist.into(), ..self }
    }

    /// The project's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the plugins.
    pub fn dist_folder(&self) -> &Path {
        &self.dist
    }

    /// The plugins: those that the pipeline listed in `plugins.json`, or without such a list all files `NAME.wasm`.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Dist`] if there are none.
    pub fn dist(&self) -> Result<Dist, ProjectError> {
        Dist::listed_or_files(&self.dist).map_err(|error| ProjectError::Dist { error })
    }

    /// The cases, sorted by plugin and name.
    ///
    /// # Errors
    ///
    /// [`CaseError::Folder`] if a folder of them cannot be read.
    pub fn cases(&self) -> Result<Vec<Found>, CaseError> {
        Case::read_all(&self.cases_folder())
    }

    /// The folder that has a folder of cases for each plugin.
    pub fn cases_folder(&self) -> PathBuf {
        self.folder.join(CASES)
    }

    /// The folder that has a folder of snapshots for each plugin.
    pub(crate) fn snapshots_folder(&self) -> PathBuf {
        self.folder.join(SNAPSHOTS)
    }

    /// Where the snapshot `name` of a plugin is, from the project's folder.
    pub fn snapshot_path(&self, plugin: &str, name: &str) -> String {
        format!("{SNAPSHOTS}/{plugin}/{}.snap", in_file_name(name))
    }

    /// The path of the project's file `file` from its folder, as snapshots have it; absent if it is not there.
    pub(crate) fn path_of(&self, file: &Path) -> Option<String> {
        let (folder, file) = (self.folder.canonicalize().ok()?, file.canonicalize().ok()?);
        let parts = file.strip_prefix(folder).ok()?.components();
        let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
        Some(parts.join("/"))
    }

    /// How snapshots are kept in the folder `folder` of `tests/snapshots/`, under the names that they are given, each with
    /// the file `input` that it is of.
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

    /// Compares `text` with the snapshot `name` of a plugin, which is of the file `input`.
    ///
    /// # Errors
    ///
    /// Why the snapshot cannot be read, or nothing can be written beside it.
    ///
    /// # Panics
    ///
    /// If it is another text, as [`insta::assert_snapshot`] does.
    pub fn snapshot(
        &self,
        plugin: &str,
        name: &str,
        input: Option<&Path>,
        text: &str,
    ) -> Result<(), String> {
        // Insta itself reads whatever is there.
        let path = PathBuf::from(self.snapshot_path(plugin, name));
        snapshot_file::read(&self.folder, &path).map_err(|error| told(&error))?;
        // What insta's macro calls. The macro itself would give the place of this file as the source.
        let assert = || assert_snapshot((name, text).into(), &self.folder, "", "", SOURCE, 1, "");
        let asserted = self.snapshots(plugin, input).bind(assert);
        asserted.map_err(|error| {
            format!("cannot write beside `{}`: {error}", ForeignText::of_path(path))
        })
    }

    /// A host that grants nothing. It keeps compiled code in the folder that `PLUGWRIGHT_CACHE` names; otherwise in
    /// `cache` of cargo's target folder, if there is one; and otherwise where hosts keep it.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Cache`] if that folder cannot be used, and [`ProjectError::Host`] if the engine does not run on
    /// this machine.
    pub fn host(&self) -> Result<Host, ProjectError> {
        let builder = Host::builder().limits(self.limits());
        let builder = match self.cache_folder() {
            Some(folder) => builder.cache(Cache::open(folder)?),
            None => builder,
        };
        Ok(builder.build()?)
    }

    /// The limits that a host has to have for the cases: those by default, and fuel counted if a case limits it. That is done
    /// by what plugins are compiled to, and not set for a call alone.
    pub fn limits(&self) -> Limits {
        let cases = self.cases().unwrap_or_default().into_iter().filter_map(|it| it.case.ok());
        let mut limits = cases.filter_map(|case| case.limits().ok());
        match limits.any(|limits| limits.get(Limit::Fuel).is_some()) {
            // As much as there is no end of, since the greatest number is none.
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
        // Cargo marks its folder so. In a workspace it is above that of the project.
        let targets = self.folder.ancestors().map(|folder| folder.join("target"));
        let target = targets.into_iter().find(|target| target.join("CACHEDIR.TAG").is_file());
        target.map(|target| target.join("cache"))
    }
}

/// The name of a snapshot as insta has it in that of the file.
fn in_file_name(name: &str) -> String {
    name.replace(['/', '\\'], "__")
}

/// What to type where there are no plugins.
struct Hint<'a>(&'a DistError);

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            DistError::Missing { .. } | DistError::NoFolder { .. } => f.write_str(
                ": build them, or put files `NAME.wasm` there; another folder is named by `PLUGWRIGHT_DIST`",
            ),
            _ => Ok(()),
        }
    }
}
