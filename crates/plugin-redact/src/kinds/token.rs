//! Tokens and access keys that have a known prefix or follow a known name, and JSON web tokens.

use super::{Found, Step, Tail, text};

/// The length of the shortest access key of Amazon Web Services.
pub(crate) const AWS: usize = 20;

/// Access keys of Amazon Web Services: a key's identifier, a key of Bedrock, or a value after a name such as
/// `aws_secret_access_key`.
pub(super) fn aws(before: &[u8], rest: &[u8]) -> Option<usize> {
    identifier(before, rest)
        .or_else(|| bedrock(before, rest))
        .or_else(|| secret_access_key(before, rest))
        .or_else(|| session_token(before, rest))
}

fn identifier(before: &[u8], rest: &[u8]) -> Option<usize> {
    let known = ["AKIA", "ASIA", "ABIA", "ACCA", "A3T"];
    let (identifier, after) = rest.split_at_checked(AWS)?;
    let is_one = known.iter().any(|prefix| identifier.starts_with(prefix.as_bytes()))
        && identifier.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && text::begins(before, rest)
        && text::ends(after);
    is_one.then_some(AWS)
}

/// Long-term and short-term keys of Bedrock. The latter are Base64 of an address of Amazon.
fn bedrock(before: &[u8], rest: &[u8]) -> Option<usize> {
    const LEAST: usize = 100;
    const MOST: usize = 2048;

    let known = ["ABSK", "YmVkcm9jay5hbWF6b25hd3MuY29t"];
    if !known.iter().any(|prefix| rest.starts_with(prefix.as_bytes()))
        || !text::begins(before, rest)
    {
        return None;
    }
    let length = rest.iter().take(MOST).take_while(|byte| is_base64(**byte)).count();
    (length >= LEAST).then_some(length)
}

/// Forty letters, digits, `/` and `+` are not specific enough, so the name decides.
fn secret_access_key(before: &[u8], rest: &[u8]) -> Option<usize> {
    const LENGTH: usize = 40;

    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+');
    let (key, after) = rest.split_at_checked(LENGTH)?;
    if !key.iter().all(is_part) || after.first().is_some_and(is_part) {
        return None;
    }
    is_named(before, &["secretaccesskey", "secretkey"]).then_some(LENGTH)
}

/// A Base64 text of some hundred characters, after its name.
fn session_token(before: &[u8], rest: &[u8]) -> Option<usize> {
    const LEAST: usize = 100;
    const MOST: usize = 2048;

    // Counting takes the most time, and each place of a long run would count again.
    let begins = before.last().is_none_or(|byte| !is_base64(*byte) || *byte == b'=');
    let begins = begins || text::without_colour(before).is_some();
    if !begins || !is_named(before, &["sessiontoken", "securitytoken"]) {
        return None;
    }
    let length = rest.iter().take(MOST).take_while(|byte| is_base64(**byte)).count();
    (length >= LEAST).then_some(length)
}

/// Returns whether the next text is the value of one of these names, which are given without `_` and `-`. The value can
/// be beside the name, on the next line, or in the next entry under a name such as `value`.
fn is_named(before: &[u8], names: &[&str]) -> bool {
    let beside = trimmed(before);
    let name = match beside.strip_suffix(b"value") {
        Some(name) if !text::ends_in_word(name) => trimmed(name),
        _ => beside,
    };
    let name = name.iter().rev().filter(|byte| !matches!(byte, b'_' | b'-'));
    let name = name.map(u8::to_ascii_lowercase);
    let is = |known: &&str| known.bytes().rev().eq(name.clone().take(known.len()));
    beside.len() < before.len() && names.iter().any(is)
}

/// Removes what stands between a name and its value from the end of the text, including colour codes of a terminal.
fn trimmed(mut beside: &[u8]) -> &[u8] {
    loop {
        beside = match beside {
            [
                before @ ..,
                b' ' | b'\t' | b'=' | b':' | b'>' | b'"' | b'\'' | b'`' | b'|' | b'\\' | b','
                | b'\n' | b'\r',
            ] => before,
            _ => match text::without_colour(beside) {
                Some(before) => before,
                None => return beside,
            },
        };
    }
}

