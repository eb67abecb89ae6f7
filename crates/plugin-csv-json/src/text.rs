//! Places in a text, as lines and columns.

use plugwright_guest::Location;

/// Tells the lines and columns of places in a text, each behind the one before.
pub(crate) struct Places<'a> {
    text: &'a str,
    line_start: usize,
    line: usize,
}

impl<'a> Places<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, line_start: 0, line: 1 }
    }

    /// The place `offset` bytes behind the text's beginning.
    pub(crate) fn at(&mut self, offset: usize) -> Location {
        let bytes = self.text.as_bytes();
        for index in self.line_start..offset {
            let ends = match bytes[index] {
                b'\n' => true,
                b'\r' => bytes.get(index + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                self.line += 1;
                self.line_start = index + 1;
            }
        }
        let column = self.text[self.line_start..offset].chars().count() + 1;
        Location::new(self.line, column)
    }
}
