//! Counts.

use plugwright_guest::choices;

choices! {
    /// A kind of count. The order is that of the output.
    pub(crate) enum Count {
        Lines = "lines",
        Words = "words",
        Characters = "characters",
        Bytes = "bytes",
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
    /// Counts the text.
    pub(crate) fn of(text: &str) -> Self {
        Self {
            lines: text.lines().count(),
            words: text.split_whitespace().count(),
            characters: text.chars().count(),
            bytes: text.len(),
        }
    }

    pub(crate) fn get(&self, count: Count) -> usize {
        match count {
            Count::Lines => self.lines,
            Count::Words => self.words,
            Count::Characters => self.characters,
            Count::Bytes => self.bytes,
        }
    }
}
