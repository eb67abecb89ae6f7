//! The host of a plugin behind HTTP. Each log line becomes a line on standard error, in the form
//! `level=info msg="what happens" key=value`. As in an application's host, the seed of hash maps is the same in every
//! call.

mod stdio;

use std::cell::RefCell;
use std::fmt::Write as _;

use bindings::exports::plugwright::plugin::host::{
    Field, Guest, GuestMapResource, Level, MapResource,
};
use bindings::exports::wasi::random::insecure_seed;
use bindings::wasi::cli::stderr::get_stderr;

#[expect(unsafe_code, reason = "the bindings are generated")]
mod bindings {
    use super::Host;

    wit_bindgen::generate!({ path: "../../wit", world: "host", generate_all });
    export!(Host);
}

/// The greatest number of bytes that WASI takes at once.
const PIECE: usize = 4096;

/// The seed is constant, so that a plugin's result depends only on the request.
const SEED: (u64, u64) = (0, 0);

struct Host;

/// Pairs in the order in which their keys first appeared.
struct Pairs(RefCell<Vec<(String, String)>>);

impl Guest for Host {
    type MapResource = Pairs;

    fn log(level: Level, message: String, fields: Vec<Field>) {
        let fields = fields.into_iter().map(|Field { key, value }| (key, value));
        write(name(level), &message, fields);
    }

    fn log_structured(message: String, properties: MapResource) {
        let Pairs(pairs) = properties.into_inner();
        write("info", &message, pairs.into_inner());
    }
}

impl insecure_seed::Guest for Host {
    fn insecure_seed() -> (u64, u64) {
        SEED
    }
}

impl GuestMapResource for Pairs {
    fn new(entries: Vec<(String, String)>) -> Self {
        let mut kept: Vec<(String, String)> = Vec::new();
        for (key, value) in entries {
            match kept.iter_mut().find(|(name, _)| *name == key) {
                Some((_, old)) => *old = value,
                None => kept.push((key, value)),
            }
        }
        Self(RefCell::new(kept))
    }

    fn take(&self) -> Vec<(String, String)> {
        self.0.take()
    }

    fn length(&self) -> u32 {
        u32::try_from(self.0.borrow().len()).unwrap_or(u32::MAX)
    }
}

fn write(level: &str, message: &str, fields: impl IntoIterator<Item = (String, String)>) {
    let mut line = format!("level={level} msg={}", quoted(message));
    for (key, value) in fields {
        let _ = write!(line, " {}={}", bare(&key), quoted(&value));
    }
    line.push('\n');
    print(line.as_bytes());
}

/// Writes to standard error.
fn print(bytes: &[u8]) {
    let stderr = get_stderr();
    for piece in bytes.chunks(PIECE) {
        // If standard error cannot be written, there is no other place for an error.
        let _ = stderr.blocking_write_and_flush(piece);
    }
}

fn name(level: Level) -> &'static str {
    match level {
        Level::Trace => "trace",
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

/// Returns a value, in quotes if it would otherwise be ambiguous.
fn quoted(value: &str) -> String {
    let is_plain = |it: char| it.is_ascii_graphic() && !matches!(it, '"' | '=' | '\\');
    match !value.is_empty() && value.chars().all(is_plain) {
        true => value.to_owned(),
        false => format!("{value:?}"),
    }
}

/// Returns a key without characters that would end it.
fn bare(key: &str) -> String {
    key.chars()
        .map(|it| if it.is_ascii_graphic() && !matches!(it, '"' | '=') { it } else { '_' })
        .collect()
}
