//! TOML that people write: what is wrong with it, and where.

#![warn(clippy::arithmetic_side_effects)]

use std::ops::Range;

use serde::de::DeserializeOwned;

use crate::ForeignText;
use crate::foreign_text::is_shown;

/// What is wrong with a [`Manifest`](crate::Manifest) or a [`Policy`](crate::Policy), and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct TomlError {
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: ForeignText,
}

impl TomlError {
    pub(crate) fn at(text: &str, span: &Range<usize>, message: impl Into<ForeignText>) -> Self {
        // The end of a text is a place in it, too, and the span is the parser's.
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count().saturating_add(1),
            column: line.chars().count().saturating_add(1),
            message: message.into(),
        }
    }
}

/// The text as a string of TOML, in which every character can be seen. Shown as [`ForeignText`] it stays as it is,
/// wherever it stands.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // After itself no character is shown that depends on what is before it.
            _ if is_shown(c, c) => quoted.push(c),
            _ => quoted += &format!("\\U{:08X}", u32::from(c)),
        }
    }
    quoted.push('"');
    quoted
}

pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|error| {
        TomlError::at(text, &error.span().unwrap_or_default(), error.message().trim_end())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_is_read_as_it_was() {
        for c in
            ('\0'..='\u{3000}').chain(['\u{feff}', '\u{fe0f}', '\u{fffc}', '\u{e0041}', char::MAX])
        {
            let text = format!("a{c}{c}\"\\");
            let line = format!("text = {}", quoted(&text));
            assert_eq!(ForeignText::from(&*line).whole().to_string(), line);
            let table: toml::Table = toml::from_str(&line).expect("it is TOML");
            assert_eq!(table["text"].as_str(), Some(&*text));
        }
    }
}
