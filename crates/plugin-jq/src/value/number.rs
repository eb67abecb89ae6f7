//! Numbers: calculated numbers are binary, and parsed numbers keep their digits.

use std::cmp::Ordering;
use std::rc::Rc;

use super::Val;

/// A number as it was written.
pub(crate) struct Decimal {
    /// The nearest number that can be calculated with.
    pub(crate) number: f64,
    pub(crate) digits: Box<str>,
}

/// How many digits a decimal number can have and stay the same after a conversion to binary and back.
const EXACT: usize = 15;

/// Parses a number whose form was already checked.
pub(super) fn read(digits: &str) -> Val {
    let number = digits.parse().unwrap_or(f64::NAN);
    if is_plain(digits, number) {
        Val::Number(number)
    } else {
        Val::Decimal(Rc::new(Decimal { number, digits: digits.into() }))
    }
}

/// Parses a number that may have a form that JSON does not allow: `.5`, `+1`, `1.`, `nan`. Returns nothing for other
/// texts.
pub(crate) fn read_written(text: &str) -> Option<Val> {
    let digits = text.trim_start_matches(['+', '-']);
    if text.len() - digits.len() > 1 {
        return None;
    }
    if digits.eq_ignore_ascii_case("nan") {
        return Some(Val::Number(f64::NAN));
    }
    let number: f64 = text.parse().ok().filter(|_| digits.starts_with(|c| c != 'i' && c != 'I'))?;
    let is_json = digits.starts_with(|c: char| c.is_ascii_digit())
        && !digits.ends_with('.')
        && !text.starts_with('+');
    Some(if is_json { read(text) } else { Val::Number(number) })
}

/// Returns whether writing the number gives the text that was read.
fn is_plain(digits: &str, number: f64) -> bool {
    if digits.len() > EXACT + 1 || digits.bytes().any(|byte| matches!(byte, b'e' | b'E' | b'+')) {
        return false;
    }
    let whole = digits.strip_prefix('-').unwrap_or(digits);
    if whole.len() > 1 && whole.starts_with('0') && !whole.starts_with("0.") {
        return false;
    }
    match whole.split_once('.') {
        None => whole.len() <= EXACT,
        // Smaller numbers are written with an exponent.
        Some((before, after)) => {
            !before.is_empty() && after.ends_with(|c| c != '0') && number.abs() > 1e-3
        }
    }
}

impl Decimal {
    /// Returns the number with the other sign.
    pub(super) fn negated(&self) -> Self {
        let digits = match self.digits.strip_prefix('-') {
            Some(digits) => digits.into(),
            None => format!("-{}", self.digits).into(),
        };
        Self { number: -self.number, digits }
    }

    /// Compares the written numbers, not the binary ones.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let rough = self.number.partial_cmp(&other.number).unwrap_or(Ordering::Equal);
        if rough.is_ne() {
            return rough;
        }
        let ((negative, left), (_, right)) = (self.parts(), other.parts());
        if negative { right.cmp(&left) } else { left.cmp(&right) }
    }

    /// Returns whether the number is negative, and its magnitude: the position of its first digit, and all digits.
    fn parts(&self) -> (bool, (i64, Vec<u8>)) {
        let negative = self.digits.starts_with('-');
        let digits = self.digits.trim_start_matches(['-', '+']);
        let (digits, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
        let exponent: i64 = exponent.parse().unwrap_or_else(|_| {
            if exponent.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 }
        });
        let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
        let all = before.bytes().chain(after.bytes());
        let zeros = all.clone().take_while(|digit| *digit == b'0').count();
        let mut all: Vec<u8> = all.skip(zeros).collect();
        all.truncate(all.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1));
        if all.is_empty() {
            return (negative, (i64::MIN, all));
        }
        let place = before.len() as i64 - zeros as i64;
        (negative, (exponent.saturating_add(place), all))
    }
}

/// Writes a number with as few digits as needed to distinguish it from all others, as jq does.
pub(super) fn write(number: f64, to: &mut Vec<u8>) {
    use std::io::Write as _;

    if number.is_nan() {
        to.extend_from_slice(b"null");
        return;
    }
    // JSON has no form for numbers that are not finite.
    let number = number.clamp(f64::MIN, f64::MAX);
    if number.fract() == 0.0 && number.abs() < 1e15 && !(number == 0.0 && number.is_sign_negative())
    {
        _ = write!(to, "{}", number as i64);
        return;
    }
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = digits.split_at(usize::from(digits.starts_with('-')));
    let digits = digits.replacen('.', "", 1);
    let exponent: i32 = exponent.parse().unwrap_or_default();
    // The number of digits before the point.
    let point = exponent + 1;
    to.extend_from_slice(sign.as_bytes());
    if point <= -4 || point > digits.len() as i32 + 15 {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        _ = write!(to, "{first}{dot}{rest}e{exponent:+03}");
    } else if point <= 0 {
        let zeros = point.unsigned_abs() as usize;
        _ = write!(to, "0.{:0<zeros$}{digits}", "");
    } else if let Some((before, after)) = digits.split_at_checked(point as usize) {
        let dot = if after.is_empty() { "" } else { "." };
        _ = write!(to, "{before}{dot}{after}");
    } else {
        let width = point as usize;
        _ = write!(to, "{digits:0<width$}");
    }
}
