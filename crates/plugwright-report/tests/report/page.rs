//! Checks of every page: it is well formed, and refers to nothing outside.

use std::collections::BTreeSet;

/// A tag: its name, and its attributes.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

/// Returns the tags of a page. No text contains `<`, and no attribute contains `>` outside of quotes.
fn tags(page: &str) -> Vec<Tag<'_>> {
    let (before, rest) = page.split_once("<style>").expect("a style");
    let (_, after) = rest.split_once("</style>").expect("its end");
    [before, after].into_iter().flat_map(of_text).collect()
}

fn of_text(text: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        let name_end = after.find([' ', '>']).expect("an end");
        let (name, mut inside) = after.split_at(name_end);
        let mut attributes = Vec::new();
        while let Some(next) = inside.strip_prefix(' ') {
            let end = next.find(['=', ' ', '>']).expect("an end");
            let (key, value) = next.split_at(end);
            match value.strip_prefix("=\"") {
                Some(value) => {
                    let (value, after) = value.split_once('"').expect("a quote");
                    attributes.push((key, value));
                    inside = after;
                }
                None => {
                    attributes.push((key, ""));
                    inside = value;
                }
            }
        }
        rest = inside
            .strip_prefix('>')
            .unwrap_or_else(|| panic!("`{}`", &inside[..inside.len().min(80)]));
        tags.push(Tag { name, attributes });
    }
    tags
}

/// Returns the text of the page without its tags, with one line for each piece.
pub(crate) fn text(page: &str) -> String {
    let body = page.split_once("<body>").expect("a body").1;
    let pieces = body.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text);
    let text: Vec<_> = pieces.map(str::trim).filter(|it| !it.is_empty()).collect();
    let text = text.join("\n");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Panics if the page is not well formed, or if it links to or loads anything outside.
pub(crate) fn check(page: &str) {
    const VOID: [&str; 4] = ["!DOCTYPE", "meta", "br", "wbr"];
    let tags = tags(page);
    let (mut open, mut ids, mut links) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for Tag { name, attributes } in &tags {
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if VOID.contains(name) => {}
            None => open.push(*name),
        }
        let refused =
            ["script", "link", "img", "iframe", "object", "embed", "form", "base", "image", "use"];
        assert!(refused.iter().all(|it| it != name), "<{name}>");
        // On a narrow screen, a row is a card, and each cell shows its label.
        let is_said = |(key, value): &(&str, &str)| {
            *key == "colspan" || *key == "data-label" && !value.is_empty()
        };
        assert!(*name != "td" || attributes.iter().any(is_said), "a cell without a label");
        for (key, value) in attributes {
            match *key {
                "id" => assert!(ids.insert(*value), "the id {value} is there twice"),
                "href" => {
                    let id = value.strip_prefix('#');
                    links.insert(id.unwrap_or_else(|| panic!("{value} leads elsewhere")));
                }
                "aria-labelledby" => {
                    links.insert(value);
                }
                _ => {
                    let is_event = key.starts_with("on");
                    let is_source =
                        ["src", "srcset", "style", "action", "xlink:href", "data", "poster"];
                    assert!(!is_event && !is_source.contains(key), "{name} {key}={value}");
                }
            }
        }
    }
    assert_eq!(open, [""; 0]);
    let missing: Vec<_> = links.difference(&ids).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let style = page.split_once("<style>").and_then(|(_, it)| it.split_once("</style>"));
    let (style, _) = style.expect("one style");
    for word in ["url(", "@import", "http:", "https:", "//"] {
        assert!(!style.contains(word), "{word}");
    }
    let steers = |c: &char| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{2069}').contains(c);
    assert_eq!(page.chars().find(steers), None);
}
