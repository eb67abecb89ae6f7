//! A value for each thread, so that threads on different cores do not wait for each other to change a shared one.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of values. With more threads than this, some of them share a value.
const COUNT: usize = 16;

/// A `T` for each thread, shared only if there are more threads than values.
#[derive(Debug, Default)]
pub(crate) struct ByThread<T>([Alone<T>; COUNT]);

/// A value that does not share its cache line with anything else.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Alone<T>(T);

thread_local! {
    /// The index of this thread's value.
    static OWN: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed) % COUNT
    };
}

impl<T> ByThread<T> {
    /// Returns the value of this thread.
    pub(crate) fn own(&self) -> &T {
        #[expect(clippy::indexing_slicing, reason = "a thread's index is below the count")]
        let Alone(own) = &self.0[OWN.with(|own| *own)];
        own
    }

    /// Returns all values.
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|Alone(one)| one)
    }
}
