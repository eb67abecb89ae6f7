//! Checks that all rows are equally long, and writes each row as JSON as soon as it is complete.

use std::collections::VecDeque;

use plugwright_guest::{Failure, Invalid, warn};

use crate::json::Json;
use crate::names;
use crate::options::{BrokenRows, Names, Options};
use crate::rows::{Problem, Row, Rows};
use crate::text::{Malformed, Text};

/// A table that is being converted.
pub(crate) struct Table {
    rows: Rows,
    header: bool,
    names: Names,
    broken_rows: BrokenRows,
    /// The number of fields of the first row.
    columns: Option<usize>,
    json: Json,
    /// The number of skipped rows.
    skipped: usize,
}

/// How many skipped rows get their own log line. The log of a plugin is limited.
const LOGGED: usize = 20;

impl Table {
    pub(crate) fn new(delimiter: u8, options: &Options) -> Self {
        Self {
            rows: Rows::new(delimiter, options.quote),
            header: options.header,
            names: options.names,
            broken_rows: options.broken_rows,
            columns: None,
            json: Json::new(options.types, options.output),
            skipped: 0,
        }
    }

    /// Reads the complete rows, and drops their text. With `last`, no more text follows.
    pub(crate) fn read(
        &mut self,
        text: &mut Text,
        last: bool,
        output: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        while let Some(mut row) = self.rows.next(text.text.as_bytes(), last) {
            let unread = malformed_before(row.end, &mut text.malformed);
            let too_long = row.problem.take_if(|problem| problem.last);
            let problem =
                too_long.or(unread).or(row.problem.take()).or_else(|| ragged(&row, self.columns));
            let is_header = self.header && self.columns.is_none();
            match problem {
                // Without names, the other rows have no meaning.
                Some(problem)
                    if is_header || problem.last || self.broken_rows == BrokenRows::Refuse =>
                {
                    return Err(refused(problem, text).into());
                }
                Some(problem) => {
                    self.skipped += 1;
                    if self.skipped <= LOGGED {
                        log(&problem, text);
                    }
                    continue;
                }
                None => {}
            }
            self.columns.get_or_insert(row.values().len());
            if is_header {
                let names = match self.names {
                    Names::Number => names::numbered(&row),
                    Names::Refuse => {
                        names::strict(&row).map_err(|problem| refused(problem, text))?
                    }
                };
                self.json.name(&names).map_err(Failure::internal)?;
            } else {
                self.json.row(row.values(), output).map_err(Failure::internal)?;
            }
        }
        text.drop_before(self.rows.take_start());
        Ok(())
    }

    /// Writes the rest, and returns the numbers of rows and of skipped rows.
    pub(crate) fn finish(self, output: &mut Vec<u8>) -> Result<(usize, usize), Failure> {
        if self.skipped > LOGGED {
            warn!("more rows were skipped", rows = self.skipped - LOGGED);
        }
        Ok((self.json.finish(output).map_err(Failure::internal)?, self.skipped))
    }
}

/// Returns the first invalid bytes before `end`, and drops the other invalid bytes before it.
fn malformed_before(end: usize, malformed: &mut VecDeque<Malformed>) -> Option<Problem> {
    let mut first = None;
    while let Some(it) = malformed.pop_front_if(|it| it.offset < end) {
        first.get_or_insert(it);
    }
    first.map(Problem::from)
}

fn ragged(row: &Row<'_>, columns: Option<usize>) -> Option<Problem> {
    let columns = columns?;
    let count = row.values().len();
    if count == columns {
        return None;
    }
    let noun = if count == 1 { "field" } else { "fields" };
    let message = format!("the row has {count} {noun}, and the first one has {columns}");
    Some(Problem::new(row.field(columns).unwrap_or(row.end), message))
}

fn refused(problem: Problem, text: &Text) -> Invalid {
    let at = Some(text.place(problem.offset));
    Invalid { message: problem.message, at }
}

fn log(problem: &Problem, text: &Text) {
    let at = text.place(problem.offset);
    warn!("a row was skipped", line = at.line, column = at.column, reason = problem.message);
}
