//! A file of a repository that is begun.

/// A file of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Where it is, with `/` between its parts.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) text: String,
    /// Whether it is run.
    pub(crate) is_program: bool,
}

impl File {
    /// A file of that text.
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), is_program: false }
    }
}
