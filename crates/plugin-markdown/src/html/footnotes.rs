//! Footnotes as GitHub writes them: a number where one is referred to, all of them at the end in the order of
//! their numbers, and a way back from each. Ids begin with `fn-` and `fnref-`, so that none is another
//! element's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};
use pulldown_cmark_escape::escape_href;

/// What is known of the footnotes of a document so far.
#[derive(Default)]
pub(crate) struct Footnotes<'a> {
    /// Those that are referred to, and how often, in order.
    numbered: Vec<(CowStr<'a>, usize)>,
    /// By their names, for which large letters are as good as small ones.
    numbers: HashMap<String, usize>,
    definitions: HashMap<String, Vec<Event<'a>>>,
    /// The one that is being defined.
    inside: Option<String>,
}

impl<'a> Footnotes<'a> {
    /// Passes on what is no footnote, with references as they are written.
    pub(crate) fn take(this: &RefCell<Self>, event: Event<'a>) -> Option<Event<'a>> {
        let mut this = this.borrow_mut();
        match (event, this.inside.clone()) {
            (Event::Start(Tag::FootnoteDefinition(name)), _) => {
                let name = folded(&name);
                // Of two of the same name, the first counts.
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
        // As it was written first.
        let (number, id) = (index + 1, id(&self.numbered[index].0));
        let again = again(self.numbered[index].1);
        Event::InlineHtml(CowStr::from(format!(
            "<sup class=\"footnote-ref\"><a href=\"#fn-{id}\" id=\"fnref-{id}{again}\" data-footnote-ref>{number}</a></sup>"
        )))
    }

    /// Writes all that were referred to, which those can refer to, too. What they hold is for `write` to write.
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
            // The way back is in the last paragraph, if the footnote ends with one.
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

/// A name as it is compared.
fn folded(name: &str) -> String {
    name.to_uppercase().to_lowercase()
}

/// What tells a reference from the first one to the same footnote.
fn again(time: usize) -> String {
    if time > 1 { format!("-{time}") } else { String::new() }
}

fn id(name: &str) -> String {
    let mut id = String::new();
    // It cannot fail: it writes to a string.
    _ = escape_href(&mut id, name);
    id
}
