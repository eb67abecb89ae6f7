//! Measures the checks before compiling, with the maximum number of each part of a component: how long they take, and
//! how many times longer they take for twice the bytes. Linear work takes twice as long, and quadratic work takes four
//! times as long. Quadratic work does not matter if there is little of it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use benches::{cells, number, table};
use plugwright::{Host, sizes};
use plugwright_contract::inspect;
use plugwright_contract::prelude::*;
use tests::{STRUCTURES, Structure};

/// The minimum number of bytes to measure. With fewer bytes, most of the time is the start of a thread.
const LEAST: usize = 4 << 10;

/// The maximum number of bytes to try.
const MOST: usize = 16 << 20;

fn main() {
    let host = Host::builder().no_cache().concurrency(64).build().expect("an engine");
    table(&[
        "maximum number of",
        "",
        "bytes",
        "inspect",
        "× for twice the bytes",
        "load",
        "× for twice the bytes",
    ]);
    for structure in STRUCTURES {
        let Some((count, half, whole)) = largest(structure) else {
            cells(&[structure.name, "too few bytes to measure", "", "", "", "", ""]);
            continue;
        };
        let inspected = |bytes: &[u8]| {
            drop(black_box((inspect("sample", bytes), sizes("sample", bytes))));
        };
        // The component is not a plugin, which the host finds out before it compiles anything.
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

/// Returns the largest number of parts that is accepted when the number is doubled again and again, with the components
/// of half that number and of the whole number.
fn largest(Structure { make, .. }: &Structure) -> Option<(usize, Vec<u8>, Vec<u8>)> {
    let is_read = |bytes: &Vec<u8>| bytes.len() <= MOST && inspect("sample", bytes).is_ok();
    let counts = (0..24).map(|power| 1_usize << power);
    let count = counts.take_while(|count| is_read(&make(*count))).last()?;
    // The largest number may lie between two powers of two.
    let steps = (8..16).map(|eighths| count / 8 * eighths);
    let count = steps.take_while(|count| is_read(&make(*count))).last().unwrap_or(count);
    let (half, whole) = (make(count / 2), make(count));
    (whole.len() >= LEAST).then_some((count, half, whole))
}

/// Returns the shortest time of several runs of `work`.
fn least(work: impl Fn()) -> Duration {
    let timed = || {
        let begin = Instant::now();
        work();
        begin.elapsed()
    };
    timed();
    (0..5).map(|_| timed()).min().unwrap_or_default()
}
