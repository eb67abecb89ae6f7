//! Texts in which nothing steers a terminal.

use plugwright::ForeignText;

/// The text with all but its line breaks written out that steers a terminal or cannot be seen. What of it
/// others wrote is [`ForeignText`] already; this is for what was forgotten.
pub(crate) fn visible(text: &str) -> String {
    let lines = text.split('\n').map(|line| ForeignText::from(line).whole().to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// JSON, in which what steers a terminal or cannot be seen is written as JSON does. It is not for [`visible`],
/// which would write it in another way.
pub(crate) fn visible_json(json: &str) -> String {
    let mut visible = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, ' '..='~' | '\n') || is_always_visible(c) {
            visible.push(c);
            continue;
        }
        // Such a character stands in a string, and nowhere else.
        for unit in c.encode_utf16(&mut [0; 2]) {
            visible += &format!("\\u{unit:04x}");
        }
    }
    visible
}

/// Whether the character is visible whatever is before it: joiners and selectors are after some characters, and
/// never after themselves.
fn is_always_visible(c: char) -> bool {
    let twice = String::from_iter([c, c]);
    ForeignText::from(&*twice).whole().to_string() == twice
}
