//! Text to a table: names, and rows that are all as long.

use plugwright_guest::{Invalid, warn};

use crate::encoding::{Malformed, Text};
use crate::names;
use crate::options::{BrokenRows, Names, Options};
use crate::place::Places;
use crate::rows::{Problem, Row, Rows};

/// A table.
#[derive(Default)]
pub(crate) struct Table {
    /// Absent if the document has no header.
    pub(crate) names: Option<Vec<String>>,
    pub(crate) rows: Vec<Vec<String>>,
    /// How many rows were left out.
    pub(crate) skipped: usize,
}

/// How many skipped rows get a line each in the log. How much a plugin can log is limited.
const LOGGED: usize = 20;

/// Reads a table.
pub(crate) fn read(text: &Text, delimiter: u8, options: &Options) -> Result<Table, Invalid> {
    let mut places = Places::new(&text.text);
    let mut malformed = text.malformed.iter().peekable();
    let mut table = Table::default();
    let mut columns = None;
    for mut row in Rows::new(&text.text, delimiter, options.quote) {
        let unread = malformed_in(&row, &mut malformed);
        let problem = unread.or(row.problem.take()).or_else(|| ragged(&row, columns));
        let is_header = options.header && columns.is_none();
        match problem {
            // Without its names, the other rows mean nothing.
            Some(problem) if is_header || options.broken_rows == BrokenRows::Refuse => {
                return Err(refused(problem, &mut places));
            }
            Some(problem) => {
                table.skipped += 1;
                if table.skipped <= LOGGED {
                    let at = places.at(problem.offset);
                    warn!(
                        "a row was skipped",
                        line = at.line,
                        column = at.column,
                        reason = problem.message
                    );
                }
                continue;
            }
            None => {}
        }
        columns.get_or_insert(row.fields.len());
        if is_header {
            table.names = Some(match options.names {
                Names::Number => names::numbered(row),
                Names::Refuse => {
                    names::strict(row).map_err(|problem| refused(problem, &mut places))?
                }
            });
        } else {
            table.rows.push(row.fields.into_iter().map(|field| field.value).collect());
        }
    }
    if table.skipped > LOGGED {
        warn!("more rows were skipped", rows = table.skipped - LOGGED);
    }
    Ok(table)
}

/// The first bytes in the row that were not of the encoding. Those of earlier rows are passed by.
fn malformed_in<'a>(
    row: &Row,
    malformed: &mut std::iter::Peekable<impl Iterator<Item = &'a Malformed>>,
) -> Option<Problem> {
    let mut first = None;
    while let Some(Malformed { offset, message }) = malformed.next_if(|at| at.offset < row.end) {
        first.get_or_insert_with(|| Problem { offset: *offset, message: message.clone() });
    }
    first
}

fn ragged(row: &Row, columns: Option<usize>) -> Option<Problem> {
    let columns = columns?;
    let count = row.fields.len();
    let offset = match row.fields.get(columns) {
        Some(field) => field.start,
        None if count < columns => row.end,
        None => return None,
    };
    let noun = if count == 1 { "field" } else { "fields" };
    let message = format!("the row has {count} {noun}, and the first one has {columns}");
    Some(Problem { offset, message })
}

fn refused(problem: Problem, places: &mut Places<'_>) -> Invalid {
    let at = Some(places.at(problem.offset));
    Invalid { message: problem.message, at }
}
