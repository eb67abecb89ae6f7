//! Bytes as a component: whatever they are, loading and inspecting them takes bounded memory and little stack, and
//! comes to an end soon, which is a plugin or a typed error.

use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use plugwright::{Host, Limits, LoadError};
use plugwright_contract::AnyPlugin;
use plugwright_contract::prelude::*;
use tests::STRUCTURES;

use crate::{memory, seeds};

/// What loading may take beyond [`FACTOR`] bytes for each byte of a component.
const BASE: usize = 64 << 20;

/// How many bytes loading may take for each byte of a component.
const FACTOR: usize = 4 << 10;

/// How long inspecting may take, however many bytes there are: so much that no machine is too slow for it, and less
/// than what goes with the square of what is read.
const LONGEST: Duration = Duration::from_secs(15);

/// The stack of whoever loads plugins.
const STACK: usize = 512 << 10;

/// The host of the targets that load plugins, whose limits keep each input quick.
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
    host.build().expect("the engine runs here")
});

/// Loads and inspects `bytes`.
///
/// # Panics
///
/// If it takes too much memory, or if what cannot be inspected is loaded.
pub fn run(bytes: &[u8]) {
    let _ = load(bytes);
}

/// Loads and inspects `bytes`, and gives what was loaded.
pub(crate) fn load(bytes: &[u8]) -> Result<AnyPlugin, LoadError> {
    let load = || {
        let begin = Instant::now();
        let inspected = plugwright_contract::inspect("input", bytes);
        let took = begin.elapsed();
        assert!(took < LONGEST, "it took {took:?} to inspect {} bytes", bytes.len());
        (inspected, HOST.load_any_bytes("input", bytes))
    };
    let on_small_stack = || {
        thread::scope(|scope| {
            let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, load);
            thread.expect("a thread").join().expect("no panic")
        })
    };
    let ((inspected, loaded), peak) = memory::peak(on_small_stack);
    let bound = BASE + FACTOR * bytes.len();
    assert!(peak <= bound, "{peak} bytes of memory for {} bytes of a component", bytes.len());
    match (&inspected, &loaded) {
        (Err(error), Ok(_)) => panic!("it is loaded, and cannot be inspected: {error}"),
        (_, Err(error)) => assert!(!error.to_string().is_empty()),
        (Ok(_), Ok(_)) => {}
    }
    loaded
}

/// Components that are plugins, components of all that WebAssembly has, and of much of one thing.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = seeds::components();
    let counts = [1, 2, 100, 101, 1_000];
    seeds.extend(STRUCTURES.iter().flat_map(|it| counts.map(|count| (it.make)(count))));
    #[cfg(feature = "libfuzzer")]
    seeds.extend(crate::made_up::components());
    seeds
}
