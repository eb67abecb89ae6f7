//! E-mail addresses as people have them. Quoted names and domains with a single label are excluded.

use super::text;

/// The longest name before the `@`, by RFC 5321.
const LOCAL: usize = 64;
/// The longest label of a domain, and the longest domain, by RFC 1035.
const LABEL: usize = 63;
const DOMAIN: usize = 253;

/// Extensions of images. Names of images for high-density screens look like addresses: `logo@2x.png`.
const IMAGES: [&[u8]; 6] = [b"png", b"jpg", b"jpeg", b"gif", b"svg", b"webp"];

/// The greatest distance from the first byte of an address to its `@`.
pub(crate) const REACH: usize = LOCAL + 8;

/// Finds the next `@`, or `%40`, which is an `@` in a query string.
pub(crate) fn at_sign(text: &[u8]) -> Option<usize> {
    memchr::memchr2_iter(b'@', b'%', text)
        .find(|at| text[*at] == b'@' || text[*at..].starts_with(b"%40"))
}

pub(super) fn find(before: &[u8], rest: &[u8]) -> Option<usize> {
    if !text::begins(before, rest) {
        return None;
    }
    let (local, at) = local(rest)?;
    let domain = domain(&rest[at..])?;
    // `git` is the user of every Git server, not a person's address.
    let domain_name = &rest[at..at + domain];
    if &rest[..local] == b"git" || is_image(domain_name) || is_version(domain_name) {
        return None;
    }
    Some(at + domain)
}

/// Returns where the name ends and where the domain begins. In a query string, `@` is `%40`.
fn local(rest: &[u8]) -> Option<(usize, usize)> {
    let mut at = character(rest)?;
    while at <= LOCAL {
        at += match rest.get(at)? {
            b'@' => return Some((at, at + 1)),
            b'%' if rest[at..].starts_with(b"%40") => return Some((at, at + 3)),
            b'.' | b'%' | b'+' | b'-' | b'\'' => 1,
            _ => character(&rest[at..])?,
        };
    }
    None
}

fn character(rest: &[u8]) -> Option<usize> {
    text::character(rest).or_else(|| text::escaped_letter(rest))
}

/// Returns the length of the longest domain at the beginning of `rest`.
fn domain(rest: &[u8]) -> Option<usize> {
    let (mut at, mut end) = (0, None);
    loop {
        let label = label(&rest[at..]);
        if label == 0 || label > LABEL || at + label > DOMAIN {
            return end;
        }
        let top = top(&rest[at..at + label]);
        if at > 0 && top > 0 {
            end = Some(at + top);
        }
        at += label;
        if rest.get(at) != Some(&b'.') {
            return end;
        }
        at += 1;
    }
}

/// Returns the length of the label at the beginning of `rest`. A label cannot begin with a hyphen.
fn label(rest: &[u8]) -> usize {
    let mut at = 0;
    while at <= LABEL {
        at += match rest.get(at) {
            Some(b'-') if at > 0 => 1,
            Some(b'_') => break,
            _ => match character(&rest[at..]) {
                Some(length) => length,
                None => break,
            },
        };
    }
    at
}

/// Returns how much of the label is a top-level domain: all of it, or the letters up to a hyphen, because a hyphen can
/// also follow the address.
fn top(label: &[u8]) -> usize {
    if label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"xn--")) {
        return label.len();
    }
    let end = label.iter().position(|byte| *byte == b'-').unwrap_or(label.len());
    let letters = label[..end].iter().all(|byte| !byte.is_ascii_digit());
    if letters && end >= 2 { end } else { 0 }
}

/// Returns whether this is the version of a package after its name, such as `1.2.3-rc.next`.
fn is_version(domain: &[u8]) -> bool {
    let mut labels = domain.split(|byte| *byte == b'.');
    let mut number =
        || labels.next().is_some_and(|label| label.first().is_some_and(u8::is_ascii_digit));
    number() && number()
}

fn is_image(domain: &[u8]) -> bool {
    match domain {
        [b'1'..=b'9', b'x', b'.', extension @ ..] => IMAGES.contains(&extension),
        _ => false,
    }
}
