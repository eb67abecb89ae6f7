//! The text that is being read. Finished text is dropped, but lines and columns are still counted.

use std::collections::VecDeque;

use encoding_rs::Encoding;
use memchr::memchr2_iter;
use plugwright_guest::Location;

use crate::rows::Problem;

/// The part of a document's text that is in memory.
#[derive(Default)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// The invalid bytes, in order. U+FFFD replaces them in the text.
    pub(crate) malformed: VecDeque<Malformed>,
    /// The number of dropped lines.
    lines: usize,
}

/// No encoding needs more bytes than this to detect an invalid sequence.
pub(crate) const RECENT: usize = 8;

/// Invalid bytes. A document can consist of them, but only a few are reported.
pub(crate) struct Malformed {
    /// Their place in the text.
    pub(crate) offset: usize,
    /// The bytes, the last one first, and their number.
    pub(crate) bytes: [u8; RECENT],
    pub(crate) length: u8,
    pub(crate) encoding: &'static Encoding,
}

impl From<Malformed> for Problem {
    fn from(Malformed { offset, bytes, length, encoding }: Malformed) -> Self {
        let shown = bytes.iter().take(length.into()).rev().map(|byte| format!("{byte:#04x}"));
        let shown = shown.collect::<Vec<_>>().join(" ");
        let (noun, verb) = if length == 1 { ("byte", "is") } else { ("bytes", "are") };
        let message = format!(
            "the {noun} {shown} {verb} not {} here: if the document has another encoding, name it with the option `encoding`",
            encoding.name(),
        );
        Self::new(offset, message)
    }
}

impl Text {
    /// Returns the place `offset` bytes after the beginning of the text.
    pub(crate) fn place(&self, offset: usize) -> Location {
        let (mut line, mut start) = (self.lines + 1, 0);
        for end in ends(&self.text.as_bytes()[..offset], self.text.as_bytes().get(offset)) {
            line += 1;
            start = end + 1;
        }
        Location::new(line, self.text[start..offset].chars().count() + 1)
    }

    /// Drops the text before `offset`, which is the beginning of a row.
    pub(crate) fn drop_before(&mut self, offset: usize) {
        // Only the first invalid bytes of a row are reported.
        self.malformed.truncate(1);
        if offset == 0 {
            return;
        }
        self.lines +=
            ends(&self.text.as_bytes()[..offset], self.text.as_bytes().get(offset)).count();
        self.text.drain(..offset);
        for malformed in &mut self.malformed {
            malformed.offset -= offset;
        }
    }
}

/// Returns the last characters of the line ends: a line feed, or a carriage return without a line feed.
fn ends<'a>(text: &'a [u8], next: Option<&'a u8>) -> impl Iterator<Item = usize> + 'a {
    memchr2_iter(b'\r', b'\n', text)
        .filter(move |index| text[*index] == b'\n' || text.get(index + 1).or(next) != Some(&b'\n'))
}
