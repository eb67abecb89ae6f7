//! A file of a new repository.

/// A file of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// The path in the repository, with `/` as the separator.
    pub(crate) path: String,
    /// The contents.
    pub(crate) text: String,
    /// Whether the file is executable.
    pub(crate) is_program: bool,
}

impl File {
    /// Creates a file that is not executable.
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), is_program: false }
    }
}
