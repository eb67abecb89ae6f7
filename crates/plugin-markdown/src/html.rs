//! Markdown to HTML, harmless unless it is asked for otherwise.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// What became of a document.
pub(crate) struct Html {
    pub(crate) text: String,
    /// How many pieces of raw HTML were escaped and links emptied.
    pub(crate) escaped: usize,
}

/// Renders `markdown`. Unless `unsafe_html` is set, raw HTML is shown as text and links that a
/// browser would run lose their target.
pub(crate) fn render(markdown: &str, unsafe_html: bool) -> Html {
    let extensions = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    let events = Parser::new_ext(markdown, extensions);
    let mut text = String::with_capacity(markdown.len() * 3 / 2);
    let mut escaped = 0;
    if unsafe_html {
        html::push_html(&mut text, events);
    } else {
        html::push_html(&mut text, events.map(|event| harmless(event, &mut escaped)));
    }
    Html { text, escaped }
}

fn harmless<'a>(event: Event<'a>, escaped: &mut usize) -> Event<'a> {
    match event {
        Event::Html(raw) => Event::Text(raw),
        Event::InlineHtml(raw) => {
            *escaped += 1;
            Event::Text(raw)
        }
        Event::Start(Tag::HtmlBlock) => {
            *escaped += 1;
            Event::Start(Tag::Paragraph)
        }
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) if runs(&dest_url) => {
            *escaped += 1;
            Event::Start(Tag::Link { link_type, dest_url: CowStr::Borrowed(""), title, id })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) if runs(&dest_url) => {
            *escaped += 1;
            Event::Start(Tag::Image { link_type, dest_url: CowStr::Borrowed(""), title, id })
        }
        other => other,
    }
}

/// Says whether a browser might run what `url` names, or read a local file.
///
/// The list is that of cmark's safe mode. Browsers pass over white space and control characters in
/// a scheme, so this does too.
fn runs(url: &str) -> bool {
    let url: String = url
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .take(20)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let image = ["data:image/png", "data:image/gif", "data:image/jpeg", "data:image/webp"];
    ["javascript:", "vbscript:", "file:", "data:"].iter().any(|scheme| url.starts_with(scheme))
        && !image.iter().any(|prefix| url.starts_with(prefix))
}
