//! Reports the work of plugins to libFuzzer. libFuzzer sees only the host's own code, so the amount of fuel and
//! the outcome of a call stand for the code that the plugin ran.

use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Once;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use plugwright::CALL_TARGET;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const COUNT: usize = 1 << 15;

/// The number of counters for a plugin's amounts of fuel. It is large enough to tell inputs apart, and small
/// enough that libFuzzer does not keep every input that differs only in its fuel.
const AMOUNTS: u64 = 512;

/// Counters in addition to those that the compiler inserts. libFuzzer keeps an input that increases a new
/// counter.
#[cfg_attr(
    target_os = "linux",
    expect(unsafe_code, reason = "libFuzzer finds the counters by their section"),
    unsafe(link_section = "__libfuzzer_extra_counters")
)]
#[used]
static COUNTERS: [AtomicU8; COUNT] = [const { AtomicU8::new(0) }; COUNT];

/// The fuel of the last call.
static FUEL: AtomicU64 = AtomicU64::new(0);

/// Reports the outcome of the plugin's last call.
pub(crate) fn tell(plugin: &str, answer: &str) {
    let shape: String =
        answer.chars().filter(|c| c.is_ascii_alphabetic() || " `".contains(*c)).take(60).collect();
    count((plugin, shape));
    count((plugin, FUEL.load(Ordering::Relaxed) % AMOUNTS));
}

/// Starts to listen to calls.
pub(crate) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        tracing::subscriber::set_global_default(Listener).expect("no other subscriber is set");
    });
}

fn count(what: impl std::hash::Hash) {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    let index = usize::try_from(hasher.finish() % COUNT as u64).unwrap_or_default();
    COUNTERS[index].fetch_add(1, Ordering::Relaxed);
}

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == CALL_TARGET
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fuel);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Fuel;

impl Visit for Fuel {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "fuel" {
            FUEL.store(value, Ordering::Relaxed);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
