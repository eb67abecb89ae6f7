//! Reads TOML that people write, and reports what is wrong with it and where.

#![warn(clippy::arithmetic_side_effects)]

use std::ops::Range;

use serde::de::DeserializeOwned;

use crate::text::foreign_text::{ForeignText, brief, is_shown};

/// What is wrong with a [`Manifest`](crate::Manifest), a [`Policy`](crate::Policy) or other TOML, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct TomlError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: ForeignText,
}

impl TomlError {
    pub(crate) fn at(text: &str, span: &Range<usize>, message: impl Into<ForeignText>) -> Self {
        // The parser's span may begin at the end of the text.
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count().saturating_add(1),
            column: line.chars().count().saturating_add(1),
            message: message.into(),
        }
    }
}

/// Returns the text as a TOML string in which every character is visible. [`ForeignText`] shows it unchanged, after any
/// other text.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // Characters that depend on the one before them are not shown after themselves, so they are escaped.
            _ if is_shown(c, c) => quoted.push(c),
            _ => quoted += &format!("\\U{:08X}", u32::from(c)),
        }
    }
    quoted.push('"');
    quoted
}

/// Reads TOML that people write. `forms` are examples of what the text can contain, one line each, such as
/// `limits = ["deadline=2s"]` and `[[stage]]`. An error about the form of a key shows the example for this key.
///
/// # Errors
///
/// [`TomlError`] if the text is not TOML, or does not have the structure of `T`.
pub fn read_toml<T: DeserializeOwned>(text: &str, forms: &[&str]) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let span = error.span().unwrap_or_default();
        let message = told(error.message().trim_end(), text, &span, forms);
        TomlError::at(text, &span, message)
    })
}

/// Rewrites the parser's message for the author of the text. The parser has no error types for this, only text.
fn told(message: &str, text: &str, span: &Range<usize>, forms: &[&str]) -> String {
    let form_of = |key: &str| forms.iter().find(|form| key_in(form) == Some(key));
    if message.starts_with("string values must be quoted") || message.starts_with("invalid boolean")
    {
        let value = text.get(span.clone()).unwrap_or_default();
        let (lowercase, shown) = (value.to_ascii_lowercase(), brief(value));
        return match &*lowercase {
            "" => "the value is missing".to_owned(),
            "true" | "false" => format!("`{shown}` is written `{lowercase}`"),
            _ => format!("`{shown}` is not a value: write text in quotes, as {}", quoted(value)),
        };
    }
    let is_odd = |begin: &&str| message.starts_with(*begin);
    if ["invalid type: ", "unexpected `=` in array"].iter().any(is_odd)
        && let Some((key, form)) = lines_to(text, span.start)
            .rev()
            .filter_map(key_in)
            .find_map(|key| Some((key, form_of(key)?)))
    {
        return format!("`{key}` is written `{form}`");
    }
    let unknown =
        message.strip_prefix("unknown field ").and_then(|it| it.rsplit_once(", expected "));
    if let Some((key, known)) = unknown {
        let known = known.strip_prefix("one of ").unwrap_or(known);
        return format!("there is no key {key}, only {known}");
    }
    let missing = message.strip_prefix("missing field `").and_then(|it| it.strip_suffix('`'));
    match missing.map(|key| (key, form_of(key))) {
        Some((key, Some(form))) => format!("`{key}` is missing: it is written `{form}`"),
        Some((key, None)) => format!("`{key}` is missing"),
        None => message.to_owned(),
    }
}

/// Returns the lines up to the one that contains `place`.
fn lines_to(text: &str, place: usize) -> std::str::Lines<'_> {
    let rest = text.get(place..).and_then(|rest| rest.find('\n')).unwrap_or(text.len());
    text.get(..place.saturating_add(rest)).unwrap_or(text).lines()
}

/// Returns the key that a line begins with, or the name of its table.
fn key_in(line: &str) -> Option<&str> {
    let line = line.trim_start().trim_start_matches('[');
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let (key, _) = line.split_at_checked(line.find(|c| !is_of_key(c)).unwrap_or(line.len()))?;
    key.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(key)
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
