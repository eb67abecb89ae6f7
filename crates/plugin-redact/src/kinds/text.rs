//! The boundaries of words.
//!
//! Text is bytes. A word consists of ASCII letters, digits and `_`, and of letters with two bytes in UTF-8, which are
//! those of the Latin, Greek, Cyrillic and other alphabets. Other scripts, such as Chinese, are often written without
//! spaces, so an address next to them is separate.

/// The greatest length of a colour code.
const COLOUR: usize = 16;

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Returns whether the byte is the first of a letter with two bytes.
pub(super) fn is_lead(byte: u8) -> bool {
    (0xc3..=0xdf).contains(&byte)
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Returns the length of the word character at the beginning of `rest`.
pub(super) fn character(rest: &[u8]) -> Option<usize> {
    match rest {
        [byte, ..] if is_word(*byte) => Some(1),
        [lead, next, ..] if is_lead(*lead) && is_continuation(*next) => Some(2),
        _ => None,
    }
}

pub(super) fn ends_in_word(before: &[u8]) -> bool {
    match before {
        [.., byte] if is_word(*byte) => true,
        [.., lead, next] => is_lead(*lead) && is_continuation(*next),
        _ => false,
    }
}

/// Returns whether something can begin between the two texts, because the rest does not continue a word.
///
/// In a string of JSON or of a program, `\n` is a line end, not the beginning of a word. `\u003c` is a `<`, and `%20`
/// in a web address is a space.
pub(super) fn begins(before: &[u8], rest: &[u8]) -> bool {
    let escaped = match rest {
        [b'n' | b'r' | b't' | b'b' | b'f', ..] => ends_in_backslash(before),
        [b'u', rest @ ..] => hexadecimal(rest).is_some() && ends_in_backslash(before),
        _ => false,
    };
    !escaped && !in_colour(before) && (!ends_in_word(before) || escape_ends(before))
}

/// Returns whether something can end before the rest.
pub(super) fn ends(rest: &[u8]) -> bool {
    character(rest).is_none()
}

/// Returns whether the last word of `before` is an escape sequence.
fn escape_ends(before: &[u8]) -> bool {
    match before {
        [before @ .., b'n' | b'r' | b't' | b'b' | b'f'] if ends_in_backslash(before) => true,
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => true,
        [.., b'm'] => without_colour(before).is_some(),
        [before @ .., b'u', a, b, c, d] => {
            hexadecimal(&[*a, *b, *c, *d]).is_some() && ends_in_backslash(before)
        }
        _ => false,
    }
}

/// Returns whether the text continues with colour codes of a terminal, with which nothing can begin.
fn in_colour(before: &[u8]) -> bool {
    matches!(before, [.., b'[' | b';']) && without_codes(before).ends_with(b"\x1b[")
}

fn without_codes(before: &[u8]) -> &[u8] {
    let is_code = |byte: &&u8| byte.is_ascii_digit() || **byte == b';';
    let count = before.iter().rev().take(COLOUR).take_while(is_code).count();
    &before[..before.len() - count]
}

/// Returns the text before a colour code of a terminal at its end, such as `ESC[33m`.
pub(super) fn without_colour(before: &[u8]) -> Option<&[u8]> {
    without_codes(before.strip_suffix(b"m")?).strip_suffix(b"\x1b[")
}

/// Returns the length of an escaped letter beyond ASCII in a string of JSON, such as `\u00e9`.
pub(super) fn escaped_letter(rest: &[u8]) -> Option<usize> {
    let number = hexadecimal(rest.strip_prefix(b"\\u")?)?;
    (0xc0..0x800).contains(&number).then_some(6)
}

/// Returns the number of four hexadecimal digits at the beginning of `rest`.
fn hexadecimal(rest: &[u8]) -> Option<u32> {
    let digits = rest.first_chunk::<4>()?;
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}

/// Returns whether a backslash escapes what comes next.
fn ends_in_backslash(before: &[u8]) -> bool {
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}
