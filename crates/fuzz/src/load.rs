//! Bytes as a component: whatever they are, loading and inspecting them takes bounded memory and comes
//! to an end, which is a plugin or a typed error.

use std::sync::LazyLock;
use std::time::Duration;

use plugwright::{AnyPlugin, Host, Limits, LoadError};

use crate::{memory, seeds};

/// What loading may take beyond [`FACTOR`] bytes for each byte of a component.
const BASE: usize = 64 << 20;

/// How many bytes loading may take for each byte of a component.
const FACTOR: usize = 4 << 10;

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
    let inspect = || plugwright::inspect("input", bytes);
    let ((inspected, loaded), peak) =
        memory::peak(|| (inspect(), HOST.load_any_bytes("input", bytes)));
    let bound = BASE + FACTOR * bytes.len();
    assert!(peak <= bound, "{peak} bytes of memory for {} bytes of a component", bytes.len());
    match (&inspected, &loaded) {
        (Err(error), Ok(_)) => panic!("it is loaded, and cannot be inspected: {error}"),
        (_, Err(error)) => assert!(!error.to_string().is_empty()),
        (Ok(_), Ok(_)) => {}
    }
    loaded
}

/// Components that are plugins, and components of all that WebAssembly has.
pub fn seeds() -> Vec<Vec<u8>> {
    #[cfg_attr(not(feature = "libfuzzer"), expect(unused_mut, reason = "as below"))]
    let mut seeds = seeds::components();
    #[cfg(feature = "libfuzzer")]
    seeds.extend(crate::made_up::components());
    seeds
}
