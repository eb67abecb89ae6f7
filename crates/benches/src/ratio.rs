//! Ratios that do not depend on the machine, even if it has other work to do.

use std::sync::Barrier;
use std::time::{Duration, Instant};

/// Returns how many times longer `one` takes than `other`.
///
/// The two are measured in turn, so that other work on the machine slows both down alike. The result is the median of
/// the ratios of all pairs.
pub fn ratio(one: impl Fn() -> Duration, other: impl Fn() -> Duration) -> f64 {
    const PAIRS: usize = 5;
    const TIME: Duration = Duration::from_secs(2);
    // The first run takes longer, so it does not count.
    one();
    other();
    let begin = Instant::now();
    let mut ratios = Vec::new();
    while ratios.len() < PAIRS || begin.elapsed() < TIME {
        ratios.push(one().as_secs_f64() / other().as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// Returns a function that measures `work`. It repeats `work` so often that reading the clock takes no significant
/// time, but not so long that the load of the machine changes meanwhile.
pub fn of(work: impl Fn()) -> impl Fn() -> Duration {
    let timed = move |count: u32| {
        let begin = Instant::now();
        (0..count).for_each(|_| work());
        begin.elapsed() / count
    };
    timed(1);
    let count = Duration::from_millis(2).as_nanos() / timed(1).as_nanos().max(1);
    let count = u32::try_from(count.clamp(1, 10_000)).expect("at most 10 000");
    move || timed(count)
}

/// Returns how long it takes until each of `threads` threads has done `work` `count` times, divided by the number of
/// threads.
///
/// # Panics
///
/// If `work` does.
pub fn beside(threads: u32, count: u64, work: &(dyn Fn() + Sync)) -> Duration {
    let barrier = Barrier::new(threads as usize);
    let worker = || {
        barrier.wait();
        let begin = Instant::now();
        (0..count).for_each(|_| work());
        (begin, Instant::now())
    };
    let spans: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("no panic")).collect()
    });
    let begin = spans.iter().map(|(begin, _)| *begin).min().expect("a thread");
    let end = spans.iter().map(|(_, end)| *end).max().expect("a thread");
    (end - begin) / threads
}
