//! Where words begin and end.
//!
//! Text is bytes. A word is made of ASCII letters, digits and `_`, and of the letters that take two
//! bytes of UTF-8, which are those of the Latin, Greek, Cyrillic and other alphabets. Scripts beyond
//! them, such as Chinese, are often written without spaces, so an address beside them is one of its own.

/// How long the codes of a colour are at most.
const COLOUR: usize = 16;

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Says whether the byte is the first one of a letter of two.
pub(super) fn is_lead(byte: u8) -> bool {
    (0xc3..=0xdf).contains(&byte)
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// The length of the character of a word that `rest` begins with.
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

/// Says whether something can begin between the two: the rest is no word's middle.
///
/// `\n` in a string of JSON or of a program is not the beginning of a word but the end of a line,
/// `\u003c` is a `<`, and `%20` in an address of the web is a space.
pub(super) fn begins(before: &[u8], rest: &[u8]) -> bool {
    let escaped = match rest {
        [b'n' | b'r' | b't' | b'b' | b'f', ..] => ends_in_backslash(before),
        [b'u', rest @ ..] => hexadecimal(rest).is_some() && ends_in_backslash(before),
        _ => false,
    };
    !escaped && !in_colour(before) && (!ends_in_word(before) || escape_ends(before))
}

/// Says whether something can end before the rest.
pub(super) fn ends(rest: &[u8]) -> bool {
    character(rest).is_none()
}

/// Says whether the last word of `before` is an escape sequence.
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

/// Says whether the text goes on with codes of a colour of a terminal, which are no beginning of anything.
fn in_colour(before: &[u8]) -> bool {
    matches!(before, [.., b'[' | b';']) && without_codes(before).ends_with(b"\x1b[")
}

fn without_codes(before: &[u8]) -> &[u8] {
    let is_code = |byte: &&u8| byte.is_ascii_digit() || **byte == b';';
    let count = before.iter().rev().take(COLOUR).take_while(is_code).count();
    &before[..before.len() - count]
}

/// The text before a colour of a terminal that it ends with, such as `ESC[33m`.
pub(super) fn without_colour(before: &[u8]) -> Option<&[u8]> {
    without_codes(before.strip_suffix(b"m")?).strip_suffix(b"\x1b[")
}

/// The length of a letter beyond ASCII as a string of JSON can have it, such as `\u00e9`.
pub(super) fn escaped_letter(rest: &[u8]) -> Option<usize> {
    let number = hexadecimal(rest.strip_prefix(b"\\u")?)?;
    (0xc0..0x800).contains(&number).then_some(6)
}

/// The number of four digits that `rest` begins with.
fn hexadecimal(rest: &[u8]) -> Option<u32> {
    let digits = rest.first_chunk::<4>()?;
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}

/// Says whether there is a backslash that escapes what comes next.
fn ends_in_backslash(before: &[u8]) -> bool {
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}
