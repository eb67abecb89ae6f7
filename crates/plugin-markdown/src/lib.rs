//! Turns Markdown into HTML, in the world `transformer`.
//!
//! The Markdown is CommonMark 0.31.2 with GitHub's tables, footnotes, strikethrough and task lists, as pulldown-cmark
//! reads it. The option `autolinks` adds GitHub's links of bare addresses. The HTML is safe to show unless the option
//! `unsafe-html` is set. YAML front matter becomes attributes of the document.

mod front_matter;
mod html;

use html::Raw;
use plugwright_guest::{Attribute, Attributes, Document, Failure, options, transformer, warn};

transformer! {
    summary: "turns Markdown into HTML",
    takes: ["text/markdown", "text/plain"],
    gives: ["text/html"],
    run: markdown(&Options)
}

options! {
    struct Options {
        /// `true` passes raw HTML and links such as `javascript:` on; `false` escapes the HTML and
        /// empties the links
        unsafe_html: bool = false;
        /// `true` shows tags such as `<script>` as text where `unsafe-html` passes raw HTML on, as GitHub does;
        /// `false` passes them on, too
        tag_filter: bool = false;
        /// `true` turns addresses in text into links, such as `www.example.org` and `somebody@example.org`, as GitHub
        /// does; `false` leaves them as text
        autolinks: bool = false;
        /// `true` reads YAML between `---` lines at the beginning into the document's attributes;
        /// `false` takes it as Markdown
        front_matter: bool = true;
    }
}

fn markdown(mut input: Document, options: &Options) -> Result<Document, Failure> {
    let text = input.text()?;
    let (front_matter, markdown) =
        if options.front_matter { front_matter::split(text) } else { (None, text) };
    let known = front_matter.map_or(Ok(Vec::new()), front_matter::read)?;
    let raw = match (options.unsafe_html, options.tag_filter) {
        (false, _) => Raw::Escaped,
        (true, true) => Raw::Filtered,
        (true, false) => Raw::AsItIs,
    };
    let html = html::render(markdown, raw, options.autolinks);
    if html.escaped > 0 {
        warn!("raw HTML or unsafe links were made harmless", pieces = html.escaped);
    }
    for Attribute { key, value } in known {
        Attributes(&mut input.attributes).update(key, value);
    }
    Ok(input.with_extension("html").with_media_type("text/html").with_body(html.text))
}
