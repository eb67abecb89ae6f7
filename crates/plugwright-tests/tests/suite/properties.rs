//! Properties of plugins that hold for any input, tested with generated inputs. These are the same in each run.

mod csv_json;
mod jq;
mod redact;
mod thumbnail;

use plugwright::{CallError, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Failure, Head, Setting, Streamer};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed};
use tests::transformer;

/// Few inputs, because each runs a plugin.
fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(0), ..Config::default() }
}

/// Returns the text that a plugin makes from a document.
fn transformed(plugin: &str, name: &str, text: &str, options: &[(&str, &str)]) -> String {
    let result = transform(plugin, name, text, options);
    let result = result.unwrap_or_else(|error| panic!("{error}\n{text}"));
    String::from_utf8(result.body).expect("the output is UTF-8")
}

/// Returns whether the plugin accepts or refuses a document with these bytes, instead of trapping.
fn answers(plugin: &str, body: Vec<u8>, options: &[(&str, &str)]) -> bool {
    let result = transform(plugin, "any.bytes", body, options);
    matches!(result, Ok(_) | Err(CallError::Refused { .. }))
}

fn transform(
    plugin: &str,
    name: &str,
    body: impl Into<Vec<u8>>,
    options: &[(&str, &str)],
) -> Result<Document, CallError<Failure>> {
    let document = Document::new(name, "application/octet-stream", body);
    let options: Vec<_> = options.iter().map(|(key, value)| Setting::new(*key, *value)).collect();
    transformer(plugin).transform(&document, &options)
}

/// Streams the document through the plugin in pieces whose lengths repeat this list, and returns the result.
fn in_pieces(
    plugin: &Plugin<Streamer>,
    document: Document,
    options: &[Setting],
    lengths: &[usize],
) -> Result<Document, CallError<Failure>> {
    let Document { name, media_type, attributes, body } = document;
    let mut session = plugin.session(&Head { name, media_type, attributes }, options)?;
    let (mut rest, mut output) = (&body[..], Vec::new());
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*length).min(rest.len()));
        output.extend(session.push(piece)?);
        rest = after;
    }
    let (last, head) = session.finish()?;
    output.extend(last);
    Ok(head.with_body(output))
}

/// Generates bytes, many of them from `alphabet`.
fn bytes(alphabet: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![4 => select(alphabet), 1 => any::<u8>()], 0..64)
}
