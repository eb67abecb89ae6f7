//! TOML that people write: what is wrong with it, and where.

use std::ops::Range;

use serde::de::DeserializeOwned;

/// What is wrong with a [`Manifest`](crate::Manifest) or a [`Policy`](crate::Policy), and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct TomlError {
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

impl TomlError {
    pub(crate) fn at(text: &str, span: &Range<usize>, message: impl Into<String>) -> Self {
        // The end of a text is a place in it, too, and the span is the parser's.
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            message: message.into(),
        }
    }
}

pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|error| {
        TomlError::at(text, &error.span().unwrap_or_default(), error.message().trim_end())
    })
}
