//! The options of this plugin, and how they are read.

use encoding_rs::Encoding;

use crate::exports::plugwright::plugin::transform::{
    BadOption, Failure, OptionDescription, Setting,
};

/// The options of one call.
pub(crate) struct Options {
    /// Absent if the media type is to tell.
    pub(crate) delimiter: Option<u8>,
    /// Absent if quotes mean nothing.
    pub(crate) quote: Option<u8>,
    pub(crate) header: bool,
    pub(crate) names: Names,
    /// Absent if a byte order mark is to tell.
    pub(crate) encoding: Option<&'static Encoding>,
    pub(crate) types: Types,
    pub(crate) broken_rows: BrokenRows,
    pub(crate) output: Output,
}

/// What is done with a name in the header that is empty, or is there already.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Names {
    Refuse,
    Number,
}

/// What decides whether a field becomes a number, a boolean or `null`.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Types {
    Off,
    Columns,
    Fields,
}

/// What is done with a row that is ragged or broken.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum BrokenRows {
    Refuse,
    Skip,
}

/// What is written.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Output {
    Json,
    Lines,
}

impl Options {
    /// Reads the options; the last setting of an option counts.
    pub(crate) fn from_settings(settings: Vec<Setting>) -> Result<Self, Failure> {
        let mut options = Self {
            delimiter: None,
            quote: Some(b'"'),
            header: true,
            names: Names::Refuse,
            encoding: None,
            types: Types::Off,
            broken_rows: BrokenRows::Refuse,
            output: Output::Json,
        };
        for Setting { key, value } in settings {
            let read = match &*key {
                "delimiter" => delimiter(&value).map(|read| options.delimiter = read),
                "quote" => quote(&value).map(|read| options.quote = read),
                "header" => one_of(&value, &[("true", true), ("false", false)])
                    .map(|read| options.header = read),
                "names" => one_of(&value, &[("refuse", Names::Refuse), ("number", Names::Number)])
                    .map(|read| options.names = read),
                "encoding" => encoding(&value).map(|read| options.encoding = read),
                "types" => {
                    let types = [
                        ("off", Types::Off),
                        ("columns", Types::Columns),
                        ("fields", Types::Fields),
                    ];
                    one_of(&value, &types).map(|read| options.types = read)
                }
                "broken-rows" => {
                    one_of(&value, &[("refuse", BrokenRows::Refuse), ("skip", BrokenRows::Skip)])
                        .map(|read| options.broken_rows = read)
                }
                "output" => one_of(&value, &[("json", Output::Json), ("lines", Output::Lines)])
                    .map(|read| options.output = read),
                _ => return Err(Failure::UnknownOption(key)),
            };
            read.map_err(|message| Failure::BadOption(BadOption { key, message, at: None }))?;
        }
        if options.quote.is_some() && options.quote == options.delimiter {
            let message = "it is the delimiter too, and must be another character".to_owned();
            return Err(Failure::BadOption(BadOption {
                key: "quote".to_owned(),
                message,
                at: None,
            }));
        }
        Ok(options)
    }
}

/// Describes the options, with the defaults of [`Options::from_settings`].
pub(crate) fn describe() -> Vec<OptionDescription> {
    let option = |key: &str, default: &str, help: &str| OptionDescription {
        key: key.to_owned(),
        default: default.to_owned(),
        help: help.to_owned(),
    };
    vec![
        option(
            "delimiter",
            "auto",
            "what separates fields: one ASCII character, or `tab`; `auto` is a tab for \
             `text/tab-separated-values` and else a comma",
        ),
        option("quote", "\"", "what quotes fields: one ASCII character, or `none`"),
        option(
            "header",
            "true",
            "`true` takes the first row as names and makes an object of each other; `false` makes an \
             array of each row",
        ),
        option(
            "names",
            "refuse",
            "what is done with a name that is empty or there twice: `refuse` the document, or \
             `number` it, as in `column-3` and `name-2`",
        ),
        option(
            "encoding",
            "auto",
            "the encoding of a document without a byte order mark, by a name of the Encoding Standard \
             such as `windows-1252`, `utf-16le` or `shift_jis`; `auto` is UTF-8",
        ),
        option(
            "types",
            "off",
            "`off` makes each field a string; `columns` makes numbers and booleans of a column in \
             which nothing else is; `fields` decides for each field alone; both make `null` of an \
             empty field",
        ),
        option(
            "broken-rows",
            "refuse",
            "what is done with a row that has more or fewer fields than the first, or broken quotes, \
             or bytes that are not of the encoding: `refuse` the document, or `skip` and count the row",
        ),
        option("output", "json", "`json` is one array, a row on each line; `lines` is JSON Lines"),
    ]
}

fn one_of<T: Copy>(value: &str, choices: &[(&str, T)]) -> Result<T, String> {
    let chosen = choices.iter().find(|(name, _)| *name == value);
    chosen.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
        format!("`{value}` is none of {}", names.join(", "))
    })
}

fn delimiter(value: &str) -> Result<Option<u8>, String> {
    match value {
        "auto" => Ok(None),
        "tab" => Ok(Some(b'\t')),
        _ => character(value)
            .map(Some)
            .ok_or_else(|| format!("`{value}` is neither one ASCII character nor `tab` or `auto`")),
    }
}

fn quote(value: &str) -> Result<Option<u8>, String> {
    match value {
        "none" => Ok(None),
        _ => character(value)
            .map(Some)
            .ok_or_else(|| format!("`{value}` is neither one ASCII character nor `none`")),
    }
}

/// The character, if it is one that can be told from the end of a row.
fn character(value: &str) -> Option<u8> {
    match value.as_bytes() {
        [b'\r' | b'\n'] => None,
        [byte] if byte.is_ascii() => Some(*byte),
        _ => None,
    }
}

fn encoding(value: &str) -> Result<Option<&'static Encoding>, String> {
    match value {
        "auto" => Ok(None),
        _ => Encoding::for_label_no_replacement(value.as_bytes()).map(Some).ok_or_else(|| {
            format!("`{value}` is neither an encoding of the Encoding Standard nor `auto`")
        }),
    }
}
