//! The options of this plugin.

use encoding_rs::Encoding;
use plugwright_guest::{Failure, Invalid, choices, options};

options! {
    pub(crate) struct Options {
        /// what separates fields: one ASCII character, or `tab`; `auto` is a tab for
        /// `text/tab-separated-values` and else a comma
        pub(crate) delimiter: Option<u8> = "auto", by delimiter;
        /// what quotes fields: one ASCII character, or `none`
        pub(crate) quote: Option<u8> = "\"", by quote;
        /// `true` takes the first row as names and makes each other row an object; `false` makes each
        /// row an array
        pub(crate) header: bool = "true", of { "true" => true, "false" => false };
        /// what to do with an empty or duplicate name: `refuse` the document, or `number` the name,
        /// as in `column-3` and `name-2`
        pub(crate) names: Names = Names::Refuse;
        /// the encoding of a document without a byte order mark, by a name of the Encoding Standard
        /// such as `windows-1252`, `utf-16le` or `shift_jis`; `auto` is UTF-8
        pub(crate) encoding: Option<&'static Encoding> = "auto", by encoding;
        /// `off` makes each field a string; `columns` makes numbers or booleans of a column that has
        /// nothing else, and keeps the whole table for that; `fields` decides for each field
        /// separately; both make an empty field `null`
        pub(crate) types: Types = Types::Off;
        /// what to do with a row that has more or fewer fields than the first, or broken quotes, or
        /// bytes that are invalid in the encoding: `refuse` the document, or `skip` and count the row
        pub(crate) broken_rows: BrokenRows = BrokenRows::Refuse;
        /// `json` is one array, a row on each line; `lines` is JSON Lines
        pub(crate) output: Output = Output::Json;
    }
    check Options::check
}

choices! {
    /// What to do with an empty or duplicate name in the header.
    pub(crate) enum Names {
        Refuse = "refuse",
        Number = "number",
    }
}

choices! {
    /// What decides whether a field becomes a number, a boolean or `null`.
    pub(crate) enum Types {
        Off = "off",
        Columns = "columns",
        Fields = "fields",
    }
}

choices! {
    /// What to do with a ragged or broken row.
    pub(crate) enum BrokenRows {
        Refuse = "refuse",
        Skip = "skip",
    }
}

choices! {
    /// The format of the output.
    pub(crate) enum Output {
        Json = "json",
        Lines = "lines",
    }
}

impl Options {
    fn check(&self) -> Result<(), Failure> {
        if self.quote.is_some() && self.quote == self.delimiter {
            let wrong = Invalid::new("it is also the delimiter: choose another character");
            return Err(wrong.of_option("quote"));
        }
        Ok(())
    }
}

/// Reads a delimiter. Absent if the media type decides.
fn delimiter(value: &str) -> Result<Option<u8>, Invalid> {
    match value {
        "auto" => Ok(None),
        "tab" => Ok(Some(b'\t')),
        _ => character(value).map(Some).ok_or_else(|| {
            Invalid::new(format!("`{value}` is neither one ASCII character nor `tab` or `auto`"))
        }),
    }
}

/// Reads a quote. Absent if quotes have no meaning.
fn quote(value: &str) -> Result<Option<u8>, Invalid> {
    match value {
        "none" => Ok(None),
        _ => character(value).map(Some).ok_or_else(|| {
            Invalid::new(format!("`{value}` is neither one ASCII character nor `none`"))
        }),
    }
}

/// Returns the character, if it differs from line ends.
fn character(value: &str) -> Option<u8> {
    match value.as_bytes() {
        [b'\r' | b'\n'] => None,
        [byte] if byte.is_ascii() => Some(*byte),
        _ => None,
    }
}

/// Reads an encoding. Absent if a byte order mark decides.
fn encoding(value: &str) -> Result<Option<&'static Encoding>, Invalid> {
    match value {
        "auto" => Ok(None),
        _ => Encoding::for_label_no_replacement(value.as_bytes()).map(Some).ok_or_else(|| {
            let message = "is neither an encoding of the Encoding Standard nor `auto`";
            Invalid::new(format!("`{value}` {message}"))
        }),
    }
}
