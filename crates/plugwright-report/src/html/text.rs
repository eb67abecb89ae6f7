//! Texts of others, in their places on the page.

use maud::{Markup, html};

use crate::item::{Item, Mark};
use crate::words::{Piece, pieces};

/// A name, as code. Whoever reads its letters right to left does that within it.
pub(super) fn name(name: &str) -> Markup {
    html! { code class=[is_option(name).then_some("option")] dir="auto" { (name) } }
}

/// So many characters of an option stay in one line, which any line has room for.
const OPTION: usize = 24;

/// Says whether it is an option, which breaks nowhere: what follows `--` alone says nothing.
fn is_option(name: &str) -> bool {
    name.starts_with("--") && name.len() <= OPTION && !name.contains(char::is_whitespace)
}

/// A text in which names stand between backquotes.
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

/// Paragraphs of what a contract says, with an empty line between them. In one, a line begins anew where a list goes on.
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

/// The name of a place on the page, another one for each name.
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

/// So many things of a list that did not change are shown at once.
const AT_ONCE: usize = 8;

/// Things of a list, those that changed with a mark and a word.
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

/// The same, all at once.
pub(super) fn list<'a>(items: impl IntoIterator<Item = &'a Item>) -> Markup {
    listed(items, name)
}

/// Texts of a list in which names stand between backquotes, marked in the same way.
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

/// How many of the things changed, in words.
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
