//! Makes text safe to show on a terminal.

use plugwright::ForeignText;

/// Returns the text with control and invisible characters escaped, except line breaks. Foreign text should already be
/// [`ForeignText`]; this covers any that was forgotten.
pub(crate) fn visible(text: &str) -> String {
    let lines = text.split('\n').map(|line| ForeignText::from(line).whole().to_string());
    lines.collect::<Vec<_>>().join("\n")
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
