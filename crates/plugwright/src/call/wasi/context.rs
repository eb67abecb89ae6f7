//! The WASI context of one call: streams, arguments, environment variables, clocks and random numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxBuilder};

use crate::call::identity::Identity;
use crate::call::log::output::LineLog;
use crate::call::log::{Log, LogLevel, LogSource};
use crate::call::meter::SharedMeter;
use crate::permission::grants::{Clock, Random, Stdin};

/// Makes the WASI context for one call of the plugin, with what the plugin was granted. [`Files`](super::files::Files)
/// provides the folders.
pub(crate) fn context(identity: &Identity, log: &Log, meter: &Arc<SharedMeter>) -> WasiCtx {
    // The builder's own defaults close standard input, arguments, environment, folders and sockets,
    // but leave the machine's clocks and random numbers open.
    let Identity { name: plugin, grants, .. } = identity;
    let mut builder = WasiCtxBuilder::new();
    builder
        .stdout(LineLog::new(log, plugin, LogSource::Stdout, LogLevel::Info, meter))
        .stderr(LineLog::new(log, plugin, LogSource::Stderr, LogLevel::Warn, meter))
        .args(&grants.arguments);
    for (name, value) in &grants.variables {
        builder.env(name, value);
    }
    match &grants.stdin {
        Some(Stdin::Bytes(bytes)) => {
            builder.stdin(MemoryInputPipe::new(bytes.clone()));
        }
        Some(Stdin::Inherited) => {
            builder.inherit_stdin();
        }
        None => {}
    }
    match grants.wall_clock {
        Some(Clock::Real) => {}
        fixed => {
            let time = fixed.and_then(Clock::fixed).unwrap_or_default();
            builder.wall_clock(FixedClock(time)).monotonic_clock(CountingClock::default());
        }
    }
    match grants.random {
        Some(Random::Real) => {}
        seeded => {
            let seed = match seeded {
                Some(Random::Seeded(seed)) => seed,
                _ => 0,
            };
            builder
                .secure_random(StdRng::seed_from_u64(seed))
                .insecure_random(StdRng::seed_from_u64(!seed))
                .insecure_random_seed(seed.into());
        }
    }
    builder.build()
}

/// A wall clock that stands still.
struct FixedClock(Duration);

impl HostWallClock for FixedClock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        self.0
    }
}

/// A monotonic clock that advances one millisecond with each reading. Language runtimes that wait for time to pass
/// would hang on a clock that stands still.
#[derive(Default)]
struct CountingClock(AtomicU64);

impl HostMonotonicClock for CountingClock {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        self.0.fetch_add(1_000_000, Ordering::Relaxed)
    }
}
