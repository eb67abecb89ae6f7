//! Why a case cannot be run.

use std::error::Error;
use std::path::PathBuf;

use libtest_mimic::Failed;
use plugwright::{DistError, FileError, ForeignText, Limit, LimitsError, LoadError, TomlError};

use crate::script::error::ScriptError;

/// Why a case cannot be run, which is not what comes out of it.
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
        /// What the system says.
        source: std::io::Error,
    },

    /// What is in the place of a case is no file.
    #[error(
        "`{}` is neither a file nor a link to one: put a file in its place, or remove it",
        ForeignText::of_path(path)
    )]
    NoFile {
        /// Where it is.
        path: PathBuf,
    },

    /// The front file is not one.
    #[error("`{}`", ForeignText::of_path(path))]
    Front {
        /// The front file.
        path: PathBuf,
        /// What is wrong with it, and where.
        source: TomlError,
    },

    /// Something that the front file says is not of the kind that it should be.
    #[error("`{}`: `{text}`: {reason}", ForeignText::of_path(path))]
    Value {
        /// The front file.
        path: PathBuf,
        /// What it says.
        text: ForeignText,
        /// What is wrong with that.
        reason: ForeignText,
    },

    /// The case is to have a limit that is none, since the plugin's own is as strict.
    #[error(
        "`{}`: the limit `{limit}` is no stricter than the one in the manifest of `{plugin}`: lower it, or leave it \
         out",
        ForeignText::of_path(path)
    )]
    Looser {
        /// The front file.
        path: PathBuf,
        /// Which limit.
        limit: Limit,
        /// The plugin's name.
        plugin: ForeignText,
    },

    /// The case has the name of a snapshot of another test.
    #[error(
        "`{}` would have the snapshot of another test, which is called so: give the case a name with a dot, as `{}.txt`",
        ForeignText::of_path(path), ForeignText::of_path(path.file_name().unwrap_or_default())
    )]
    Name {
        /// The case's file.
        path: PathBuf,
    },

    /// A link is where a snapshot or a folder of snapshots is to be.
    #[error(
        "`{}` is a link, and a snapshot is kept in the project's own files: remove it",
        ForeignText::of_path(path)
    )]
    Link {
        /// The link.
        path: PathBuf,
    },

    /// The limits of the case are not those of a call.
    #[error("`{}`", ForeignText::of_path(path))]
    Limits {
        /// The front file.
        path: PathBuf,
        /// Which is not.
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
        "`{}` is no case of `{plugin}`: nothing is known to call with such a file in a plugin that exports {exports}",
        ForeignText::of_path(path)
    )]
    NoForm {
        /// The case's file.
        path: PathBuf,
        /// The plugin's name.
        plugin: ForeignText,
        /// What it exports.
        exports: ForeignText,
    },

    /// The script is none, or what it says cannot be done.
    #[error("`{}`", ForeignText::of_path(path))]
    Script {
        /// The file of the script.
        path: PathBuf,
        /// What is wrong with it, and where.
        source: ScriptError,
    },

    /// The call was not made, for a reason that is not the plugin's.
    #[error("{0}")]
    Call(ForeignText),
}

/// The error as a test fails with it.
pub(crate) fn failed(error: &CaseError) -> Failed {
    told(error).into()
}

/// What the error says, and what is behind it, in one line.
pub(crate) fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}
