//! Tokens and access keys that begin with a known prefix or stand beside a known name, and JSON web
//! tokens.

use super::{Found, Step, Tail, text};

/// The access keys of Amazon Web Services: a key's identifier, or what stands beside a name such as
/// `aws_secret_access_key`.
pub(super) fn aws(before: &[u8], rest: &[u8]) -> Option<usize> {
    identifier(before, rest).or_else(|| secret_access_key(before, rest))
}

fn identifier(before: &[u8], rest: &[u8]) -> Option<usize> {
    const LENGTH: usize = 20;

    let known = ["AKIA", "ASIA", "ABIA", "ACCA", "A3T"];
    let (identifier, after) = rest.split_at_checked(LENGTH)?;
    let is_one = known.iter().any(|prefix| identifier.starts_with(prefix.as_bytes()))
        && identifier.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && text::begins(before, rest)
        && text::ends(after);
    is_one.then_some(LENGTH)
}

/// Forty letters, digits, `/` and `+` say nothing by themselves, so the name tells.
fn secret_access_key(before: &[u8], rest: &[u8]) -> Option<usize> {
    const LENGTH: usize = 40;

    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+');
    let (key, after) = rest.split_at_checked(LENGTH)?;
    if !key.iter().all(is_part) || after.first().is_some_and(is_part) {
        return None;
    }
    let is_between =
        |byte: &&u8| matches!(byte, b' ' | b'\t' | b'=' | b':' | b'>' | b'"' | b'\'' | b'\\');
    let between = before.iter().rev().take_while(is_between).count();
    let name = before[..before.len() - between].iter().rev();
    let mut name = name.filter(|byte| !matches!(byte, b'_' | b'-')).map(u8::to_ascii_lowercase);
    let named = b"secretaccesskey".iter().rev().all(|byte| name.next() == Some(*byte));
    (between > 0 && named).then_some(LENGTH)
}

/// The tokens of GitHub, of any of their kinds.
pub(super) fn github(before: &[u8], rest: &[u8]) -> Option<Found> {
    let prefix = match rest {
        [b'g', b'h', b'p' | b'o' | b'u' | b's' | b'r', b'_', ..] => 4,
        _ if rest.starts_with(b"github_pat_") => 11,
        _ => return None,
    };
    let run = rest[prefix..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    // The part of a fine-grained token up to its second underscore has 22.
    let least = if prefix == 4 { 36 } else { 22 };
    (run >= least && text::begins(before, rest)).then_some(token(prefix + run))
}

/// The tokens of Slack, and the addresses of its webhooks, which are as good as tokens.
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
    let run = body.iter().take(10).take_while(|byte| is_token(**byte)).count();
    // `xoxb-your-token-here` is none.
    let is_one = run == 10 && body[..run].iter().any(u8::is_ascii_digit);
    is_one.then_some(token(rest.len() - body.len() + run))
}

/// JSON web tokens, signed or encrypted: a header in Base64 that names its algorithm, and what comes
/// after the dot.
pub(super) fn jwt(before: &[u8], rest: &[u8]) -> Option<Found> {
    // Inside of a longer run of Base64 nothing begins: each run is looked at once.
    if !rest.starts_with(b"eyJ") || before.last() == Some(&b'-') || !text::begins(before, rest) {
        return None;
    }
    let length = rest.iter().take_while(|byte| is_token(**byte)).count();
    let (header, after) = rest.split_at(length);
    // `"alg"` in Base64, at each of the three places where it can begin.
    let algorithm: [&[u8]; 3] = [b"ImFsZy", b"JhbGci", b"iYWxnI"];
    let named = header.windows(6).any(|window| algorithm.contains(&window));
    // A header that is longer than what can be seen is one, too.
    let goes_on = after.is_empty() && rest.len() == crate::redactor::AHEAD || dot(after).is_some();
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

/// A dot that more comes after. A part of the token can be empty, so a second dot can come before that.
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

fn is_token(byte: u8) -> bool {
    text::is_word(byte) || byte == b'-'
}
