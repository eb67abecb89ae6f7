//! The error for a case that cannot be run.

use std::error::Error;
use std::path::PathBuf;

use libtest_mimic::Failed;
use plugwright::{DistError, FileError, ForeignText, Limit, LimitsError, LoadError, TomlError};

use crate::script::error::ScriptError;

/// Why a case cannot be run. A failed call of the plugin is an [`Outcome`](crate::Outcome), not an error.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// A file of the case cannot be read.
    #[error(transparent)]
    Read(#[from] FileError),

    /// A folder of cases cannot be read.
    #[error("cannot read the folder `{}`", ForeignText::of_path(path))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },

    /// An entry of a folder of cases is neither a file nor a folder.
    #[error(
        "`{}` is neither a file nor a link to one: put a file in its place, or remove it",
        ForeignText::of_path(path)
    )]
    NoFile {
        /// The path of the entry.
        path: PathBuf,
    },

    /// The front file is invalid.
    #[error("`{}`", ForeignText::of_path(path))]
    Front {
        /// The front file.
        path: PathBuf,
        /// What is wrong with it, and where.
        source: TomlError,
    },

    /// A value of the front file is invalid.
    #[error("`{}`: `{text}`: {reason}", ForeignText::of_path(path))]
    Value {
        /// The front file.
        path: PathBuf,
        /// The value.
        text: ForeignText,
        /// What is wrong with the value.
        reason: ForeignText,
    },

    /// The case has a limit without effect, because the plugin's own limit is as strict.
    #[error(
        "`{}`: the limit `{limit}` is no stricter than the one in the manifest of `{plugin}`: lower it, or leave it \
         out",
        ForeignText::of_path(path)
    )]
    Looser {
        /// The front file.
        path: PathBuf,
        /// The limit.
        limit: Limit,
        /// The plugin's name.
        plugin: ForeignText,
    },

    /// The case has a name whose snapshot belongs to another test.
    #[error(
        "`{}` has a name whose snapshot belongs to another test: give the case a name with a dot, such as `{}.txt`",
        ForeignText::of_path(path), ForeignText::of_path(path.file_name().unwrap_or_default())
    )]
    Name {
        /// The case's file.
        path: PathBuf,
    },

    /// A link is in the place of a snapshot or of a folder of snapshots.
    #[error(
        "`{}` is a link, but snapshots must be files of the project itself: remove the link",
        ForeignText::of_path(path)
    )]
    Link {
        /// The link.
        path: PathBuf,
    },

    /// The limits of the case cannot be the limits of a call.
    #[error("`{}`", ForeignText::of_path(path))]
    Limits {
        /// The front file.
        path: PathBuf,
        /// Which limit is wrong.
        source: LimitsError,
    },

    /// The plugins cannot be read.
    #[error(transparent)]
    Dist(#[from] DistError),

    /// The plugin cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),

    /// No form of case takes the file.
    #[error(
        "`{}` is not a case for `{plugin}`: no form of case takes such a file for a plugin that exports {exports}",
        ForeignText::of_path(path)
    )]
    NoForm {
        /// The case's file.
        path: PathBuf,
        /// The plugin's name.
        plugin: ForeignText,
        /// The plugin's exports.
        exports: ForeignText,
    },

    /// The script is invalid, or one of its statements cannot be run.
    #[error("`{}`", ForeignText::of_path(path))]
    Script {
        /// The file of the script.
        path: PathBuf,
        /// What is wrong with it, and where.
        source: ScriptError,
    },

    /// The call was not made, and the plugin is not the cause.
    #[error("{0}")]
    Call(ForeignText),
}

/// Turns the error into the failure of a test.
pub(crate) fn failed(error: &CaseError) -> Failed {
    told(error).into()
}

/// Returns the error and its sources in one line.
pub(crate) fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}
