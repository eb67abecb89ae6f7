//! Results to JSON, JSON Lines or text.

use jaq_json::write::{self, Pp};
use jaq_json::{Num, Val};

use crate::input::DEPTH;
use crate::options::Output;

/// What a filter gave.
#[derive(Default)]
pub(crate) struct Results {
    /// A line for each result.
    lines: Vec<u8>,
    count: usize,
    first: Val,
}

impl Results {
    /// Writes one result, or says why it cannot be written.
    pub(crate) fn add(&mut self, value: &Val, output: Output) -> Result<(), String> {
        check(value, DEPTH)?;
        match value {
            Val::TStr(text) if output == Output::Raw => self.lines.extend_from_slice(text),
            _ => json(&mut self.lines, &Pp::default(), value)?,
        }
        self.lines.push(b'\n');
        if self.count == 0 {
            self.first = value.clone();
        }
        self.count += 1;
        Ok(())
    }

    /// All results as a body, the extension of its name, and its media type. They are JSON Lines if there
    /// are not exactly one, or if there could have been `several`.
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
            let pretty = Pp { indent: Some("  ".to_owned()), sep_space: true, ..Pp::default() };
            let mut body = Vec::new();
            match output {
                // It was written as a line already, so that it can be.
                Output::Pretty if json(&mut body, &pretty, &self.first).is_ok() => body.push(b'\n'),
                _ => body = self.lines,
            }
            (body, "json", "application/json")
        }
    }
}

fn json(to: &mut Vec<u8>, style: &Pp, value: &Val) -> Result<(), String> {
    write::write(to, style, 0, value).map_err(|error| error.to_string())
}

/// Refuses what JSON has no place for: jaq would write something that is not JSON.
fn check(value: &Val, depth: usize) -> Result<(), String> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(format!("a result is nested deeper than {DEPTH} levels"));
    };
    match value {
        Val::Num(Num::Float(number)) if !number.is_finite() => {
            Err(format!("a result holds {value}, which is no number of JSON"))
        }
        Val::Null | Val::Bool(_) | Val::Num(_) => Ok(()),
        Val::TStr(text) => match std::str::from_utf8(text) {
            Ok(_) => Ok(()),
            Err(_) => Err("a result holds a string that is not UTF-8".to_owned()),
        },
        Val::BStr(_) => Err("a result holds bytes, which JSON does not have".to_owned()),
        Val::Arr(values) => values.iter().try_for_each(|value| check(value, depth)),
        Val::Obj(entries) => entries.iter().try_for_each(|(key, value)| match key {
            Val::TStr(_) => check(key, depth).and_then(|()| check(value, depth)),
            _ => Err("a result is an object with a key that is not a string".to_owned()),
        }),
    }
}
