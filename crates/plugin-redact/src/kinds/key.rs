//! Blocks that hold a private key, between a line `BEGIN` and a line `END`.

use super::{Found, Step, Tail};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
/// The longest word of the lines that say what a block holds: `ENCRYPTED`, `OPENSSH`, `PGP`.
const LABEL: usize = 40;
/// Less of Base64 than this is no key: a program that looks for such a block, or a text about it.
const LEAST: usize = 16;
/// How many lines of a name and a value can stand before the key, and how long each is at most.
const HEADERS: usize = 8;
const HEADER: usize = 256;
/// How much can stand between two of its lines.
const GAP: usize = 128;

/// A line `BEGIN`, and after it the beginning of a key.
pub(super) fn find(rest: &[u8]) -> Option<Found> {
    let mut at = marker(rest, BEGIN)?;
    for _ in 0..=HEADERS {
        at += gaps(&rest[at..]);
        at += header(&rest[at..]).unwrap_or(0);
    }
    let run = rest[at..].iter().take(LEAST).take_while(|byte| is_base64(**byte)).count();
    (run == LEAST).then_some(Found { length: at + run, tail: Some(Tail::Key) })
}

pub(super) fn step(rest: &[u8]) -> Step {
    let run = rest.iter().take_while(|byte| is_base64(**byte)).count();
    if run > 0 {
        return Step::Goes(run, Tail::Key);
    }
    let gaps = gaps(rest);
    match (&rest[gaps..], marker(&rest[gaps..], END)) {
        (_, Some(length)) => Step::Ends(gaps + length),
        ([byte, ..], None) if is_base64(*byte) => Step::Goes(gaps, Tail::Key),
        _ => Step::Breaks,
    }
}

/// The length of a line such as `-----BEGIN RSA PRIVATE KEY-----`.
fn marker(rest: &[u8], start: &[u8]) -> Option<usize> {
    let label = rest.strip_prefix(start)?;
    let is_part = |byte: &&u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b' ';
    let length = label.iter().take(LABEL).take_while(is_part).count();
    let (label, after) = label.split_at(length);
    let of_key = label.strip_suffix(b" BLOCK").unwrap_or(label).ends_with(b"PRIVATE KEY");
    (of_key && after.starts_with(b"-----")).then_some(start.len() + length + 5)
}

/// The length of a line such as `DEK-Info: AES-128-CBC,00112233`.
fn header(rest: &[u8]) -> Option<usize> {
    let is_part = |byte: &&u8| byte.is_ascii_alphabetic() || **byte == b'-';
    let name = rest.iter().take(HEADER).take_while(is_part).count();
    let value = rest[name..].strip_prefix(b": ")?;
    let length =
        value.iter().take(HEADER).position(|byte| matches!(byte, b'\n' | b'\r' | b'\\'))?;
    (name > 0).then_some(name + 2 + length)
}

/// The length of all that stands between two lines of a key.
fn gaps(rest: &[u8]) -> usize {
    let mut at = 0;
    while at < GAP
        && let Some(length) = gap(&rest[at..])
    {
        at += length;
    }
    at
}

/// The length of one of the things that stand between the lines of a key: their ends, also as `\n` in a
/// string, and what strings, comments, quotations and lists put around lines.
fn gap(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'\\', b'n' | b'r' | b't', ..] => Some(2),
        // What a difference puts before the last line.
        [b'-', last @ ..] if marker(last, END).is_some() => Some(1),
        [b'-', b'-', b'-', b'-', b'-', ..] => None,
        [b'\\' | b'"' | b'\'' | b',' | b'+' | b'-' | b'>' | b'#' | b'*' | b'|', ..] => Some(1),
        [byte, ..] if byte.is_ascii_whitespace() => Some(1),
        _ => None,
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}
