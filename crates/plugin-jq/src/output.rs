//! Writes results as JSON, JSON Lines or text.

use crate::options::Output;
use crate::value::{Style, Val, write};

/// The results of a filter.
#[derive(Default)]
pub(crate) struct Results {
    /// One line for each result.
    lines: Vec<u8>,
    count: usize,
    first: Val,
}

impl Results {
    /// Writes one result, or returns why it cannot be written.
    pub(crate) fn add(&mut self, value: &Val, output: Output) -> Result<(), String> {
        check(value)?;
        match value {
            Val::Text(text) if output == Output::Raw => {
                self.lines.extend_from_slice(text.as_bytes());
            }
            _ => write(value, Style::Compact, &mut self.lines),
        }
        self.lines.push(b'\n');
        if self.count == 0 {
            self.first = value.clone();
        }
        self.count += 1;
        Ok(())
    }

    /// Returns all results as a body, with the extension of its name and its media type. They are JSON Lines unless
    /// there is exactly one result, or if there could have been `several`.
    pub(crate) fn finish(
        self,
        output: Output,
        several: bool,
    ) -> (Vec<u8>, &'static str, &'static str) {
        if output == Output::Raw {
            (self.lines, "txt", "text/plain")
        } else if several || self.count != 1 {
            (self.lines, "jsonl", "application/x-ndjson")
        } else {
            let mut body = self.lines;
            if output == Output::Pretty {
                body.clear();
                write(&self.first, Style::Indented, &mut body);
                body.push(b'\n');
            }
            (body, "json", "application/json")
        }
    }
}

/// Refuses values without a JSON form. jq would write other values for them.
fn check(value: &Val) -> Result<(), String> {
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Val::Number(number) if !number.is_finite() => {
                let number = if number.is_nan() { "nan" } else { "infinite" };
                return Err(format!("a result holds {number}, which is not a number in JSON"));
            }
            Val::Array(array) => waiting.extend(&array.0),
            Val::Object(object) => waiting.extend(object.0.values()),
            _ => {}
        }
    }
    Ok(())
}
