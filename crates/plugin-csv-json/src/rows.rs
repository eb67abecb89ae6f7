//! Splits text into rows of fields, with the place of each.

use std::ops::Range;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use memchr::{memchr_iter, memchr2, memchr3};

/// Reads the rows of a text, one after the other, as far as the text has arrived.
///
/// A row without quotes is cut at its delimiters. A row with quotes goes through csv-core, field by field.
pub(crate) struct Rows {
    delimiter: u8,
    quote: Option<u8>,
    reader: Reader,
    buffer: [u8; 256],
    /// Where the current row begins in the text.
    start: usize,
    /// The length of this row, if it has been read to its end.
    length: Option<usize>,
    /// How many bytes of this row have been read.
    read: usize,
    /// Whether the row has quotes.
    quotes: bool,
    fields: Vec<Field>,
    /// The values of the fields of a row with quotes.
    values: Vec<u8>,
    problem: Option<Problem>,
}

/// One row.
pub(crate) struct Row<'a> {
    /// Where the row ends in the text, without its line end.
    pub(crate) end: usize,
    /// What is wrong with its quotes or its length, if anything is.
    pub(crate) problem: Option<Problem>,
    start: usize,
    fields: &'a [Field],
    values: &'a [u8],
}

/// One field: where it begins, relative to the row, and where its value is.
struct Field {
    start: usize,
    value: Range<usize>,
}

/// What is wrong with a row.
pub(crate) struct Problem {
    /// Where the mistake is in the text.
    pub(crate) offset: usize,
    pub(crate) message: String,
    /// Whether reading cannot continue after it.
    pub(crate) last: bool,
}

/// The greatest length of a row in bytes. A longer row usually has a quote that is never closed, and would have to be
/// kept until its end.
const LONGEST: usize = 8 << 20;

/// The greatest number of fields of a row. Each field takes memory of its own.
const MOST_FIELDS: usize = 1_000_000;

