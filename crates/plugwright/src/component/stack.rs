//! A stack of a known size, for what goes into plugins by recursion.

use std::cell::Cell;
use std::{io, thread};

/// How large it is: only what is used of it takes memory. The deepest structures that are looked into take an
/// eighth of it in a build without optimisation.
const SIZE: usize = 16 << 20;

thread_local! {
    static IS_LARGE: Cell<bool> = const { Cell::new(false) };
}

/// Does `work` on a thread with a stack of a known size, and waits for it: the caller's may be small, or used up
/// by what called it. The thread has the caller's `tracing` subscriber and span.
///
/// # Errors
///
/// What the system says if it gives no thread.
pub(crate) fn on_large_stack<R: Send>(work: impl FnOnce() -> R + Send) -> io::Result<R> {
    if IS_LARGE.get() {
        return Ok(work());
    }
    let work = here(work);
    thread::scope(|scope| {
        let work = || {
            IS_LARGE.set(true);
            work()
        };
        let thread = thread::Builder::new().name("load plugin".to_owned()).stack_size(SIZE);
        let thread = thread.spawn_scoped(scope, work)?;
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// The same work for another thread, which then has this one's `tracing` subscriber and span.
pub(crate) fn here<R>(work: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let dispatch = tracing::dispatcher::get_default(Clone::clone);
    let span = tracing::Span::current();
    move || tracing::dispatcher::with_default(&dispatch, || span.in_scope(work))
}
