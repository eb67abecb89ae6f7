//! A way to call somebody's code.

use std::time::{Duration, Instant};

/// Does the work once.
pub type Call<'a> = Box<dyn FnMut() -> Vec<u8> + 'a>;

/// A way to call, and how long calls take.
pub struct Way<'a> {
    /// What it is called in the tables.
    pub name: &'static str,
    prepare: Box<dyn Fn(&'a [u8]) -> Call<'a> + Sync + 'a>,
}

impl<'a> Way<'a> {
    /// Calls by what `prepare` makes of a body, which takes no part in the time: once for all calls in a row.
    pub fn new(name: &'static str, prepare: impl Fn(&'a [u8]) -> Call<'a> + Sync + 'a) -> Self {
        Self { name, prepare: Box::new(prepare) }
    }

    /// The answer to a body.
    pub fn answer(&self, body: &'a [u8]) -> Vec<u8> {
        (self.prepare)(body)()
    }

    /// How long a call takes, by the mean of so many.
    pub fn time(&self, body: &'a [u8], count: u32) -> Duration {
        let mut call = (self.prepare)(body);
        // What is done for the first time takes longer.
        drop(call());
        let begin = Instant::now();
        (0..count).for_each(|_| drop(call()));
        begin.elapsed() / count
    }

    /// How many calls take some `time`, and no more than 10 000.
    pub fn count(&self, body: &'a [u8], time: Duration) -> u32 {
        let count = time.as_nanos() / self.time(body, 3).as_nanos().max(1);
        u32::try_from(count.clamp(1, 10_000)).expect("at most 10 000")
    }
}
