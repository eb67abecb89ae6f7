//! Symbols that something else wrote. Whatever the names and line tables contain, a trap is reported in little
//! time and memory.

use std::fs;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use plugwright::{CallError, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Head, Streamer};
use tempfile::NamedTempFile;

use crate::load::HOST;
use crate::part::Part;
use crate::{memory, seeds};

/// The memory that reporting a trap may use, in addition to [`FACTOR`] bytes for each byte of the symbols.
const BASE: usize = 16 << 20;

/// The memory that reporting a trap may use for each byte of the symbols, in bytes.
const FACTOR: usize = 1 << 10;

/// The longest time to report a trap, even on a busy machine.
const LONGEST: Duration = Duration::from_secs(8);

/// A plugin that traps on request.
struct Traps {
    component: Part,
    plugin: Plugin<Streamer>,
    symbols: NamedTempFile,
}

static TRAPS: LazyLock<Traps> = LazyLock::new(|| {
    let echo =
        tests::around(&seeds::text("crates/plugwright-tests/tests/suite/echo.wat"), "streamer");
    let symbols = NamedTempFile::new().expect("a temporary file can be created");
    let plugin = HOST
        .load_bytes("traps", &echo)
        .expect("the plugin fits the host")
        .with_symbols(symbols.path());
    Traps { component: Part::parse(&echo).expect("the component is valid"), plugin, symbols }
});

/// Runs a plugin that traps. Its symbols have the names and line tables of the component `bytes`, or are
/// `bytes` themselves if those are not a component.
///
/// # Panics
///
/// If the trap is not reported, or if that takes too much time or memory.
pub fn run(bytes: &[u8]) {
    let Traps { component, plugin, symbols } = &*TRAPS;
    let content = match Part::parse(bytes) {
        Some(part) => component.with_custom_sections_of(&part).encode(),
        None => bytes.to_vec(),
    };
    fs::write(symbols.path(), &content).expect("the file can be written");
    let mut session =
        plugin.session(&Head::new("a.txt", "text/plain"), &[]).expect("the session opens");
    let begin = Instant::now();
    let (answer, peak) = memory::peak(|| session.push(b"t"));
    let took = begin.elapsed();
    let Err(CallError::Trapped { backtrace, .. }) = answer else {
        panic!("the plugin does not trap: {answer:?}")
    };
    assert!(!backtrace.is_empty(), "the trap is not reported");
    assert!(took < LONGEST, "reporting the trap took {took:?}");
    let bound = BASE + FACTOR * content.len();
    assert!(peak <= bound, "{peak} bytes of memory for {} bytes of symbols", content.len());
}

/// Returns components with names, and one with line tables.
pub fn seeds() -> Vec<Vec<u8>> {
    let quote = tests::dist_folder().join("symbols/quote.wasm");
    let quote = fs::read(quote).expect("`just build` creates the file");
    seeds::components().into_iter().chain([quote]).collect()
}
