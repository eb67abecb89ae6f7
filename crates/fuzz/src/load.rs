//! Bytes as a component. For any input, loading and inspecting use bounded memory and little stack, end soon,
//! and return a plugin or a typed error.

use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use plugwright::{Host, Limits, LoadError};
use plugwright_contract::AnyPlugin;
use plugwright_contract::prelude::*;
use tests::STRUCTURES;

use crate::{memory, seeds};

/// The memory that loading may use, in addition to [`FACTOR`] bytes for each byte of a component.
const BASE: usize = 64 << 20;

/// The memory that loading may use for each byte of a component, in bytes.
const FACTOR: usize = 4 << 10;

/// The longest time that inspecting may take for any input. It is long enough for every machine, and shorter
/// than work that grows with the square of the input.
const LONGEST: Duration = Duration::from_secs(15);

/// The stack size of a thread that loads plugins.
const STACK: usize = 512 << 10;

/// The host of the targets that load plugins. Its limits keep each input quick.
pub(crate) static HOST: LazyLock<Host> = LazyLock::new(|| {
    let limits = Limits::default()
        .deadline(Duration::from_secs(2))
        .fuel(200_000)
        .memory(16 << 20)
        .instances(20)
        .transfer(1 << 20)
        .handles(100)
        .output(1 << 20)
        .log_lines(100);
    let host = Host::builder().no_cache().limits(limits).concurrency(64);
    host.build().expect("the engine starts")
});

/// Loads and inspects `bytes`.
///
/// # Panics
///
/// If loading uses too much memory, or if a component loads that cannot be inspected.
pub fn run(bytes: &[u8]) {
    let _ = load(bytes);
}

/// Loads and inspects `bytes`, and returns the plugin.
pub(crate) fn load(bytes: &[u8]) -> Result<AnyPlugin, LoadError> {
    let load = || {
        let begin = Instant::now();
        let inspected = plugwright_contract::inspect("input", bytes);
        let took = begin.elapsed();
        assert!(took < LONGEST, "inspecting took {took:?} for {} bytes", bytes.len());
        (inspected, HOST.load_any_bytes("input", bytes))
    };
    let on_small_stack = || {
        thread::scope(|scope| {
            let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, load);
            thread.expect("the thread starts").join().expect("the thread did not panic")
        })
    };
    let ((inspected, loaded), peak) = memory::peak(on_small_stack);
    let bound = BASE + FACTOR * bytes.len();
    assert!(peak <= bound, "{peak} bytes of memory for {} bytes of a component", bytes.len());
    match (&inspected, &loaded) {
        (Err(error), Ok(_)) => panic!("the plugin loads, but cannot be inspected: {error}"),
        (_, Err(error)) => assert!(!error.to_string().is_empty()),
        (Ok(_), Ok(_)) => {}
    }
    loaded
}

/// Returns plugins, generated components that use every feature of WebAssembly, and components with many copies
/// of one structure.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = seeds::components();
    let counts = [1, 2, 100, 101, 1_000];
    seeds.extend(STRUCTURES.iter().flat_map(|it| counts.map(|count| (it.make)(count))));
    #[cfg(feature = "libfuzzer")]
    seeds.extend(crate::made_up::components());
    seeds
}
