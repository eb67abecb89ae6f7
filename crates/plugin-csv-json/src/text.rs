//! The text that is read, of which what is done with is dropped, and the lines and columns in it.

use std::collections::VecDeque;

use memchr::memchr2_iter;
use plugwright_guest::Location;

use crate::rows::Problem;

/// What is there of a document's text.
#[derive(Default)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// What was not of the encoding, in order. U+FFFD stands in its place.
    pub(crate) malformed: VecDeque<Problem>,
    /// How many lines were dropped.
    lines: usize,
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

    /// Drops the text before `offset`, which is not between the two characters that end a line.
    pub(crate) fn drop_before(&mut self, offset: usize) {
        self.lines +=
            ends(&self.text.as_bytes()[..offset], self.text.as_bytes().get(offset)).count();
        self.text.drain(..offset);
        for problem in &mut self.malformed {
            problem.offset -= offset;
        }
    }
}

/// Where lines end, by their last character: a line feed, or a carriage return without one.
fn ends<'a>(text: &'a [u8], next: Option<&'a u8>) -> impl Iterator<Item = usize> + 'a {
    memchr2_iter(b'\r', b'\n', text)
        .filter(move |index| text[*index] == b'\n' || text.get(index + 1).or(next) != Some(&b'\n'))
}
