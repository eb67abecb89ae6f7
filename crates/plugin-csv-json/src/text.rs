//! The text that is read, of which what is done with is dropped, and the lines and columns in it.

use std::collections::VecDeque;

use encoding_rs::Encoding;
use memchr::memchr2_iter;
use plugwright_guest::Location;

use crate::rows::Problem;

/// What is there of a document's text.
#[derive(Default)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// What was not of the encoding, in order. U+FFFD stands in its place.
    pub(crate) malformed: VecDeque<Malformed>,
    /// How many lines were dropped.
    lines: usize,
}

/// No encoding looks at more bytes than these to say that some of them are not of it.
pub(crate) const RECENT: usize = 8;

/// Bytes that are not of the encoding. There can be as many as the document has, and few are told.
pub(crate) struct Malformed {
    /// Where in the text they stood.
    pub(crate) offset: usize,
    /// The bytes, the last one first, and how many there are.
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
            "the {noun} {shown} {verb} not {} here: if the document is not, say in the option `encoding` what it is",
            encoding.name(),
        );
        Self::new(offset, message)
    }
}

impl Text {
    /// The place `offset` bytes behind the text's beginning.
    pub(crate) fn place(&self, offset: usize) -> Location {
        let (mut line, mut start) = (self.lines + 1, 0);
        for end in ends(&self.text.as_bytes()[..offset], self.text.as_bytes().get(offset)) {
            line += 1;
            start = end + 1;
        }
        Location::new(line, self.text[start..offset].chars().count() + 1)
    }

    /// Drops the text before `offset`, where a row begins, all that is there of it behind that.
    pub(crate) fn drop_before(&mut self, offset: usize) {
        // Of one row, no more than the first is told.
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

/// Where lines end, by their last character: a line feed, or a carriage return without one.
fn ends<'a>(text: &'a [u8], next: Option<&'a u8>) -> impl Iterator<Item = usize> + 'a {
    memchr2_iter(b'\r', b'\n', text)
        .filter(move |index| text[*index] == b'\n' || text.get(index + 1).or(next) != Some(&b'\n'))
}
