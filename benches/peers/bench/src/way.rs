//! A way to call third-party code.

use std::time::{Duration, Instant};

/// Does the work once.
pub type Call<'a> = Box<dyn FnMut() -> Vec<u8> + 'a>;

/// A way to call, and how to measure it.
pub struct Way<'a> {
    /// Its name in the tables.
    pub name: &'static str,
    prepare: Box<dyn Fn(&'a [u8]) -> Call<'a> + Sync + 'a>,
}

impl<'a> Way<'a> {
    /// Creates a way that calls what `prepare` makes from a body. Preparing happens once for a series of calls,
    /// and is not timed.
    pub fn new(name: &'static str, prepare: impl Fn(&'a [u8]) -> Call<'a> + Sync + 'a) -> Self {
        Self { name, prepare: Box::new(prepare) }
    }

    /// Returns the answer for a body.
    pub fn answer(&self, body: &'a [u8]) -> Vec<u8> {
        (self.prepare)(body)()
    }

    /// Returns the mean time of `count` calls.
    pub fn time(&self, body: &'a [u8], count: u32) -> Duration {
        let mut call = (self.prepare)(body);
        // The first call takes longer.
        drop(call());
        let begin = Instant::now();
        (0..count).for_each(|_| drop(call()));
        begin.elapsed() / count
    }

    /// Returns how many calls take about `time`, at most 10 000.
    pub fn count(&self, body: &'a [u8], time: Duration) -> u32 {
        let count = time.as_nanos() / self.time(body, 3).as_nanos().max(1);
        u32::try_from(count.clamp(1, 10_000)).expect("the count is at most 10 000")
    }
}
