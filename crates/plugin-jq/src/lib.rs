//! Runs a jq filter over JSON, in the world `transformer`.
//!
//! The filters are those of jq 1.8. Of the 879 tests in the source of version 1.8.2, 839 give the same results, and
//! `tests/models/jq.toml` lists the others. Each value of the document goes through the filter: the value of a JSON
//! document, each value of JSON Lines, or all of them as one array with the option `slurp`. A single result of a single
//! value is written as JSON, and everything else as JSON Lines. With the option `output=raw`, the result is plain text.
//!
//! # JSON
//!
//! JSON is read strictly, and the output is always valid JSON. A result without a JSON form, such as `nan` or
//! `infinite`, is a failure, where jq writes another value. Numbers keep their digits until a filter calculates with
//! them. If a key appears twice, the last value counts. Values that are read can be nested 10,000 levels deep. Values
//! that a filter makes can be nested without limit.
//!
//! # Failures
//!
//! A filter that cannot be read, or that uses an unknown name, is a bad option, with a line and a column. A failure
//! about the document, or of the filter at run time, has the line and the column of the JSON, or of the value that went
//! through the filter. `halt_error` fails, too. `debug` and `stderr` write to the host's log.
//!
//! # Missing features
//!
//! A filter gets the document and nothing else. `now`, `input`, `inputs`, `input_filename` and modules do not exist,
//! `$ENV` and `env` are empty, and `localtime` is UTC. Of jq's own filters, `ltrimstr` and the like behave as in 1.8,
//! and so does `getpath`. `get_search_list`, `input_line_number` and `modulemeta` are missing. Object keys that cannot
//! be strings are refused when the filter runs, not before. If an update of `foreach` has several results or none,
//! `foreach` continues with each of them, as in jaq.
//!
//! # Regular expressions
//!
//! The engine is regex-lite, not Oniguruma. There is no look-around, and there are no classes such as `\p{Greek}`. `\b`
//! and `\w` know only ASCII, and the flags `l` and `s` change nothing. With the engine regex, the plugin would be 280
//! KB larger.
//!
//! # Stack
//!
//! A filter with more than some 200 nested or chained operations is refused before it runs. A filter with recursive
//! calls, other than tail calls, is refused when some hundred calls are nested. A string that `*` makes longer than 2
//! GiB is refused, too.
//!
//! # Crates
//!
//! jaq-core reads, compiles and runs the filters. Where jaq gives a filter another meaning than jq, this plugin
//! rewrites the filter before it is compiled: see `filter/meaning.rs`. The values and the functions are this plugin's
//! own, because those of jaq differ from those of jq. hifijson, jaq's lexer, reads the JSON, because serde_json would
//! round numbers.

mod filter;
mod functions;
mod options;
mod output;
mod value;

use filter::{Filter, Stop};
use options::Options;
use output::Results;
use plugwright_guest::{Document, Failure, Invalid, transformer};
use value::Values;

transformer! {
    summary: "runs a jq filter over JSON",
    takes: ["application/json", JSON_LINES[0], JSON_LINES[1], JSON_LINES[2]],
    gives: ["application/json", "application/x-ndjson", "text/plain"],
    run: jq(Options)
}

/// Media types that are in use for JSON Lines. None of them is registered.
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

/// Returns whether the document is JSON Lines. Few programs know a media type for it, so the name of the document
/// counts, too.
fn is_json_lines(document: &Document) -> bool {
    let named = [".jsonl", ".ndjson"].iter().any(|extension| document.name.ends_with(extension));
    named || JSON_LINES.contains(&&*document.media_type)
}
