//! Turns CSV into JSON or JSON Lines, in the world `streamer`.
//!
//! The first row names the columns. Each other row becomes an object, with its keys in the order of the columns.
//! Without a header, each row becomes an array. Empty and duplicate names are refused, or numbered if the option
//! `names` says so. Empty lines are not rows, and an empty document is an empty table.
//!
//! # Rows
//!
//! A row is broken in these cases:
//!
//! - It has more or fewer fields than the first row.
//! - A quoted field has text after its closing quote, or is never closed.
//! - It has bytes that are invalid in the encoding.
//!
//! A broken row is refused with its place. With the option `broken-rows` it is skipped instead. Then the attribute
//! `skipped-rows` counts the skipped rows, as `rows` counts the others, and the log has a line for each of the first
//! skipped rows. The header is never skipped.
//!
//! # Types
//!
//! Each field is a string unless the option `types` asks for more. With it, an empty field is `null`, quoted or not.
//! `true`, `false`, `TRUE` and `FALSE` are booleans. A field is a number if it is a number in JSON that readers keep
//! exactly: an integer up to 2⁵³ - 1, or a number with at most 15 digits in the range of 64-bit floating point. A
//! number keeps its digits, so `1.10` stays `1.10`. All other fields stay strings:
//!
//! - `007`, `+1`, `.5`, `1.`, ` 1`, `NaN` and `Infinity`, which are not numbers in JSON
//! - `9007199254740993` and `0.1234567890123456789`, which would lose digits
//! - `12e3`, which is more often a part number or a digest than a number (`1.2e4` and `12e+3` are numbers)
//!
//! With `columns`, all fields of a column that are not empty must be numbers, or all must be booleans. Otherwise they stay
//! strings, so one `01234` keeps all zip codes strings. With `fields`, each field is decided separately.
//!
//! # Size
//!
//! A document of any size goes through piece by piece. Only one row is kept at a time. A row has at most 8 MiB and a
//! million fields. A longer row is refused whatever `broken-rows` says. Only `types=columns` keeps the whole table,
//! because the last row may decide the type of the first. With the memory that the manifest asks for, such a table can
//! have some 30 MB.
//!
//! # Model
//!
//! The model is [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180), but with all kinds of line ends, and with quotes
//! allowed in fields without quotes. Eleven of the twelve files of
//! [csv-spectrum](https://github.com/maxogden/csv-spectrum) give its JSON. The JSON of the twelfth file belongs to
//! another table.
//!
//! # Crates
//!
//! csv-core reads rows with quotes, field by field. Unlike csv, it reports how far it has read. The columns of failures
//! come from there, and so does the detection of a quote that is never closed. memchr cuts rows without quotes, which
//! is three times as fast. encoding_rs knows all encodings of the Encoding Standard. With only UTF-8, UTF-16, Latin-1
//! and Windows-1252, the plugin would have 160 KB instead of 326 KB. But most files that are not UTF-8 are old, and can
//! be in any of the other encodings.

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

/// How many bytes of a long piece are decoded at once.
const PART: usize = 64 << 10;

/// A document that is being converted from CSV to JSON.
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
