//! The text form of amounts: `64MiB`, `2 s`, `100`.

#![warn(clippy::arithmetic_side_effects)]

use std::num::{IntErrorKind, ParseIntError};

use crate::text::foreign_text::brief;
use crate::text::text_error::TextError;

/// What an amount measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Bytes,
    Milliseconds,
    Count,
}

impl Unit {
    /// Returns the names and sizes of the units, the largest first.
    fn scales(self) -> &'static [(&'static str, u64)] {
        match self {
            Self::Bytes => &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("bytes", 1)],
            Self::Milliseconds => &[("s", 1000), ("ms", 1)],
            Self::Count => &[],
        }
    }
}

/// Reads a whole number and a unit, with or without a space between them. Without a unit, the smallest one is used.
pub(crate) fn read(text: &str, unit: Unit) -> Result<u64, TextError> {
    if text.is_empty() {
        return Err(TextError::new("an amount is missing"));
    }
    let no_amount =
        |why: &str| TextError::new(format!("`{}` is not an amount: {why}", brief(text)));
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
    let (number, word) = text.split_at_checked(end).unwrap_or((text, ""));
    if word.starts_with(['.', ',']) {
        return Err(no_amount(NOT_WHOLE));
    }
    let number = read_number(number).map_err(no_amount)?;
    let word = word.trim_start_matches(' ');
    let scale = match unit.scales().iter().find(|(name, _)| *name == word) {
        Some((_, scale)) => *scale,
        None if word.is_empty() => 1,
        None => {
            let names: Vec<_> = unit.scales().iter().map(|(name, _)| *name).collect();
            return Err(no_amount(&match &*names {
                [] => format!("it takes no unit, but has `{}`", brief(word)),
                names => format!("there is no unit `{}`, only {}", brief(word), names.join(", ")),
            }));
        }
    };
    number.checked_mul(scale).ok_or_else(|| no_amount(TOO_LARGE))
}

const NOT_WHOLE: &str = "it is not a whole number of 0 or more";
const TOO_LARGE: &str = "it is too large";

/// Reads a whole number, or returns the reason why the text is not one.
pub(crate) fn read_number(text: &str) -> Result<u64, &'static str> {
    text.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::Empty => "a number is missing",
        IntErrorKind::PosOverflow => TOO_LARGE,
        _ => NOT_WHOLE,
    })
}

/// Reads `NAME=VALUE`, where the name is that of one of the limits `all`. The value `none` becomes `None`. For any
/// other name, the error begins with `unknown`.
pub(crate) fn read_limit<L: Copy>(
    text: &str,
    all: &[L],
    name: fn(L) -> &'static str,
    unit: fn(L) -> Unit,
    unknown: &str,
) -> Result<(L, Option<u64>), TextError> {
    let written = || TextError::new("a limit is written NAME=VALUE");
    let (given, value) =
        text.split_once('=').filter(|(given, _)| !given.is_empty()).ok_or_else(written)?;
    let limit = all.iter().copied().find(|limit| name(*limit) == given).ok_or_else(|| {
        let names: Vec<_> = all.iter().copied().map(name).collect();
        TextError::new(format!("{unknown} `{}`, only {}", brief(given), names.join(", ")))
    })?;
    let value = if value == "none" { None } else { Some(read(value, unit(limit))?) };
    Ok((limit, value))
}

/// Writes the amount in the largest unit that gives a whole number.
pub(crate) fn write(amount: u64, unit: Unit) -> String {
    let whole =
        |(_, scale): &&(&str, u64)| *scale > 1 && amount >= *scale && amount.is_multiple_of(*scale);
    match unit.scales().iter().find(whole) {
        Some((name, scale)) => format!("{}{name}", amount.checked_div(*scale).unwrap_or(amount)),
        None if unit == Unit::Milliseconds => format!("{amount}ms"),
        None => amount.to_string(),
    }
}

/// Returns the amount for messages, always with its unit.
pub(crate) fn told(amount: u64, unit: Unit) -> String {
    let written = write(amount, unit);
    match unit {
        Unit::Bytes if amount == 1 => "1 byte".to_owned(),
        Unit::Bytes if written.ends_with(|c: char| c.is_ascii_digit()) => {
            format!("{written} bytes")
        }
        _ => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for amount in [0, 1, 1000, 1024, 1536 << 10, 64 << 20, 3 << 30, u64::MAX] {
            for unit in [Unit::Bytes, Unit::Milliseconds, Unit::Count] {
                assert_eq!(read(&write(amount, unit), unit), Ok(amount));
            }
        }
        assert_eq!(write(64 << 20, Unit::Bytes), "64MiB");
        assert_eq!(write(1500, Unit::Milliseconds), "1500ms");
        let told = |amount| told(amount, Unit::Bytes);
        assert_eq!(
            [told(0), told(1), told(1000), told(4 << 10)],
            ["0 bytes", "1 byte", "1000 bytes", "4KiB"]
        );
    }

    #[test]
    fn a_space_before_the_unit_makes_no_difference() {
        assert_eq!(read("960 KiB", Unit::Bytes), Ok(960 << 10));
        assert_eq!(read("960KiB", Unit::Bytes), Ok(960 << 10));
        assert_eq!(read("20 bytes", Unit::Bytes), Ok(20));
        assert_eq!(read("2 s", Unit::Milliseconds), Ok(2000));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        let refused = |text: &str, unit| read(text, unit).expect_err(text).to_string();
        for text in ["", "KiB", "-1 KiB", "1.5 MiB", "20 KB", " 1", "1\tKiB", "1 KiB ", "1 s"] {
            refused(text, Unit::Bytes);
        }
        assert_eq!(
            refused("20 KB", Unit::Bytes),
            "`20 KB` is not an amount: there is no unit `KB`, only GiB, MiB, KiB, bytes"
        );
        assert_eq!(
            refused("1s", Unit::Count),
            "`1s` is not an amount: it takes no unit, but has `s`"
        );
        for too_large in ["99999999999999 GiB", "99999999999999999999"] {
            let says = format!("`{too_large}` is not an amount: it is too large");
            assert_eq!(refused(too_large, Unit::Bytes), says);
        }
        for not_whole in ["1.5MiB", "1,5 MiB", "-1", ".5", "1-2"] {
            let says =
                format!("`{not_whole}` is not an amount: it is not a whole number of 0 or more");
            assert_eq!(refused(not_whole, Unit::Bytes), says);
        }
        assert_eq!(refused("", Unit::Bytes), "an amount is missing");
        for missing in ["KiB", "many"] {
            let says = format!("`{missing}` is not an amount: a number is missing");
            assert_eq!(refused(missing, Unit::Bytes), says);
        }
    }
}
