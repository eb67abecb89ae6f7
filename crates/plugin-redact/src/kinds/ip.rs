//! Addresses of the Internet Protocol, versions 4 and 6.

use std::net::Ipv6Addr;

use super::text;

/// The longest address of version 6, which ends with one of version 4.
const LONGEST: usize = 45;

pub(super) fn find(before: &[u8], rest: &[u8]) -> Option<usize> {
    if !text::begins(before, rest) || matches!(before, [.., b'0'..=b'9', b'.']) {
        return None;
    }
    version_6(before, rest).or_else(|| version_4(before, rest))
}

/// Four numbers up to 255, without a further number before or after them.
fn version_4(before: &[u8], rest: &[u8]) -> Option<usize> {
    let mut end = octet(rest)?;
    for _ in 0..3 {
        let next = rest[end..].strip_prefix(b".")?;
        end += 1 + octet(next)?;
    }
    let after = &rest[end..];
    if !text::ends(after) || matches!(after, [b'.', b'0'..=b'9', ..]) {
        return None;
    }
    // These are addresses of the machine itself, or of no machine.
    if rest.starts_with(b"127.") || &rest[..end] == b"0.0.0.0" {
        return None;
    }
    // Browsers write this for their version: `Chrome/120.0.0.0`.
    let product = matches!(before, [.., letter, b'/'] if letter.is_ascii_alphabetic());
    if product && rest[..end].ends_with(b".0.0.0") { None } else { Some(end) }
}

/// Returns the length of a number up to 255 without a leading zero.
fn octet(rest: &[u8]) -> Option<usize> {
    let digits = rest.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    match rest[..digits] {
        [_] => Some(1),
        [b'1'..=b'9', _] => Some(2),
        [b'1', _, _] | [b'2', b'0'..=b'4', _] | [b'2', b'5', b'0'..=b'5'] => Some(3),
        _ => None,
    }
}

fn version_6(before: &[u8], rest: &[u8]) -> Option<usize> {
    if !begins_after(before, rest) {
        return None;
    }
    let is_part = |byte: &&u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let run = rest.iter().take(LONGEST + 1).take_while(is_part).count();
    // A longer match is not an address, and neither is one that continues with more than `:` or `.`. A bracket stands
    // where something was masked that might be the continuation.
    let after = &rest[run..];
    if run > LONGEST || !text::ends(after) || after.first() == Some(&b'[') {
        return None;
    }
    let mut address = rest[..run].trim_ascii_end();
    while let Some(shorter) = address.strip_suffix(b".") {
        address = shorter;
    }
    if !address.ends_with(b"::") {
        address = address.strip_suffix(b":").unwrap_or(address);
    }
    let parsed = str::from_utf8(address).ok()?.parse::<Ipv6Addr>();
    (parsed.is_ok() && is_likely(address)).then_some(address.len())
}

/// Returns whether an address can begin here. After a colon, it can begin only if a word that is not a part of an
/// address stands before the colon, as in `client:2001:db8::7`.
fn begins_after(before: &[u8], rest: &[u8]) -> bool {
    match (before, rest) {
        (_, [b':', second, ..]) if *second != b':' => false,
        ([.., b':'], [b':', ..]) | ([.., b':', b':'], _) => false,
        ([before @ .., b':'], _) => {
            let word = before.iter().rev().take_while(|byte| super::is_word(**byte));
            let length = word.clone().count();
            length == 0 || length > 4 || !word.clone().all(u8::is_ascii_hexdigit)
        }
        _ => true,
    }
}

/// Returns whether this is an address, and not a C++ name (`a::b`), a Python slice (`1::2`), a MAC address of eight
/// bytes, or an address of no machine (`::`, `::1`). An address has a digit, and a group of three or more digits.
fn is_likely(address: &[u8]) -> bool {
    address.iter().any(u8::is_ascii_digit)
        && address.split(|byte| *byte == b':').any(|group| group.len() >= 3)
}
