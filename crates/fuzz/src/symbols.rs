//! Symbols that something else wrote: whatever names and line tables say, a trap is told, in little time and
//! memory.

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

/// What telling a trap may take beyond [`FACTOR`] bytes for each byte of the symbols.
const BASE: usize = 16 << 20;

/// How many bytes telling a trap may take for each byte of the symbols.
const FACTOR: usize = 1 << 10;

/// No trap may take longer to tell, even on a machine that has other work.
const LONGEST: Duration = Duration::from_secs(8);

/// A plugin that traps when it is told to.
struct Traps {
    component: Part,
    plugin: Plugin<Streamer>,
    symbols: NamedTempFile,
}

static TRAPS: LazyLock<Traps> = LazyLock::new(|| {
    let echo =
        tests::around(&seeds::text("crates/plugwright-tests/tests/suite/echo.wat"), "streamer");
    let symbols = NamedTempFile::new().expect("a temporary file");
    let plugin = HOST.load_bytes("traps", &echo).expect("it fits").with_symbols(symbols.path());
    Traps { component: Part::parse(&echo).expect("a component"), plugin, symbols }
});

/// Has a plugin trap whose symbols have the names and line tables of the component `bytes`, or are these
/// bytes if they are none.
///
/// # Panics
///
/// If the trap is not told, or takes too much time or memory to tell.
pub fn run(bytes: &[u8]) {
    let Traps { component, plugin, symbols } = &*TRAPS;
    let content = match Part::parse(bytes) {
        Some(part) => component.with_custom_sections_of(&part).encode(),
        None => bytes.to_vec(),
    };
    fs::write(symbols.path(), &content).expect("it is there");
    let mut session = plugin.session(&Head::new("a.txt", "text/plain"), &[]).expect("it opens one");
    let begin = Instant::now();
    let (answer, peak) = memory::peak(|| session.push(b"t"));
    let took = begin.elapsed();
    let Err(CallError::Trapped { backtrace, .. }) = answer else {
        panic!("it does not trap: {answer:?}")
    };
    assert!(!backtrace.is_empty(), "nothing is told");
    assert!(took < LONGEST, "it took {took:?}");
    let bound = BASE + FACTOR * content.len();
    assert!(peak <= bound, "{peak} bytes of memory for {} bytes of symbols", content.len());
}

/// Components with names, and one with line tables.
pub fn seeds() -> Vec<Vec<u8>> {
    let quote = tests::dist_folder().join("symbols/quote.wasm");
    let quote = fs::read(quote).expect("`just build` makes it");
    seeds::components().into_iter().chain([quote]).collect()
}