impl Rows {
    pub(crate) fn new(delimiter: u8, quote: Option<u8>) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(delimiter).quoting(quote.is_some());
        if let Some(quote) = quote {
            builder.quote(quote);
        }
        let mut reader = builder.build();
        // The reader removes a byte order mark from the first row that it reads, which can be any row with quotes.
        reader.read_field(b"\n", &mut [0]);
        Self {
            delimiter,
            quote,
            reader,
            buffer: [0; 256],
            start: 0,
            length: None,
            read: 0,
            quotes: false,
            fields: Vec::new(),
            values: Vec::new(),
            problem: None,
        }
    }

    /// Returns the next row, if it has arrived completely. With `last`, no more text follows.
    pub(crate) fn next<'a>(&'a mut self, text: &'a [u8], last: bool) -> Option<Row<'a>> {
        if let Some(length) = self.length.take() {
            self.start += length;
            self.read = 0;
            self.quotes = false;
            self.fields.clear();
            self.values.clear();
        }
        if self.read == 0 {
            self.start += empty_lines(&text[self.start..], last);
        }
        let row = &text[self.start..];
        if matches!(row.first(), None | Some(b'\r')) {
            return None;
        }
        let length = self.read(row, last);
        if length.unwrap_or(row.len()) > LONGEST {
            let message = "the row has more than 8 MiB: a quote in it may not be closed";
            self.problem = Some(Problem { last: true, ..Problem::new(0, message) });
        } else if self.fields.len() > MOST_FIELDS {
            let message = format!("the row has more than {MOST_FIELDS} fields");
            self.problem = Some(Problem { last: true, ..Problem::new(0, message) });
        } else if length.is_none() {
            return None;
        }
        let length = length.unwrap_or(row.len());
        self.length = Some(length);
        let problem = self.problem.take();
        Some(Row {
            end: self.start + length,
            problem: problem.map(|it| Problem { offset: self.start + it.offset, ..it }),
            start: self.start,
            fields: &self.fields,
            values: if self.quotes { &self.values } else { row },
        })
    }

    /// Where the first unread row begins. The text before it can be dropped.
    pub(crate) fn take_start(&mut self) -> usize {
        std::mem::take(&mut self.start)
    }

    /// Continues to read a row, and returns its length if it has arrived completely.
    fn read(&mut self, row: &[u8], last: bool) -> Option<usize> {
        if self.quotes {
            return self.read_quoted(row, last);
        }
        let rest = &row[self.read..];
        let stop = match self.quote {
            Some(quote) => memchr3(quote, b'\r', b'\n', rest),
            None => memchr2(b'\r', b'\n', rest),
        };
        match stop {
            Some(stop) if Some(rest[stop]) == self.quote => {
                self.quotes = true;
                self.read = 0;
                self.fields.push(Field { start: 0, value: 0..0 });
                self.read_quoted(row, last)
            }
            None if !last => {
                self.read = row.len();
                None
            }
            _ => {
                let length = self.read + stop.unwrap_or(rest.len());
                let mut start = 0;
                let ends = memchr_iter(self.delimiter, &row[..length]).chain([length]);
                for end in ends.take(MOST_FIELDS + 1) {
                    self.fields.push(Field { start, value: start..end });
                    start = end + 1;
                }
                Some(length)
            }
        }
    }

    /// Continues to read a row, field by field. The last field is the one that is being read.
    fn read_quoted(&mut self, row: &[u8], last: bool) -> Option<usize> {
        loop {
            let rest = &row[self.read..];
            if rest.is_empty() && !last {
                return None;
            }
            // A missing last line end is added here. Without it, the reader would not report an open quote.
            let input = if rest.is_empty() { b"\n" } else { rest };
            let (result, read, written) = self.reader.read_field(input, &mut self.buffer);
            self.values.extend_from_slice(&self.buffer[..written]);
            let end = self.read + read - 1;
            if !rest.is_empty() {
                self.read += read;
            }
            let field = self.fields.last_mut()?;
            match result {
                ReadFieldResult::Field { record_end } => {
                    field.value.end = self.values.len();
                    if !is_whole(
                        &row[field.start..end],
                        &self.values[field.value.clone()],
                        self.quote,
                    ) {
                        let message =
                            "there is text between the closing quote of this field and its end";
                        self.problem.get_or_insert(Problem::new(field.start, message));
                    }
                    if record_end {
                        return Some(end);
                    }
                    if self.fields.len() > MOST_FIELDS {
                        return None;
                    }
                    self.fields.push(Field {
                        start: end + 1,
                        value: self.values.len()..self.values.len(),
                    });
                }
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull if !rest.is_empty() => {}
                _ => {
                    let message = "the quote that opens this field is never closed";
                    self.problem.get_or_insert(Problem::new(field.start, message));
                    return Some(row.len());
                }
            }
        }
    }
}

impl<'a> Row<'a> {
    /// The values of the fields.
    pub(crate) fn values(&self) -> impl ExactSizeIterator<Item = &'a str> + Clone {
        let values = self.values;
        self.fields.iter().map(move |field| text(&values[field.value.clone()]))
    }

    /// Returns where this field begins in the text, if it exists.
    pub(crate) fn field(&self, index: usize) -> Option<usize> {
        self.fields.get(index).map(|field| self.start + field.start)
    }
}

impl Problem {
    pub(crate) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into(), last: false }
    }
}

/// Counts the line ends at the beginning of the text. If more text follows, a final carriage return is not counted,
/// because the next byte may be its line feed.
fn empty_lines(text: &[u8], last: bool) -> usize {
    let count = text.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    match text.last() {
        Some(b'\r') if !last && count == text.len() => count - 1,
        _ => count,
    }
}

/// Returns whether a quoted field ends with its closing quote. The reader takes text after the quote as a part of the
/// field.
fn is_whole(written: &[u8], value: &[u8], quote: Option<u8>) -> bool {
    let Some(quote) = quote.filter(|quote| written.first() == Some(quote)) else {
        return true;
    };
    let doubled = memchr_iter(quote, value).count();
    written.last() == Some(&quote) && written.len() == 2 + value.len() + doubled
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text is cut at ASCII characters")
}
