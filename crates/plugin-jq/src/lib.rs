//! Runs a jq filter over JSON, in the world `transformer`.
//!
//! The filters are those of jaq, whose few differences from jq are listed in its manual. Each value of the
//! document goes through the filter: one of JSON, any number of JSON Lines, or all of them as one array
//! with the option `slurp`. A single result of a single value is JSON, and all else is JSON Lines, unless
//! the option `output` is `raw`, which makes plain text.
//!
//! # JSON
//!
//! JSON is read as strictly as it is defined, and what is written is JSON: a result that has no place in
//! it, such as `nan` or `infinite`, is a failure, where jq writes another value and jaq what is no JSON.
//! Numbers keep their digits until a filter calculates with them. Of a key that is there twice, the last
//! value counts.
//!
//! # Failures
//!
//! A filter that cannot be read, or that names what is not there, is a bad option with its line and
//! column. What is wrong with a document, and what a filter makes of it at run time, tells the line and
//! column of the JSON, or of the value that went through the filter. `halt_error` fails too, and `debug`
//! and `stderr` write to the host's log.
//!
//! # What is not there
//!
//! A filter gets the document and nothing else: `now`, `localtime`, `input`, `input_filename` and modules
//! are not there, and `$ENV` and `env` are empty. Of jq's own filters, those that jaq does not have are
//! missing, such as `tostream` and `@base32`.
//!
//! # Stack
//!
//! Values nested deeper than 256 levels are refused, when they are read and when they are written, and so
//! are filters of more than some 200 nested or chained operations. What a filter does at run time is not
//! bounded here: one that calls itself without end, or makes a value that is deeper, ends at a limit of
//! the host's or at a trap, and one that makes a string longer than 2 GiB at a trap.
//!
//! # Crates
//!
//! jaq-core and jaq-json are taken as they are. jaq-std gives regular expressions, mathematics, formats
//! and times only together with the clock, the environment and the files of time zones, which a plugin
//! could not be loaded with; so these four are here, by libm, jiff and others that jaq takes as well.
//! Regular expressions are those of regex-lite, without classes such as `\p{Greek}`, in place of jaq's
//! own copy of it; with those of regex, the plugin would have 1477 KB and not 1196. hifijson, jaq's lexer,
//! reads the JSON: serde_json would round numbers.
#![expect(missing_docs, unsafe_code, reason = "what wit-bindgen generates")]

mod filter;
mod functions;
mod input;
mod nesting;
mod options;
mod output;

wit_bindgen::generate!({ path: "../../wit", world: "transformer" });

use exports::plugwright::plugin::transform::{
    Description, Document, Failure, Guest, InvalidInput, Location, Setting,
};
use filter::{Filter, Stop};
use input::Values;
use options::Options;
use output::Results;

struct Jq;

export!(Jq);

impl Guest for Jq {
    fn describe() -> Description {
        Description {
            name: "jq".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "runs a jq filter over JSON".to_owned(),
            takes: ["application/json"]
                .iter()
                .chain(JSON_LINES)
                .map(|&taken| taken.to_owned())
                .collect(),
            gives: ["application/json", "application/x-ndjson", "text/plain"]
                .map(str::to_owned)
                .to_vec(),
            options: options::describe(),
        }
    }

    fn transform(input: Document, settings: Vec<Setting>) -> Result<Document, Failure> {
        let options = Options::from_settings(settings)?;
        let filter = Filter::compile(&options.filter, options.arguments)?;
        let text = text(&input.body)?;
        let lines = is_json_lines(&input);
        if !lines && text.trim_ascii().is_empty() {
            return Err(refused(text, text.len(), "there is no JSON in the document".to_owned()));
        }

        let mut results = Results::default();
        let mut inputs = 0;
        if options.slurp {
            let values: Result<_, _> =
                Values::new(text).map(|value| value.map(|(_, value)| value)).collect();
            let values = values.map_err(|(offset, message)| refused(text, offset, message))?;
            match filter.run(values, &mut results, options.output) {
                Ok(()) | Err(Stop::Halted) => {}
                Err(Stop::Failed(message)) => {
                    return Err(Failure::InvalidInput(InvalidInput { message, at: None }));
                }
            }
        } else {
            for value in Values::new(text) {
                let (offset, value) =
                    value.map_err(|(offset, message)| refused(text, offset, message))?;
                inputs += 1;
                match filter.run(value, &mut results, options.output) {
                    Ok(()) => {}
                    Err(Stop::Halted) => break,
                    Err(Stop::Failed(message)) => return Err(refused(text, offset, message)),
                }
            }
        }
        let several = if options.slurp { false } else { lines || inputs > 1 };
        let (body, extension, media_type) = results.finish(options.output, several);
        let stem = input.name.rsplit_once('.').map_or(&*input.name, |(stem, _)| stem);
        Ok(Document {
            name: format!("{stem}.{extension}"),
            media_type: media_type.to_owned(),
            body,
            attributes: input.attributes,
        })
    }
}

/// Names that are in use for JSON Lines, of which none is registered.
const JSON_LINES: &[&str] =
    &["application/x-ndjson", "application/x-jsonlines", "application/jsonl"];

/// Says whether the document is JSON Lines: few know a media type for it, so that its name counts too.
fn is_json_lines(document: &Document) -> bool {
    let named = [".jsonl", ".ndjson"].iter().any(|extension| document.name.ends_with(extension));
    named || JSON_LINES.contains(&&*document.media_type)
}

/// The document's text, without a byte order mark.
fn text(body: &[u8]) -> Result<&str, Failure> {
    match std::str::from_utf8(body) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let (valid, rest) = body.split_at(error.valid_up_to());
            let valid = String::from_utf8_lossy(valid);
            let byte = rest.first().copied().unwrap_or_default();
            Err(refused(&valid, valid.len(), format!("the byte {byte:#04x} is not UTF-8 here")))
        }
    }
}

fn refused(text: &str, offset: usize, message: String) -> Failure {
    Failure::InvalidInput(InvalidInput { message, at: Some(location(text, offset)) })
}

/// The place in a text that is so many bytes from its beginning.
fn location(text: &str, offset: usize) -> Location {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let bounded = |number| u32::try_from(number).unwrap_or(u32::MAX);
    Location {
        line: bounded(before.matches('\n').count() + 1),
        column: bounded(before[line_start..].chars().count() + 1),
    }
}
