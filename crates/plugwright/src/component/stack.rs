//! A stack of a known size, for readers of plugins that recurse.

use std::cell::Cell;
use std::{io, thread};

/// The size of the stack. Only the used part takes memory. The deepest structures that are allowed take an eighth of it
/// in a build without optimisation.
const SIZE: usize = 16 << 20;

thread_local! {
    static IS_LARGE: Cell<bool> = const { Cell::new(false) };
}

/// Does `work` on a thread with a stack of a known size, and waits for the result. The caller's stack may be small, or
/// mostly used. The thread has the caller's `tracing` subscriber and span.
///
/// # Errors
///
/// The system's error, if it cannot start a thread.
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

/// Wraps `work` so that it runs on another thread with this thread's `tracing` subscriber and span.
pub(crate) fn here<R>(work: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let dispatch = tracing::dispatcher::get_default(Clone::clone);
    let span = tracing::Span::current();
    move || tracing::dispatcher::with_default(&dispatch, || span.in_scope(work))
}
