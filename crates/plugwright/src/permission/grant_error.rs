//! Why something cannot be granted.

use std::path::PathBuf;

use crate::text::foreign_text::ForeignText;

/// Why something cannot be granted.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The folder cannot be given.
    #[error("cannot grant the folder `{}`: {reason}", ForeignText::of_path(path))]
    Folder {
        /// The folder, as the host has it.
        path: PathBuf,
        /// What stands against it.
        reason: ForeignText,
    },
    /// The environment variable cannot be given.
    #[error("cannot grant the environment variable `{name}`: {reason}")]
    Variable {
        /// Its name.
        name: ForeignText,
        /// What stands against it.
        reason: &'static str,
    },
    /// HTTP requests cannot be allowed to go there.
    #[error("cannot grant requests to `{origin}`: {reason}")]
    Origin {
        /// Where to, as it was given.
        origin: ForeignText,
        /// What stands against it.
        reason: &'static str,
    },
}
