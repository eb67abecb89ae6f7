//! Makes links of addresses in text, as GitHub's extended autolinks do.

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

/// The beginnings of addresses, each with the prefix that its link needs.
const BEGINNINGS: [(&str, &str); 4] =
    [("www.", "http://"), ("http://", ""), ("https://", ""), ("ftp://", "")];

/// The longest domain, and the longest name of an HTML entity.
const DOMAIN: usize = 253;
const NAME: usize = 32;

/// Makes links of the addresses in `text`, and passes everything else on.
pub(crate) fn links<'a>(text: CowStr<'a>, to: &mut Vec<Event<'a>>) {
    let mut done = 0;
    let mut at = 0;
    while let Some(place) = text[at..].find(['w', 'h', 'f', '@', 'W', 'H', 'F']) {
        at += place;
        match address(&text, done, at) {
            Some(Address { start, end, target }) => {
                if start > done {
                    to.push(Event::Text(CowStr::from(text[done..start].to_owned())));
                }
                let dest_url = CowStr::from(format!("{target}{}", &text[start..end]));
                let (title, id) = (CowStr::Borrowed(""), CowStr::Borrowed(""));
                let link_type = LinkType::Inline;
                to.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
                to.push(Event::Text(CowStr::from(text[start..end].to_owned())));
                to.push(Event::End(TagEnd::Link));
                (done, at) = (end, end);
            }
            None => at += 1,
        }
    }
    match done {
        0 => to.push(Event::Text(text)),
        _ if done < text.len() => to.push(Event::Text(CowStr::from(text[done..].to_owned()))),
        _ => {}
    }
}

struct Address {
    start: usize,
    end: usize,
    /// The prefix of the link.
    target: &'static str,
}

/// Finds the address that begins at a place, or that has its `@` there.
fn address(text: &str, from: usize, at: usize) -> Option<Address> {
    if text[at..].starts_with('@') {
        return mail(text, from, at);
    }
    let begins = |(beginning, _): &&(&str, &str)| {
        text.get(at..at + beginning.len()).is_some_and(|it| it.eq_ignore_ascii_case(beginning))
    };
    let (beginning, target) = *BEGINNINGS.iter().find(begins)?;
    let is_name = beginning == "www.";
    let before = text[..at].chars().next_back();
    let begins = match before {
        None => true,
        Some(c) if is_name => c.is_whitespace() || matches!(c, '*' | '_' | '~' | '('),
        Some(c) => !c.is_alphanumeric(),
    };
    if !begins {
        return None;
    }
    let domain = at + if is_name { 0 } else { beginning.len() };
    let length = domain_length(&text[domain..], if is_name { 2 } else { 1 })?;
    let rest = &text[domain + length..];
    let more = rest.find(|c: char| c.is_whitespace() || c == '<').unwrap_or(rest.len());
    let end = domain + length + more;
    let end = at + trimmed(&text[at..end]).len();
    (end > domain).then_some(Address { start: at, end, target })
}

/// Returns the length of a domain that has at least this many parts, and no `_` in the last two.
fn domain_length(text: &str, least: usize) -> Option<usize> {
    // Excludes white space and punctuation. Most punctuation beyond ASCII is in these blocks.
    let is_symbol = |c: char| {
        !c.is_ascii()
            && !c.is_whitespace()
            && !matches!(c, '\u{80}'..='\u{bf}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff0f}')
    };
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.') || is_symbol(c);
    let text = &text[..text.floor_char_boundary(DOMAIN)];
    let length = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let parts: Vec<_> = text[..length].trim_end_matches('.').split('.').collect();
    let last = parts.iter().rev().take(2);
    let is_domain = parts.len() >= least
        && parts.iter().all(|part| !part.is_empty())
        && last.into_iter().all(|part| !part.contains('_'));
    is_domain.then_some(length)
}

/// Removes what ends the sentence around an address: punctuation, closing brackets that the address does not open, and
/// an HTML entity.
fn trimmed(mut address: &str) -> &str {
    let count = |bracket| address.bytes().filter(|byte| *byte == bracket).count();
    let (opened, mut closed) = (count(b'('), count(b')'));
    loop {
        let Some((rest, last)) =
            address.char_indices().next_back().map(|(at, c)| (&address[..at], c))
        else {
            return address;
        };
        address = match last {
            '?' | '!' | '.' | ',' | ':' | '*' | '_' | '~' | '\'' | '"' => rest,
            ')' if closed > opened => {
                closed -= 1;
                rest
            }
            ';' => {
                let name =
                    rest.bytes().rev().take(NAME).take_while(u8::is_ascii_alphanumeric).count();
                match rest[..rest.len() - name].strip_suffix('&') {
                    Some(before) if name > 0 => before,
                    _ => rest,
                }
            }
            _ => return address,
        };
    }
}

/// Finds the mail address around an `@`.
fn mail(text: &str, from: usize, at: usize) -> Option<Address> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let before = &text[from..at];
    let name = before.len() - before.trim_end_matches(is_name).len();
    let start = at - name;
    let after = &text[at + 1..];
    let is_domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let length = after.find(|c| !is_domain(c)).unwrap_or(after.len());
    let domain = after[..length].trim_end_matches('.');
    let is_one = name > 0
        && domain.contains('.')
        && domain.split('.').all(|part| !part.is_empty())
        && !domain.ends_with(['-', '_'])
        && !text[at + 1 + domain.len()..].starts_with('@');
    let scheme =
        ["mailto:", "xmpp:"].into_iter().find(|scheme| text[from..start].ends_with(scheme));
    match scheme {
        _ if !is_one => None,
        Some(scheme) => {
            let mut end = at + 1 + domain.len();
            // The resource of a chat address.
            if scheme == "xmpp:" && text[end..].starts_with('/') {
                let rest = &text[end + 1..];
                let more = rest.find(|c: char| !(is_domain(c) || c == '@')).unwrap_or(rest.len());
                end += 1 + rest[..more].trim_end_matches('.').len();
            }
            Some(Address { start: start - scheme.len(), end, target: "" })
        }
        None => Some(Address { start, end: at + 1 + domain.len(), target: "mailto:" }),
    }
}
