//! Makes text safe to show on a terminal.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use plugwright::ForeignText;

/// Returns the text with control and invisible characters escaped, except line breaks. Foreign text should already be
/// [`ForeignText`]; this covers any that was forgotten.
pub(crate) fn visible(text: &str) -> String {
    let lines = text.split('\n').map(|line| ForeignText::from(line).whole().to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns clap's error with control and invisible characters escaped in the arguments that it repeats.
pub(crate) fn visible_error(mut error: clap::Error) -> clap::Error {
    let escaped = |text: &String| ForeignText::from(&**text).whole().to_string();
    let context: Vec<_> = error.context().map(|(kind, value)| (kind, value.clone())).collect();
    let plain = context.iter().flat_map(|(_, value)| match value {
        ContextValue::String(text) => std::slice::from_ref(text),
        ContextValue::Strings(texts) => texts,
        _ => &[],
    });
    let repeated: Vec<_> = plain.map(|text| (text.clone(), escaped(text))).collect();
    // A styled text has control characters of its own.
    let in_styled = |styled: &StyledStr| {
        let text = styled.ansi().to_string();
        let text = repeated.iter().fold(text, |text, (raw, shown)| match raw == shown {
            true => text,
            false => text.replace(&**raw, shown),
        });
        StyledStr::from(text)
    };
    for (kind, value) in &context {
        // The usage repeats no argument.
        if *kind == ContextKind::Usage {
            continue;
        }
        let value = match value {
            ContextValue::String(text) => ContextValue::String(escaped(text)),
            ContextValue::Strings(texts) => {
                ContextValue::Strings(texts.iter().map(escaped).collect())
            }
            ContextValue::StyledStr(text) => ContextValue::StyledStr(in_styled(text)),
            ContextValue::StyledStrs(texts) => {
                ContextValue::StyledStrs(texts.iter().map(in_styled).collect())
            }
            other => other.clone(),
        };
        error.insert(*kind, value);
    }
    error
}

/// Returns JSON with control and invisible characters in JSON's escapes. [`visible`] would escape them in another way.
pub(crate) fn visible_json(json: &str) -> String {
    let mut visible = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, ' '..='~' | '\n') || is_always_visible(c) {
            visible.push(c);
            continue;
        }
        // In JSON, such a character can only be in a string.
        for unit in c.encode_utf16(&mut [0; 2]) {
            visible += &format!("\\u{unit:04x}");
        }
    }
    visible
}

/// Returns whether the character is visible after any other character. Joiners and selectors are only allowed after
/// some characters, and never after themselves.
fn is_always_visible(c: char) -> bool {
    let twice = String::from_iter([c, c]);
    ForeignText::from(&*twice).whole().to_string() == twice
}
