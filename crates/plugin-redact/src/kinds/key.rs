//! Blocks that hold a private key, between a line `BEGIN` and a line `END`.

use super::{Found, Step, Tail};

/// The longest word of the lines that say what a block holds: `ENCRYPTED`, `OPENSSH`, `PGP`.
const LABEL: usize = 40;
/// Less of Base64 than this is no key: a program that looks for such a block, or a text about it.
const LEAST: usize = 16;
/// How many lines of a name and a value can stand before the key, and how long each is at most.
const HEADERS: usize = 8;
const HEADER: usize = 256;
/// How much can stand between two of its lines.
const GAP: usize = 128;

/// A line `BEGIN`, or that of PuTTY before the lines of a key, and after it the beginning of a key.
pub(super) fn find(before: &[u8], rest: &[u8]) -> Option<Found> {
    let mut at = marker(rest, b"BEGIN ").or_else(|| putty(rest))?;
    // What a log puts before each line.
    let prefix = before.iter().rev().take_while(|byte| **byte != b'\n').count();
    let prefix = u8::try_from(prefix).unwrap_or_default();
    for _ in 0..=HEADERS {
        at += gaps(prefix, &rest[at..]);
        at += header(&rest[at..]).unwrap_or(0);
    }
    let run = rest[at..].iter().take(LEAST).take_while(|byte| is_base64(**byte)).count();
    (run == LEAST)
        .then_some(Found { length: at + run, tail: Some(Tail::Key { prefix, within: true }) })
}

pub(super) fn step(prefix: u8, within: bool, rest: &[u8]) -> Step {
    let run = rest.iter().take_while(|byte| is_base64(**byte)).count();
    // The line that ends a key of PuTTY's begins as a key could go on.
    if run > 0 && !rest.starts_with(b"Private-MAC: ") {
        let after = &rest[run..];
        // A short one is the last of the key, or a word of what comes behind a key that is torn.
        let is_line = within || run >= LEAST || after.is_empty() || {
            let gaps = gaps(prefix, after);
            // In an address of the web, signs of Base64 are three each.
            after[0] == b'%' || end(&after[gaps..]).is_some() || after.len() == gaps
        };
        let tail = Tail::Key { prefix, within: after.is_empty() };
        return if is_line { Step::Goes(run, tail) } else { Step::Breaks };
    }
    let gaps = gaps(prefix, rest);
    match (&rest[gaps..], end(&rest[gaps..])) {
        (_, Some(length)) => Step::Ends(gaps + length),
        ([byte, ..], None) if is_base64(*byte) && goes_on(prefix, &rest[gaps..]) => {
            Step::Goes(gaps, Tail::Key { prefix, within: false })
        }
        _ => Step::Breaks,
    }
}

/// Whether what stands here can be of a key: what is before it is left as it is if not.
fn goes_on(prefix: u8, rest: &[u8]) -> bool {
    !matches!(step(prefix, false, rest), Step::Breaks)
}

/// The length of a line that ends a key.
fn end(rest: &[u8]) -> Option<usize> {
    marker(rest, b"END ").or_else(|| {
        let digits = rest.strip_prefix(b"Private-MAC: ")?;
        let length = digits.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        Some(rest.len() - digits.len() + length)
    })
}

/// The length of the line of PuTTY that says how many lines of a key come next: `Private-Lines: 14`.
fn putty(rest: &[u8]) -> Option<usize> {
    let number = rest.strip_prefix(b"Private-Lines: ")?;
    let digits = number.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then_some(rest.len() - number.len() + digits)
}

/// The length of a line such as `-----BEGIN RSA PRIVATE KEY-----`, or `---- BEGIN SSH2 PRIVATE KEY ----`.
fn marker(rest: &[u8], word: &[u8]) -> Option<usize> {
    let [first, last]: [&[u8]; 2] =
        if rest.starts_with(b"-----") { [b"-----", b"-----"] } else { [b"---- ", b" ----"] };
    let label = rest.strip_prefix(first)?.strip_prefix(word)?;
    let is_part = |byte: &&u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b' ';
    let length = label.iter().take(LABEL).take_while(is_part).count();
    let (label, after) = label.split_at(length);
    let label = label.trim_ascii_end();
    let of_key = label.strip_suffix(b" BLOCK").unwrap_or(label).ends_with(b"PRIVATE KEY");
    let length = first.len() + word.len() + length;
    (of_key && after.starts_with(last.trim_ascii_start()))
        .then_some(length + last.trim_ascii().len())
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
fn gaps(prefix: u8, rest: &[u8]) -> usize {
    let mut at = 0;
    while at < GAP
        && let Some(length) = gap(prefix, &rest[at..])
    {
        at += length;
    }
    at
}

/// The length of one of the things that stand between the lines of a key: their ends, also as `\n` in a
/// string, an address or HTML, and what logs, strings, comments, quotations, lists and terminals put around lines.
fn gap(prefix: u8, rest: &[u8]) -> Option<usize> {
    match rest {
        [b'\\', b'n' | b'r' | b't', ..] => Some(2),
        // What a difference puts before the last line.
        [b'-', last @ ..] if marker(last, b"END ").is_some() => Some(1),
        [b'-', b'-', b'-', b'-', ..] => None,
        [b'\\' | b'"' | b'\'' | b',' | b'+' | b'-' | b'>' | b'#' | b'*' | b'|', ..] => Some(1),
        [b'\n', line @ ..] => Some(1 + prefixed(prefix, line)),
        [byte, ..] if byte.is_ascii_whitespace() => Some(1),
        // In an address of the web, and in HTML.
        [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => Some(3),
        [b'<' | b'&', ..] => {
            let breaks: [&[u8]; 5] = [b"<br>", b"<br/>", b"<br />", b"&#10;", b"&#13;"];
            breaks.into_iter().find(|it| rest.starts_with(it)).map(<[u8]>::len)
        }
        // Colours of a terminal.
        [0x1b, b'[', codes @ ..] => {
            let length = codes.iter().take(16).position(|byte| *byte == b'm')?;
            let is_code = |byte: &u8| byte.is_ascii_digit() || *byte == b';';
            codes[..length].iter().all(is_code).then_some(length + 3)
        }
        _ => None,
    }
}

/// How much of a line stands before a part of the key, if it is as much as before its first line and not of the key
/// itself.
fn prefixed(prefix: u8, line: &[u8]) -> usize {
    let Some((before, after)) = line.split_at_checked(prefix.into()) else { return 0 };
    let run = after.iter().take(LEAST).take_while(|byte| is_base64(**byte)).count();
    // The last line can be short.
    let is_line = run == LEAST || run > 0 && matches!(after.get(run), None | Some(b'\r' | b'\n'));
    let goes_on = is_line || end(after).is_some();
    let is_other = !before.contains(&b'\n') && before.iter().any(|byte| !is_base64(*byte));
    if goes_on && is_other { before.len() } else { 0 }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}
