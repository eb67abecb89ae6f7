//! Renders Markdown as HTML, which is harmless by default.

mod autolinks;
mod footnotes;

use std::cell::RefCell;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream, html};

use footnotes::Footnotes;

/// The rendered document.
pub(crate) struct Html {
    pub(crate) text: String,
    /// The number of pieces of raw HTML that were escaped, and of links that were emptied.
    pub(crate) escaped: usize,
}

/// How raw HTML is passed through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raw {
    /// As text. Links that a browser would run lose their target.
    Escaped,
    /// Unchanged, except for the tags that GitHub filters.
    Filtered,
    AsItIs,
}

/// Tags that change how a browser reads the following text, by GitHub's specification.
const FILTERED: [&str; 9] =
    ["title", "textarea", "style", "xmp", "iframe", "noembed", "noframes", "script", "plaintext"];

/// Renders `markdown`. If `autolinks` is set, addresses in text become links.
pub(crate) fn render(markdown: &str, raw: Raw, autolinks: bool) -> Html {
    let extensions = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    let mut escaped = 0;
    let events = Parser::new_ext(markdown, extensions).map(|event| match raw {
        Raw::Escaped => harmless(event, &mut escaped),
        Raw::Filtered => filtered(event),
        Raw::AsItIs => event,
    });
    let footnotes = RefCell::new(Footnotes::default());
    let mut events = events.filter_map(|event| Footnotes::take(&footnotes, event));
    let mut text = String::with_capacity(markdown.len() * 3 / 2);
    if autolinks {
        let mut linked = Linked::default();
        push(&mut text, &mut TextMergeStream::new(events).flat_map(|event| linked.take(event)));
    } else {
        push(&mut text, &mut events);
    }
    footnotes.into_inner().finish(&mut text, |text, events| {
        let mut linked = Linked::default();
        let merged = TextMergeStream::new(events.into_iter());
        let mut events =
            merged.flat_map(|event| if autolinks { linked.take(event) } else { vec![event] });
        push(text, &mut events);
    });
    Html { text, escaped }
}

/// Writes the events as HTML. The iterator is dynamic, so that the plugin contains this code only once.
fn push<'a>(text: &mut String, events: &mut dyn Iterator<Item = Event<'a>>) {
    html::push_html(text, events);
}

/// Tracks where addresses in text become links.
#[derive(Default)]
struct Linked {
    /// The number of open elements in which they do not: links and code.
    inside: usize,
}

impl Linked {
    fn take<'a>(&mut self, event: Event<'a>) -> Vec<Event<'a>> {
        let mut events = Vec::with_capacity(1);
        match event {
            Event::Text(text) if self.inside == 0 => autolinks::links(text, &mut events),
            event => {
                match &event {
                    Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => {
                        self.inside += 1;
                    }
                    Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => {
                        self.inside = self.inside.saturating_sub(1);
                    }
                    _ => {}
                }
                events.push(event);
            }
        }
        events
    }
}

/// Returns raw HTML with the `<` of filtered tags escaped.
fn filtered(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(raw) => Event::Html(without_tags(raw)),
        Event::InlineHtml(raw) => Event::InlineHtml(without_tags(raw)),
        other => other,
    }
}

fn without_tags(raw: CowStr<'_>) -> CowStr<'_> {
    let is_filtered = |rest: &str| {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        FILTERED.iter().any(|name| {
            rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
                && rest[name.len()..]
                    .starts_with(|c: char| c.is_whitespace() || c == '>' || c == '/')
        })
    };
    if !raw.match_indices('<').any(|(at, _)| is_filtered(&raw[at + 1..])) {
        return raw;
    }
    let mut pieces = raw.split('<');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str(if is_filtered(piece) { "&lt;" } else { "<" });
        text.push_str(piece);
    }
    CowStr::from(text)
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

/// Returns whether a browser might run the target of `url`, or read a local file.
///
/// The list is that of cmark's safe mode. Browsers ignore white space and control characters in a scheme, so this
/// function does, too.
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
