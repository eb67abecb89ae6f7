//! What comes before compiling, for as much as there may be of each part of a component: how long it takes, and how
//! many times longer for twice the bytes. What is linear takes twice as long, and what goes with the square four
//! times; of that there may be so little that it does not matter.

use std::hint::black_box;
use std::time::{Duration, Instant};

use benches::{cells, number, table};
use plugwright::{Host, sizes};
use plugwright_contract::inspect;
use plugwright_contract::prelude::*;
use tests::{STRUCTURES, Structure};

/// The fewest bytes of which it is measured; for fewer, a thread's start is what takes the time.
const LEAST: usize = 4 << 10;

/// The most of which it is tried.
const MOST: usize = 16 << 20;

fn main() {
    let host = Host::builder().no_cache().concurrency(64).build().expect("an engine");
    table(&[
        "as many as there may be",
        "",
        "bytes",
        "inspect",
        "× for twice",
        "load",
        "× for twice",
    ]);
    for structure in STRUCTURES {
        let Some((count, half, whole)) = largest(structure) else {
            cells(&[structure.name, "too few bytes to measure", "", "", "", "", ""]);
            continue;
        };
        let inspected = |bytes: &[u8]| {
            drop(black_box((inspect("sample", bytes), sizes("sample", bytes))));
        };
        // It is no plugin, which is known before it is compiled.
        let loaded = |bytes: &[u8]| drop(black_box(host.load_any_bytes("sample", bytes)));
        let mut row =
            vec![structure.name.to_owned(), count.to_string(), number(whole.len() as f64)];
        for work in [&inspected as &dyn Fn(&[u8]), &loaded] {
            let (half_time, time) = (least(|| work(&half)), least(|| work(&whole)));
            let bytes = whole.len() as f64 / half.len() as f64;
            let times = time.as_secs_f64() / half_time.as_secs_f64() / bytes * 2.0;
            row.extend([format!("{:.1} ms", time.as_secs_f64() * 1e3), format!("{times:.1}")]);
        }
        cells(&row.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

/// The most that are looked into when they are doubled again and again, with the half of it.
fn largest(Structure { make, .. }: &Structure) -> Option<(usize, Vec<u8>, Vec<u8>)> {
    let is_read = |bytes: &Vec<u8>| bytes.len() <= MOST && inspect("sample", bytes).is_ok();
    let counts = (0..24).map(|power| 1_usize << power);
    let count = counts.take_while(|count| is_read(&make(*count))).last()?;
    // It need not be a power of two.
    let steps = (8..16).map(|eighths| count / 8 * eighths);
    let count = steps.take_while(|count| is_read(&make(*count))).last().unwrap_or(count);
    let (half, whole) = (make(count / 2), make(count));
    (whole.len() >= LEAST).then_some((count, half, whole))
}

/// The least time that `work` takes of some.
fn least(work: impl Fn()) -> Duration {
    let timed = || {
        let begin = Instant::now();
        work();
        begin.elapsed()
    };
    timed();
    (0..5).map(|_| timed()).min().unwrap_or_default()
}
