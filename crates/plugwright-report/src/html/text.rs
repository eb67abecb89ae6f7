//! Foreign texts on the page.

use maud::{Markup, html};

use crate::item::{Item, Mark};
use crate::words::{Piece, pieces};

/// Renders a name as code. Right-to-left letters in it do not affect the text around it.
pub(super) fn name(name: &str) -> Markup {
    html! { code class=[is_option(name).then_some("option")] dir="auto" { (name) } }
}

/// The longest option that stays on one line, in characters. Every line has room for it.
const OPTION: usize = 24;

/// Returns whether the name is an option, which must not be broken after `--`.
fn is_option(name: &str) -> bool {
    name.starts_with("--") && name.len() <= OPTION && !name.contains(char::is_whitespace)
}

/// Renders a text with names in backquotes.
pub(super) fn said(text: &str) -> Markup {
    html! {
        @for piece in pieces(text) {
            @match piece {
                Piece::Plain(text) => { (text) }
                Piece::Code(text) => { (name(text)) }
            }
        }
    }
}

/// Renders the paragraphs of a contract's documentation, which empty lines separate. Items of a list begin on a new line.
pub(super) fn documentation(text: Option<&str>) -> Markup {
    let paragraphs = text.into_iter().flat_map(|text| text.split("\n\n")).map(str::trim);
    let marks = ["- ", "* ", "|", "```"];
    let is_of_list = |line: &str| marks.iter().any(|mark| line.trim_start().starts_with(mark));
    html! {
        @for paragraph in paragraphs.filter(|it| !it.is_empty()) {
            p.said {
                @for (index, line) in paragraph.lines().enumerate() {
                    @if index > 0 { @if is_of_list(line) { br; } @else { " " } }
                    (said(line))
                }
            }
        }
    }
}

/// Returns the id of a place on the page. Different names have different ids.
pub(super) fn id(kind: &str, name: &str) -> String {
    let mut id = format!("{kind}-");
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => id.push(char::from(byte)),
            _ => id += &format!("_{byte:02x}"),
        }
    }
    id
}

/// The greatest number of unchanged items that are not folded.
const AT_ONCE: usize = 8;

/// Renders the items of a list. Changed items have a sign and a word.
pub(super) fn items(items: &[Item], none: &str) -> Markup {
    let (same, changed): (Vec<_>, Vec<_>) = items.iter().partition(|it| it.mark == Mark::Same);
    html! {
        @if items.is_empty() {
            p.quiet { (none) }
        } @else if same.len() <= AT_ONCE {
            (list(items))
        } @else {
            (list(changed.iter().copied()))
            details {
                summary { (same.len()) @if !changed.is_empty() { " as before" } }
                (list(same))
            }
        }
    }
}

/// Renders all items of a list, without folding.
pub(super) fn list<'a>(items: impl IntoIterator<Item = &'a Item>) -> Markup {
    listed(items, name)
}

/// Renders the texts of a list, with names in backquotes. Changed texts have a sign and a word.
pub(super) fn sentences<'a>(items: impl IntoIterator<Item = &'a Item>) -> Markup {
    listed(items, said)
}

fn listed<'a>(items: impl IntoIterator<Item = &'a Item>, shown: fn(&str) -> Markup) -> Markup {
    html! {
        ul.items {
            @for item in items {
                li class=[class(item.mark)] {
                    (shown(&item.text))
                    @match item.mark {
                        Mark::Same => {}
                        Mark::New => { " " strong.mark { "+ new" } }
                        Mark::Gone => { " " strong.mark { "− gone" } }
                    }
                }
            }
        }
    }
}

fn class(mark: Mark) -> Option<&'static str> {
    match mark {
        Mark::Same => None,
        Mark::New => Some("new"),
        Mark::Gone => Some("gone"),
    }
}

/// Returns the number of changed items, in words.
pub(super) fn changed(items: &[Item]) -> String {
    let of = |mark: Mark| items.iter().filter(|item| item.mark == mark).count();
    match (of(Mark::New), of(Mark::Gone)) {
        (0, 0) => String::new(),
        (new, 0) => format!(", {new} new"),
        (0, gone) => format!(", {gone} gone"),
        (new, gone) => format!(", {new} new, {gone} gone"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_stays_in_one_line_if_it_has_room() {
        let shown = |text: &str| name(text).into_string();
        assert_eq!(shown("--base"), r#"<code class="option" dir="auto">--base</code>"#);
        for other in ["base", "--a b", &"-".repeat(25)] {
            assert!(!shown(other).contains("class"), "{other}");
        }
    }

    #[test]
    fn names_of_places_are_plain_and_of_one_name_each() {
        assert_eq!(id("plugin", "csv-json"), "plugin-csv-json");
        assert_eq!(id("plugin", "a b\"_"), "plugin-a_20b_22_5f");
        assert_eq!(id("plugin", "ä"), "plugin-_c3_a4");
    }
}
