//! Blocks with a private key, between a line `BEGIN` and a line `END`.

use super::{Found, Step, Tail};

/// The longest word of the lines that say what a block contains: `ENCRYPTED`, `OPENSSH`, `PGP`.
const LABEL: usize = 40;
/// The least length of a key in Base64. A shorter text is a program that looks for such a block, or a text about one.
const LEAST: usize = 16;
/// The greatest number of header lines before the key, and the greatest length of each.
const HEADERS: usize = 8;
const HEADER: usize = 256;
/// The greatest number of bytes between two lines of a key.
const GAP: usize = 128;

/// Matches a line `BEGIN`, or PuTTY's line before a key, with the beginning of a key after it.
pub(super) fn find(before: &[u8], rest: &[u8]) -> Option<Found> {
    let mut at = marker(rest, b"BEGIN ").or_else(|| putty(rest))?;
    // The text that a log puts before each line.
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
    // PuTTY's line after a key begins like a continuation of the key.
    if run > 0 && !rest.starts_with(b"Private-MAC: ") {
        let after = &rest[run..];
        // A short line is the last line of the key, or a word after a torn key.
        let is_line = within || run >= LEAST || after.is_empty() || {
            let gaps = gaps(prefix, after);
            // In a web address, each special character of Base64 is escaped with three bytes.
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

/// Returns whether a key can continue here. If not, the text stays unchanged.
fn goes_on(prefix: u8, rest: &[u8]) -> bool {
    !matches!(step(prefix, false, rest), Step::Breaks)
}

/// Returns the length of a line that ends a key.
fn end(rest: &[u8]) -> Option<usize> {
    marker(rest, b"END ").or_else(|| {
        let digits = rest.strip_prefix(b"Private-MAC: ")?;
        let length = digits.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        Some(rest.len() - digits.len() + length)
    })
}

/// Returns the length of PuTTY's line with the number of lines of the key: `Private-Lines: 14`.
fn putty(rest: &[u8]) -> Option<usize> {
    let number = rest.strip_prefix(b"Private-Lines: ")?;
    let digits = number.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then_some(rest.len() - number.len() + digits)
}

/// Returns the length of a line such as `-----BEGIN RSA PRIVATE KEY-----`, or `---- BEGIN SSH2 PRIVATE KEY ----`.
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

/// Returns the length of a line such as `DEK-Info: AES-128-CBC,00112233`.
fn header(rest: &[u8]) -> Option<usize> {
    let is_part = |byte: &&u8| byte.is_ascii_alphabetic() || **byte == b'-';
    let name = rest.iter().take(HEADER).take_while(is_part).count();
    let value = rest[name..].strip_prefix(b": ")?;
    let length =
        value.iter().take(HEADER).position(|byte| matches!(byte, b'\n' | b'\r' | b'\\'))?;
    (name > 0).then_some(name + 2 + length)
}

/// Returns the length of everything between two lines of a key.
fn gaps(prefix: u8, rest: &[u8]) -> usize {
    let mut at = 0;
    while at < GAP
        && let Some(length) = gap(prefix, &rest[at..])
    {
        at += length;
    }
    at
}

/// Returns the length of one separator between the lines of a key: a line end, also as `\n` in a string, a web address
/// or HTML, or what logs, strings, comments, quotations, lists and terminals put around lines.
fn gap(prefix: u8, rest: &[u8]) -> Option<usize> {
    match rest {
        [b'\\', b'n' | b'r' | b't', ..] => Some(2),
        // The sign that a diff puts before the last line.
        [b'-', last @ ..] if marker(last, b"END ").is_some() => Some(1),
        [b'-', b'-', b'-', b'-', ..] => None,
        [b'\\' | b'"' | b'\'' | b',' | b'+' | b'-' | b'>' | b'#' | b'*' | b'|', ..] => Some(1),
        [b'\n', line @ ..] => Some(1 + prefixed(prefix, line)),
        [byte, ..] if byte.is_ascii_whitespace() => Some(1),
        // In a web address, and in HTML.
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

/// Returns the length of the prefix of a line before a part of the key, if it is the prefix of the key's first line and
/// not a part of the key itself.
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
