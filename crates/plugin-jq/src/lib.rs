//! Runs a jq filter over JSON, in the world `transformer`.
//!
//! The filters are those of jq 1.8: 839 of the 879 tests of its source, in the version 1.8.2, give the same, and
//! `tests/models/jq.toml` lists the others. Each value of the document goes through the filter: one of JSON, any
//! number of JSON Lines, or all of them as one array with the option `slurp`. A single result of a single value
//! is JSON, and all else is JSON Lines, unless the option `output` is `raw`, which makes plain text.
//!
//! # JSON
//!
//! JSON is read as strictly as it is defined, and what is written is JSON: a result that has no place in
//! it, such as `nan` or `infinite`, is a failure, where jq writes another value. Numbers keep the digits that
//! they were written with until a filter calculates with them. Of a key that is there twice, the last value
//! counts. Values that are read are nested 10,000 levels deep at most, and those that a filter makes as deep as
//! it likes.
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
//! A filter gets the document and nothing else: `now`, `input`, `inputs`, `input_filename` and modules are not
//! there, `$ENV` and `env` are empty, and `localtime` is UTC. Of jq's own filters, `ltrimstr` and the like are as
//! in 1.8, `getpath` too, and `get_search_list`, `input_line_number` and `modulemeta` are missing. Keys of objects
//! that can be no strings are refused when the filter runs, not before. An update of `foreach` that has several
//! results, or none, goes on with each of them, as in jaq.
//!
//! # Regular expressions
//!
//! They are those of regex-lite and not Oniguruma's: there is no look-around and no class such as `\p{Greek}`,
//! `\b` and `\w` know ASCII, and of the flags, `l` and `s` change nothing. With the engine regex, the plugin would
//! be 280 KB larger.
//!
//! # Stack
//!
//! Filters of more than some 200 nested or chained operations are refused before they run, and a filter that
//! calls itself, and not as the last thing that it does, is refused when some hundred calls are within
//! each other. A string that is made longer than 2 GiB by `*` is a refusal too.
//!
//! # Crates
//!
//! jaq-core reads, compiles and runs the filters. Where jaq means something else by a filter than jq, the filter is
//! written anew before it is compiled: `filter/meaning.rs` says what. Values are this plugin's own, because
//! jaq's are not those of jq, and so is what filters call. hifijson, jaq's lexer, reads the JSON: serde_json would
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
