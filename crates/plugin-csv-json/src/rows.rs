//! Text to rows of fields, each with its place in the text.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

/// The rows of a text, one after the other.
pub(crate) struct Rows<'a> {
    text: &'a str,
    at: usize,
    reader: Reader,
    quote: Option<u8>,
}

/// One row.
#[derive(Default)]
pub(crate) struct Row {
    /// Where the row begins in the text, and where it ends, without the end of the line.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) fields: Vec<Field>,
    /// What is wrong with the quotes, if something is.
    pub(crate) problem: Option<Problem>,
}

/// One field.
pub(crate) struct Field {
    /// Where it begins in the text.
    pub(crate) start: usize,
    pub(crate) value: String,
}

/// What is wrong with a row.
pub(crate) struct Problem {
    /// Where in the text.
    pub(crate) offset: usize,
    pub(crate) message: String,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(text: &'a str, delimiter: u8, quote: Option<u8>) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(delimiter).quoting(quote.is_some());
        if let Some(quote) = quote {
            builder.quote(quote);
        }
        Self { text, at: 0, reader: builder.build(), quote }
    }

    /// Reads one field, and says whether it is the row's last. Absent if the text ends within quotes.
    fn field(&mut self) -> Option<(Field, bool, Option<Problem>)> {
        let start = self.at;
        let mut value = Vec::new();
        let mut buffer = [0; 256];
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            // A last line that does not end is ended here, because the reader would not say whether
            // it was still within quotes.
            let input = if rest.is_empty() { b"\n" } else { rest };
            let (result, read, written) = self.reader.read_field(input, &mut buffer);
            value.extend_from_slice(&buffer[..written]);
            if !rest.is_empty() {
                self.at += read;
            }
            match result {
                ReadFieldResult::Field { record_end } => {
                    let end = if rest.is_empty() { self.at } else { self.at - 1 };
                    let value = String::from_utf8_lossy(&value).into_owned();
                    let problem = self.problem(start, end, &value);
                    return Some((Field { start, value }, record_end, problem));
                }
                ReadFieldResult::InputEmpty if rest.is_empty() => return None,
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
                ReadFieldResult::End => return None,
            }
        }
    }

    /// What is wrong with a quoted field: the reader takes text after the closing quote as a part of it.
    fn problem(&self, start: usize, end: usize, value: &str) -> Option<Problem> {
        let quote = self.quote?;
        let written = &self.text.as_bytes()[start..end];
        if written.first() != Some(&quote) {
            return None;
        }
        let doubled = value.bytes().filter(|byte| *byte == quote).count();
        let whole = written.last() == Some(&quote) && written.len() == 2 + value.len() + doubled;
        let message = "there is text between the closing quote of this field and its end";
        (!whole).then(|| Problem { offset: start, message: message.to_owned() })
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        // Empty lines are no rows.
        let rest = self.text[self.at..].trim_start_matches(['\r', '\n']);
        self.at = self.text.len() - rest.len();
        if rest.is_empty() {
            return None;
        }
        let mut row = Row { start: self.at, ..Row::default() };
        loop {
            let start = self.at;
            let Some((field, last, problem)) = self.field() else {
                let message = "the quote that opens this field is never closed".to_owned();
                row.problem.get_or_insert(Problem { offset: start, message });
                row.end = self.at;
                return Some(row);
            };
            row.fields.push(field);
            if let Some(problem) = problem {
                row.problem.get_or_insert(problem);
            }
            if last {
                let ended = self.text[row.start..self.at].ends_with(['\r', '\n']);
                row.end = self.at - usize::from(ended);
                return Some(row);
            }
        }
    }
}
