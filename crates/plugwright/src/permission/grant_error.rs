//! The error of grants that cannot be given.

use std::path::PathBuf;

use crate::text::foreign_text::ForeignText;

/// The reason why something cannot be granted.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The folder cannot be given.
    #[error("cannot grant the folder `{}`: {reason}", ForeignText::of_path(path))]
    Folder {
        /// The path of the folder on the host.
        path: PathBuf,
        /// The reason.
        reason: ForeignText,
    },
    /// The environment variable cannot be given.
    #[error("cannot grant the environment variable `{name}`: {reason}")]
    Variable {
        /// Its name.
        name: ForeignText,
        /// The reason.
        reason: &'static str,
    },
    /// HTTP requests to the origin cannot be granted.
    #[error("cannot grant requests to `{origin}`: {reason}")]
    Origin {
        /// The origin, as it was given.
        origin: ForeignText,
        /// The reason.
        reason: &'static str,
    },
}
