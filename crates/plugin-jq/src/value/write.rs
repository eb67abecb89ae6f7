//! Writes values as JSON.

use super::{Text, Val, number};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Compact,
    /// Each value and each entry is on its own line, indented by two spaces more than its container.
    Indented,
}

/// A container that is being written.
enum Level<'a> {
    Array(std::slice::Iter<'a, Val>),
    Object(indexmap::map::Iter<'a, Text, Val>),
}

/// How many bytes of a value an error shows.
const TOLD: usize = 29;

/// Appends `value` to `to`. `nan` becomes `null`, and infinity becomes the largest number.
pub(crate) fn write(value: &Val, style: Style, to: &mut Vec<u8>) {
    bounded(value, style, to, usize::MAX);
}

/// Returns the beginning of a value, for an error.
pub(crate) fn told(value: &Val) -> String {
    let mut bytes = Vec::new();
    bounded(value, Style::Compact, &mut bytes, TOLD);
    let text = String::from_utf8_lossy(&bytes);
    if text.len() <= TOLD {
        return text.into_owned();
    }
    // A cut string still ends with a quote.
    let end = if text.starts_with('"') { "...\"" } else { "..." };
    format!("{}{end}", &text[..text.floor_char_boundary(TOLD - end.len())])
}

/// Writes a value, and stops after `most` bytes.
fn bounded(value: &Val, style: Style, to: &mut Vec<u8>, most: usize) {
    let mut levels = Vec::new();
    one(value, to, &mut levels, most);
    let mut first = true;
    while let Some(level) = levels.last_mut() {
        let (key, value, end) = match level {
            Level::Array(values) => (None, values.next(), b']'),
            Level::Object(entries) => match entries.next() {
                Some((key, value)) => (Some(key), Some(value), b'}'),
                None => (None, None, b'}'),
            },
        };
        let Some(value) = value else {
            levels.pop();
            if !first {
                line(style, levels.len(), to);
            }
            to.push(end);
            first = false;
            continue;
        };
        if !first {
            to.push(b',');
        }
        line(style, levels.len(), to);
        if let Some(key) = key {
            text(key, to);
            to.extend_from_slice(if style == Style::Indented { b": " } else { b":" });
        }
        let depth = levels.len();
        one(value, to, &mut levels, most);
        first = levels.len() > depth;
        if to.len() > most {
            return;
        }
    }
}

/// Writes a value. Of a container, writes only the beginning.
fn one<'a>(value: &'a Val, to: &mut Vec<u8>, levels: &mut Vec<Level<'a>>, most: usize) {
    match value {
        Val::Null => to.extend_from_slice(b"null"),
        Val::Bool(true) => to.extend_from_slice(b"true"),
        Val::Bool(false) => to.extend_from_slice(b"false"),
        Val::Number(number) => number::write(*number, to),
        Val::Decimal(decimal) => to.extend_from_slice(decimal.digits.as_bytes()),
        Val::Text(value) => text(&value[..value.floor_char_boundary(most.saturating_add(4))], to),
        Val::Array(array) => {
            to.push(b'[');
            levels.push(Level::Array(array.0.iter()));
        }
        Val::Object(object) => {
            to.push(b'{');
            levels.push(Level::Object(object.0.iter()));
        }
    }
}

fn line(style: Style, depth: usize, to: &mut Vec<u8>) {
    if style == Style::Indented {
        to.push(b'\n');
        to.resize(to.len() + 2 * depth, b' ');
    }
}

fn text(text: &str, to: &mut Vec<u8>) {
    const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";

    to.push(b'"');
    let mut rest = text.as_bytes();
    let special = |byte: &u8| matches!(byte, ..b' ' | b'"' | b'\\' | 0x7f);
    while let Some(place) = rest.iter().position(special) {
        to.extend_from_slice(&rest[..place]);
        match rest[place] {
            byte @ (b'"' | b'\\') => to.extend_from_slice(&[b'\\', byte]),
            b'\n' => to.extend_from_slice(b"\\n"),
            b'\r' => to.extend_from_slice(b"\\r"),
            b'\t' => to.extend_from_slice(b"\\t"),
            0x08 => to.extend_from_slice(b"\\b"),
            0x0c => to.extend_from_slice(b"\\f"),
            byte => {
                to.extend_from_slice(b"\\u00");
                let digit = |half: u8| HEXADECIMAL[usize::from(half)];
                to.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
            }
        }
        rest = &rest[place + 1..];
    }
    to.extend_from_slice(rest);
    to.push(b'"');
}
