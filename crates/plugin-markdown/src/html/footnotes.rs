//! Footnotes, as GitHub writes them: a number at each reference, all footnotes at the end in the order of their
//! numbers, and links back from each. Ids begin with `fn-` and `fnref-`, so that they differ from the ids of other
//! elements.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};
use pulldown_cmark_escape::escape_href;

/// The footnotes of a document so far.
#[derive(Default)]
pub(crate) struct Footnotes<'a> {
    /// The referenced footnotes, with the number of their references, in order.
    numbered: Vec<(CowStr<'a>, usize)>,
    /// The footnotes by name. Upper and lower case do not differ.
    numbers: HashMap<String, usize>,
    definitions: HashMap<String, Vec<Event<'a>>>,
    /// The footnote that is being defined.
    inside: Option<String>,
}

impl<'a> Footnotes<'a> {
    /// Passes on everything except footnotes, with references as HTML.
    pub(crate) fn take(this: &RefCell<Self>, event: Event<'a>) -> Option<Event<'a>> {
        let mut this = this.borrow_mut();
        match (event, this.inside.clone()) {
            (Event::Start(Tag::FootnoteDefinition(name)), _) => {
                let name = folded(&name);
                // If two footnotes have the same name, the first one counts.
                this.definitions.entry(name.clone()).or_default();
                this.inside = Some(name);
                None
            }
            (Event::End(TagEnd::FootnoteDefinition), _) => {
                this.inside = None;
                None
            }
            (event, Some(name)) => {
                this.definitions.entry(name).or_default().push(event);
                None
            }
            (Event::FootnoteReference(name), None) => Some(this.reference(&name)),
            (event, None) => Some(event),
        }
    }

    fn reference(&mut self, name: &CowStr<'a>) -> Event<'a> {
        let next = self.numbered.len();
        let index = *self.numbers.entry(folded(name)).or_insert(next);
        if index == next {
            self.numbered.push((name.clone(), 0));
        }
        self.numbered[index].1 += 1;
        // The id has the name as it was written first.
        let (number, id) = (index + 1, id(&self.numbered[index].0));
        let again = again(self.numbered[index].1);
        Event::InlineHtml(CowStr::from(format!(
            "<sup class=\"footnote-ref\"><a href=\"#fn-{id}\" id=\"fnref-{id}{again}\" data-footnote-ref>{number}</a></sup>"
        )))
    }

    /// Writes all referenced footnotes, which may reference further ones. `write` renders their contents.
    pub(crate) fn finish(
        mut self,
        text: &mut String,
        mut write: impl FnMut(&mut String, Vec<Event<'a>>),
    ) {
        let mut written = Vec::new();
        while let Some((name, _)) = self.numbered.get(written.len()) {
            let name = name.clone();
            let events = self.definitions.remove(&folded(&name)).unwrap_or_default();
            let events: Vec<_> = events
                .into_iter()
                .map(|event| match event {
                    Event::FootnoteReference(name) => self.reference(&name),
                    event => event,
                })
                .collect();
            written.push((name, events));
        }
        if written.is_empty() {
            return;
        }
        text.push_str("<section class=\"footnotes\" data-footnotes>\n<ol>\n");
        for (index, (name, mut events)) in written.into_iter().enumerate() {
            let (number, id) = (index + 1, id(&name));
            let mut back = String::new();
            for time in 1..=self.numbered[index].1 {
                let again = again(time);
                let mark = if time > 1 {
                    format!("<sup class=\"footnote-ref\">{time}</sup>")
                } else {
                    String::new()
                };
                _ = write!(
                    back,
                    "{}<a href=\"#fnref-{id}{again}\" class=\"footnote-backref\" data-footnote-backref \
                     data-footnote-backref-idx=\"{number}{again}\" aria-label=\"Back to reference {number}{again}\">↩{mark}</a>",
                    if time > 1 { " " } else { "" }
                );
            }
            // The link back is in the last paragraph, if the footnote ends with a paragraph.
            let last = matches!(events.last(), Some(Event::End(TagEnd::Paragraph)));
            let end = last.then(|| events.pop()).flatten();
            _ = writeln!(text, "<li id=\"fn-{id}\">");
            if end.is_some() {
                events.push(Event::InlineHtml(CowStr::from(format!(" {back}"))));
                events.extend(end);
                write(text, events);
            } else {
                write(text, events);
                _ = writeln!(text, "{back}");
            }
            text.push_str("</li>\n");
        }
        text.push_str("</ol>\n</section>\n");
    }
}

/// Normalises a name for comparisons.
fn folded(name: &str) -> String {
    name.to_uppercase().to_lowercase()
}

/// Returns the suffix that distinguishes later references to the same footnote.
fn again(time: usize) -> String {
    if time > 1 { format!("-{time}") } else { String::new() }
}

fn id(name: &str) -> String {
    let mut id = String::new();
    // Writing to a string cannot fail.
    _ = escape_href(&mut id, name);
    id
}
