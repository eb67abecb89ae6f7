//! Turns CSV into JSON or JSON Lines, in the world `streamer`.
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
//! # Size
//!
//! A document of any size goes through piece by piece, and no more than a row of it is kept, which has at most
//! 8 MiB and a million fields: a longer one is refused whatever `broken-rows` says. Only `types=columns` keeps the whole table, whose last row may decide what the first one is: with the
//! memory that the manifest asks for, one of some 30 MB.
//!
//! # Model
//!
//! [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180), with all ends of lines, and without its rule that a quote
//! stands in quoted fields alone. Of the twelve files of [csv-spectrum](https://github.com/maxogden/csv-spectrum),
//! eleven come out as its JSON; that of the other one is another table.
//!
//! # Crates
//!
//! csv-core reads rows with quotes field by field and tells how far it is, which csv does not: that is where the
//! columns of failures come from, and how a quote that is never closed is noticed. Rows without quotes are cut by
//! memchr, three times as fast. encoding_rs knows all encodings of the Encoding Standard. With UTF-8, UTF-16,
//! Latin-1 and Windows-1252 alone, the plugin would have 160 KB and not 326; but files that are not UTF-8 are mostly
//! older than it, and in any of the others.

mod encoding;
mod json;
mod names;
mod options;
mod rows;
mod table;
mod text;
mod types;

use encoding::Bytes;
use options::{Options, Output};
use plugwright_guest::{Attributes, Failure, Head, Stream, streamer};
use table::Table;
use text::Text;

streamer! {
    summary: "turns CSV into JSON or JSON Lines",
    takes: ["text/csv", TAB_SEPARATED],
    gives: ["application/json", "application/x-ndjson"],
    state: CsvJson
}

const TAB_SEPARATED: &str = "text/tab-separated-values";

/// How much of a long piece is made text at once, in bytes.
const PART: usize = 64 << 10;

/// A document on its way from CSV to JSON.
struct CsvJson {
    bytes: Bytes,
    text: Text,
    table: Table,
}

impl Stream for CsvJson {
    type Options = Options;

    fn open(head: &mut Head, options: Options) -> Result<Self, Failure> {
        let delimiter = options.delimiter.unwrap_or(match &*head.media_type {
            TAB_SEPARATED => b'\t',
            _ => b',',
        });
        let (extension, media_type) = match options.output {
            Output::Json => ("json", "application/json"),
            Output::Lines => ("jsonl", "application/x-ndjson"),
        };
        head.set_extension(extension);
        media_type.clone_into(&mut head.media_type);
        Ok(Self {
            bytes: Bytes::new(options.encoding),
            text: Text::default(),
            table: Table::new(delimiter, &options),
        })
    }

    fn push(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<usize, Failure> {
        if self.bytes.waits(input.len()) {
            return Ok(0);
        }
        for part in input.chunks(PART) {
            self.bytes.read(part, false, &mut self.text);
            self.table.read(&mut self.text, false, output)?;
        }
        Ok(input.len())
    }

    fn finish(
        mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        mut attributes: Attributes<'_>,
    ) -> Result<(), Failure> {
        self.bytes.read(input, true, &mut self.text);
        self.table.read(&mut self.text, true, output)?;
        let (rows, skipped) = self.table.finish(output)?;
        attributes.set("rows", rows);
        if skipped > 0 {
            attributes.set("skipped-rows", skipped);
        }
        Ok(())
    }
}