/// All kinds of tokens of GitHub.
pub(super) fn github(before: &[u8], rest: &[u8]) -> Option<Found> {
    let prefix = match rest {
        [b'g', b'h', b'p' | b'o' | b'u' | b's' | b'r', b'_', ..] => 4,
        _ if rest.starts_with(b"github_pat_") => 11,
        _ => return None,
    };
    let run = rest[prefix..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    // Tokens of apps are a number and a JSON web token.
    let (number, after) = rest[prefix..].split_at(run);
    if number.iter().all(u8::is_ascii_digit) && after.starts_with(b"_eyJ") {
        let length = prefix + run + "_eyJ".len();
        let found = Found { length, tail: Some(Tail::Token { dots: 2 }) };
        return text::begins(before, rest).then_some(found);
    }
    // The part of a fine-grained token up to its second underscore has 22 characters.
    let least = if prefix == 4 { 36 } else { 22 };
    (run >= least && text::begins(before, rest)).then_some(token(prefix + run))
}

/// How much of a Slack token is checked. Longer texts are not names of files.
const SLACK: usize = 64;

/// Tokens of Slack, and the addresses of its webhooks, which give the same access as tokens.
pub(super) fn slack(before: &[u8], rest: &[u8]) -> Option<Found> {
    if !text::begins(before, rest) {
        return None;
    }
    if let Some(path) = rest.strip_prefix(b"hooks.slack.com/") {
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'/';
        let length = path.iter().take(128).take_while(is_part).count();
        let known = ["services/T", "workflows/T", "triggers/T"];
        let is_one = length >= 30 && known.iter().any(|it| path.starts_with(it.as_bytes()));
        return is_one.then_some(token(rest.len() - path.len() + length));
    }
    let body = rest.strip_prefix(b"xoxe.").unwrap_or(rest);
    let body = match body {
        [b'x', b'o', b'x', b'a'..=b'z', b'-', body @ ..] => body,
        [b'x', b'a', b'p', b'p', b'-', body @ ..] => body,
        _ => return None,
    };
    let run = body.iter().take(SLACK).take_while(|byte| is_token(**byte)).count();
    // `xoxb-your-token-here` is not a token, and neither is `xoxo-2024-photo.png`.
    let is_file = matches!(body[run..], [b'.', a, b, ..] if a.is_ascii_alphabetic() && b.is_ascii_alphanumeric());
    let is_one = run >= 10 && !is_file && body[..run].iter().any(u8::is_ascii_digit);
    is_one.then_some(token(rest.len() - body.len() + run))
}

/// The greatest length of a JSON web token's header after a name.
const HEADER: usize = 512;

/// JSON web tokens, signed or encrypted: a header in Base64 that names its algorithm, and the text after the dot.
pub(super) fn jwt(before: &[u8], rest: &[u8]) -> Option<Found> {
    if !rest.starts_with(b"eyJ") {
        return None;
    }
    // After a name that ends with `_` or `-`, only the length of a header is checked, because every place of a long run
    // could begin a token.
    let most = match before {
        [.., b'_' | b'-'] => HEADER,
        _ if text::begins(before, rest) => rest.len(),
        _ => return None,
    };
    let length = rest.iter().take(most).take_while(|byte| is_token(**byte)).count();
    let (header, after) = rest.split_at(length);
    // `"alg"` in Base64, at each of the three positions where it can begin.
    let algorithm: [&[u8]; 3] = [b"ImFsZy", b"JhbGci", b"iYWxnI"];
    let named = header.windows(6).any(|window| algorithm.contains(&window));
    // A header that is longer than the visible text counts, too.
    let goes_on = after.is_empty() && rest.len() == super::AHEAD || dot(after).is_some();
    (named && goes_on).then_some(Found { length, tail: Some(Tail::Token { dots: 4 }) })
}

pub(super) fn step(dots: u8, rest: &[u8]) -> Step {
    let run = rest.iter().take_while(|byte| is_token(**byte)).count();
    if run > 0 {
        return Step::Goes(run, Tail::Token { dots });
    }
    match (dot(rest), dots.checked_sub(1)) {
        (Some(length), Some(dots)) => Step::Goes(length, Tail::Token { dots }),
        _ => Step::Ends(0),
    }
}

/// Returns whether a dot follows with more after it. A part of the token can be empty, so another dot can come before
/// that.
fn dot(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'.', next, ..] if is_token(*next) => Some(1),
        [b'.', b'.', next, ..] if is_token(*next) => Some(2),
        _ => None,
    }
}

fn token(length: usize) -> Found {
    Found { length, tail: Some(Tail::Token { dots: 0 }) }
}

/// Returns whether the byte is of the Base64 that Amazon's keys use.
pub(crate) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+' | b'=')
}

fn is_token(byte: u8) -> bool {
    text::is_word(byte) || byte == b'-'
}
