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

mod filter;
mod functions;
mod input;
mod nesting;
mod options;
mod output;

use filter::{Filter, Stop};
use input::Values;
use options::Options;
use output::Results;
use plugwright_guest::{Document, Failure, Invalid, transformer};

transformer! {
    summary: "runs a jq filter over JSON",
    takes: ["application/json", JSON_LINES[0], JSON_LINES[1], JSON_LINES[2]],
    gives: ["application/json", "application/x-ndjson", "text/plain"],
    run: jq(Options)
}

/// Names that are in use for JSON Lines, of which none is registered.
const JSON_LINES: [&str; 3] =
    ["application/x-ndjson", "application/x-jsonlines", "application/jsonl"];

fn jq(input: Document, options: Options) -> Result<Document, Failure> {
    let filter = Filter::compile(&options.filter, options.arguments)?;
    let text = input.text()?;
    let refused = |offset, message: String| Invalid::new(message).in_text(text, offset);
    let lines = is_json_lines(&input);
    if !lines && text.trim_ascii().is_empty() {
        return Err(refused(text.len(), "there is no JSON in the document".to_owned()).into());
    }

    let mut results = Results::default();
    let mut inputs = 0;
    if options.slurp {
        let values: Result<_, _> =
            Values::new(text).map(|value| value.map(|(_, value)| value)).collect();
        let values = values.map_err(|(offset, message)| refused(offset, message))?;
        match filter.run(values, &mut results, options.output) {
            Ok(()) | Err(Stop::Halted) => {}
            Err(Stop::Failed(message)) => return Err(Invalid::new(message).into()),
        }
    } else {
        for value in Values::new(text) {
            let (offset, value) = value.map_err(|(offset, message)| refused(offset, message))?;
            inputs += 1;
            match filter.run(value, &mut results, options.output) {
                Ok(()) => {}
                Err(Stop::Halted) => break,
                Err(Stop::Failed(message)) => return Err(refused(offset, message).into()),
            }
        }
    }
    let several = if options.slurp { false } else { lines || inputs > 1 };
    let (body, extension, media_type) = results.finish(options.output, several);
    Ok(input.with_extension(extension).with_media_type(media_type).with_body(body))
}

/// Says whether the document is JSON Lines: few know a media type for it, so that its name counts too.
fn is_json_lines(document: &Document) -> bool {
    let named = [".jsonl", ".ndjson"].iter().any(|extension| document.name.ends_with(extension));
    named || JSON_LINES.contains(&&*document.media_type)
}
