//! Counting.

use crate::exports::plugwright::plugin::transform::{Failure, InvalidInput, Location};

/// What there is to count, in the order in which it is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    Lines,
    Words,
    Characters,
    Bytes,
}

impl Count {
    pub(crate) const ALL: [Self; 4] = [Self::Lines, Self::Words, Self::Characters, Self::Bytes];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Words => "words",
            Self::Characters => "characters",
            Self::Bytes => "bytes",
        }
    }
}

/// The counts of a text.
pub(crate) struct Tally {
    lines: usize,
    words: usize,
    characters: usize,
    bytes: usize,
}

impl Tally {
    pub(crate) fn get(&self, count: Count) -> usize {
        match count {
            Count::Lines => self.lines,
            Count::Words => self.words,
            Count::Characters => self.characters,
            Count::Bytes => self.bytes,
        }
    }
}

/// Counts what is in the text, or says where it is not UTF-8.
pub(crate) fn of(body: &[u8]) -> Result<Tally, Failure> {
    let text = std::str::from_utf8(body).map_err(|error| refused(body, error.valid_up_to()))?;
    Ok(Tally {
        lines: text.lines().count(),
        words: text.split_whitespace().count(),
        characters: text.chars().count(),
        bytes: text.len(),
    })
}

/// The refusal of a body that is UTF-8 up to the byte `valid`.
fn refused(body: &[u8], valid: usize) -> Failure {
    let text = String::from_utf8_lossy(&body[..valid]);
    let line_start = text.rfind('\n').map_or(0, |newline| newline + 1);
    let bounded = |number| u32::try_from(number).unwrap_or(u32::MAX);
    Failure::InvalidInput(InvalidInput {
        message: format!("the byte {:#04x} is not UTF-8 here", body[valid]),
        at: Some(Location {
            line: bounded(text.matches('\n').count() + 1),
            column: bounded(text[line_start..].chars().count() + 1),
        }),
    })
}
