//! The error of a script, with its place.

/// What is wrong with a script: a mistake in its text, or a statement that cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
#[non_exhaustive]
pub struct ScriptError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in the line, in characters, counted from 1.
    pub column: usize,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl ScriptError {
    /// Makes the error at the byte `at` of the script's text.
    pub(crate) fn at(text: &str, at: usize, message: String) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        let breaks = before.bytes().filter(|byte| *byte == b'\n').count();
        Self {
            line: breaks.saturating_add(1),
            column: line.chars().count().saturating_add(1),
            message,
        }
    }
}
