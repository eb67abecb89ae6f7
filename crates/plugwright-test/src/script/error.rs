//! What is wrong with a script, and where.

/// What is wrong with a script: where it is no script, or what of it cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
#[non_exhaustive]
pub struct ScriptError {
    /// The line, from 1.
    pub line: usize,
    /// The column in the line, in characters, from 1.
    pub column: usize,
    /// What is wrong, and what to type.
    pub message: String,
}

impl ScriptError {
    /// The error at that byte of the script's text.
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
