//! Turns CSV into JSON or JSON Lines, in the world `transformer`.
//!
//! The first row names the columns, and each other one is made an object, its keys in the order of the
//! columns; without a header each row is made an array. Names that are empty or there twice are refused,
//! or numbered if the option `names` says so. Empty lines are no rows, and an empty document is an empty
//! table.
//!
//! # Rows
//!
//! A row is broken if it has more or fewer fields than the first, if a quoted field goes on behind its
//! closing quote or is never closed, or if some of its bytes are not of the encoding. It is refused with
//! its place. With the option `broken-rows` it is left out instead: the attribute `skipped-rows` counts
//! such rows, as `rows` counts the others, and the log has a line for each of the first of them. The
//! header is never left out.
//!
//! # Types
//!
//! Each field is a string unless the option `types` asks for more. Then an empty one is `null`, quoted or
//! not; `true`, `false`, `TRUE` and `FALSE` are booleans; and a number is what JSON takes for one and
//! reads as what was written: whole up to 2⁵³ - 1, or with at most 15 digits and in the range of 64-bit
//! floating point. It is written as it was, so that `1.10` stays `1.10`. All else stays a string:
//!
//! - `007`, `+1`, `.5`, `1.` and ` 1`, which are no numbers of JSON, as are `NaN` and `Infinity`;
//! - `9007199254740993` and `0.1234567890123456789`, of which digits would be lost;
//! - `12e3`, which is more often a part number or a digest than a number; `1.2e4` and `12e+3` are numbers.
//!
//! With `columns`, all of a column that are not empty must be numbers, or all booleans, or they stay
//! strings: one `01234` keeps all zip codes strings. With `fields`, each field is on its own.
//!
//! # Crates
//!
//! csv-core reads fields one by one and tells how far it is, which csv does not: that is where the columns
//! of failures come from, and how a quote that is never closed is noticed. encoding_rs knows all encodings
//! of the Encoding Standard. With UTF-8, UTF-16, Latin-1 and Windows-1252 alone, the plugin would have
//! 130 KB and not 296; but files that are not UTF-8 are mostly older than it, and in any of the others.

mod encoding;
mod json;
mod names;
mod options;
mod place;
mod rows;
mod table;
mod types;

use options::{Options, Output};
use plugwright_guest::{Document, Failure, transformer};
use table::Table;

transformer! {
    summary: "turns CSV into JSON or JSON Lines",
    takes: ["text/csv", TAB_SEPARATED],
    gives: ["application/json", "application/x-ndjson"],
    run: csv_json(&Options)
}

const TAB_SEPARATED: &str = "text/tab-separated-values";

fn csv_json(mut input: Document, options: &Options) -> Result<Document, Failure> {
    let delimiter = options.delimiter.unwrap_or(match &*input.media_type {
        TAB_SEPARATED => b'\t',
        _ => b',',
    });
    let text = encoding::decode(&input.body, options.encoding);
    let Table { names, rows, skipped } = table::read(&text, delimiter, options)?;
    let body = json::write(names.as_deref(), &rows, options.types, options.output)
        .map_err(Failure::internal)?;

    input.set_attribute("rows", rows.len());
    if skipped > 0 {
        input.set_attribute("skipped-rows", skipped);
    }
    let (extension, media_type) = match options.output {
        Output::Json => ("json", "application/json"),
        Output::Lines => ("jsonl", "application/x-ndjson"),
    };
    Ok(input.with_extension(extension).with_media_type(media_type).with_body(body))
}
