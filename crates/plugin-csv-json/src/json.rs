//! Writes rows as JSON.

use crate::options::{Output, Types};
use crate::types::{Columns, Kind};

/// Writes JSON or JSON Lines: objects if the columns have names, otherwise arrays.
pub(crate) struct Json {
    output: Output,
    types: Types,
    /// The text before each field of an object.
    keys: Option<Vec<String>>,
    rows: usize,
    /// Rows that wait until the types of their columns are known.
    waiting: Columns,
}

impl Json {
    pub(crate) fn new(types: Types, output: Output) -> Self {
        Self { output, types, keys: None, rows: 0, waiting: Columns::default() }
    }

    /// Makes rows objects with these names.
    pub(crate) fn name(&mut self, names: &[String]) -> serde_json::Result<()> {
        let key = |(index, name)| {
            let mark = if index == 0 { '{' } else { ',' };
            Ok(format!("{mark}{}:", serde_json::to_string(name)?))
        };
        self.keys = Some(names.iter().enumerate().map(key).collect::<serde_json::Result<_>>()?);
        Ok(())
    }

    /// Writes a row, or keeps it until all rows are there.
    pub(crate) fn row<'a>(
        &mut self,
        row: impl ExactSizeIterator<Item = &'a str>,
        json: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        match self.types {
            Types::Off => self.write(row.map(|field| (field, Kind::Text)), json),
            Types::Fields => self.write(row.map(|field| (field, Kind::of(field))), json),
            Types::Columns => {
                self.waiting.keep(row);
                Ok(())
            }
        }
    }

    /// Writes the rest, and returns the number of rows.
    pub(crate) fn finish(mut self, json: &mut Vec<u8>) -> serde_json::Result<usize> {
        for row in std::mem::take(&mut self.waiting).rows() {
            self.write(row, json)?;
        }
        if self.output == Output::Json {
            json.extend_from_slice(if self.rows == 0 { b"[]\n" } else { b"\n]\n" });
        }
        Ok(self.rows)
    }

    fn write<'a>(
        &mut self,
        row: impl Iterator<Item = (&'a str, Kind)>,
        json: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        match self.output {
            Output::Json if self.rows == 0 => json.extend_from_slice(b"[\n"),
            Output::Json => json.extend_from_slice(b",\n"),
            Output::Lines => {}
        }
        self.rows += 1;
        for (index, (field, kind)) in row.enumerate() {
            let before = match &self.keys {
                Some(keys) => &keys[index],
                None if index == 0 => "[",
                None => ",",
            };
            json.extend_from_slice(before.as_bytes());
            match kind {
                Kind::Empty => json.extend_from_slice(b"null"),
                // The number keeps its digits: `1.10` does not become `1.1`.
                Kind::Number => json.extend_from_slice(field.as_bytes()),
                Kind::Boolean => json.extend(field.bytes().map(|byte| byte.to_ascii_lowercase())),
                Kind::Text => serde_json::to_writer(&mut *json, field)?,
            }
        }
        json.push(if self.keys.is_some() { b'}' } else { b']' });
        if self.output == Output::Lines {
            json.push(b'\n');
        }
        Ok(())
    }
}
