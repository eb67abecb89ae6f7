//! Something of which threads have one each, so that those on other cores do not wait for each other to change it.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many there are. Threads past so many have one in common with others.
const COUNT: usize = 16;

/// As many of `T` as threads are told apart.
#[derive(Debug, Default)]
pub(crate) struct ByThread<T>([Alone<T>; COUNT]);

/// Memory that is in no cache line of anything else.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Alone<T>(T);

thread_local! {
    /// The number of this thread's own.
    static OWN: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed) % COUNT
    };
}

impl<T> ByThread<T> {
    /// The one of this thread.
    pub(crate) fn own(&self) -> &T {
        #[expect(clippy::indexing_slicing, reason = "a thread's number is below their count")]
        let Alone(own) = &self.0[OWN.with(|own| *own)];
        own
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|Alone(one)| one)
    }
}
