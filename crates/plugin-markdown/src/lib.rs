//! Turns Markdown into HTML, in the world `transformer`.
//!
//! The Markdown is CommonMark with GitHub's tables, footnotes, strikethrough and task lists, as
//! pulldown-cmark reads it. The HTML is safe to show unless the option `unsafe-html` is set. YAML
//! front matter becomes attributes of the document.
#![expect(missing_docs, unsafe_code, reason = "what wit-bindgen generates")]

mod front_matter;
mod html;
mod options;

wit_bindgen::generate!({ path: "../../wit", world: "transformer" });

use exports::plugwright::plugin::transform::{
    Attribute, Description, Document, Failure, Guest, InvalidInput, Location, Setting,
};
use options::Options;
use plugwright::plugin::host::{self, Field, Level};

struct Markdown;

export!(Markdown);

impl Guest for Markdown {
    fn describe() -> Description {
        Description {
            name: "markdown".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "turns Markdown into HTML".to_owned(),
            takes: vec!["text/markdown".to_owned(), "text/plain".to_owned()],
            gives: vec!["text/html".to_owned()],
            options: options::describe(),
        }
    }

    fn transform(input: Document, settings: Vec<Setting>) -> Result<Document, Failure> {
        let options = Options::from_settings(settings)?;
        let text = text(&input.body)?;
        let (front_matter, markdown) =
            if options.front_matter { front_matter::split(text) } else { (None, text) };
        let mut attributes = input.attributes;
        for attribute in front_matter.map_or(Ok(Vec::new()), front_matter::read)? {
            set(&mut attributes, attribute);
        }

        let html = html::render(markdown, options.unsafe_html);
        if html.escaped > 0 {
            let pieces = Field { key: "pieces".to_owned(), value: html.escaped.to_string() };
            host::log(Level::Warn, "raw HTML or unsafe links were made harmless", &[pieces]);
        }
        let stem = input.name.rsplit_once('.').map_or(&*input.name, |(stem, _)| stem);
        Ok(Document {
            name: format!("{stem}.html"),
            media_type: "text/html".to_owned(),
            body: html.text.into_bytes(),
            attributes,
        })
    }
}

/// The document's text, without a byte order mark.
fn text(body: &[u8]) -> Result<&str, Failure> {
    match std::str::from_utf8(body) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let (valid, rest) = body.split_at(error.valid_up_to());
            let valid = String::from_utf8_lossy(valid);
            let line_start = valid.rfind('\n').map_or(0, |newline| newline + 1);
            let line = valid.matches('\n').count() + 1;
            let column = valid[line_start..].chars().count() + 1;
            let byte = rest.first().copied().unwrap_or_default();
            Err(Failure::InvalidInput(InvalidInput {
                message: format!("the byte {byte:#04x} is not UTF-8 here"),
                at: Some(location(line, column)),
            }))
        }
    }
}

/// A place in the document; both numbers count from 1.
fn location(line: usize, column: usize) -> Location {
    let bounded = |number| u32::try_from(number).unwrap_or(u32::MAX);
    Location { line: bounded(line), column: bounded(column) }
}

/// Adds the attribute, or gives the one of its name another value.
fn set(attributes: &mut Vec<Attribute>, attribute: Attribute) {
    match attributes.iter_mut().find(|old| old.key == attribute.key) {
        Some(old) => *old = attribute,
        None => attributes.push(attribute),
    }
}
