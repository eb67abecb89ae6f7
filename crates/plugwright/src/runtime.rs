//! Waiting for what is asynchronous.

use std::sync::LazyLock;

use tokio::runtime::Handle;
use wasmtime_wasi::runtime::with_ambient_tokio_runtime;

/// Waits for the future that `begin` gives.
///
/// A thread that a Tokio runtime drives must not wait for another future, on pain of a panic. There
/// the future gets a thread of its own, with the caller's `tracing` subscriber.
pub(crate) fn block_on<F: Future>(begin: impl FnOnce() -> F + Send) -> F::Output
where
    F::Output: Send,
{
    if Handle::try_current().is_err() {
        return in_runtime(begin());
    }
    let dispatch = tracing::dispatcher::get_default(Clone::clone);
    let span = tracing::Span::current();
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            tracing::dispatcher::with_default(&dispatch, || span.in_scope(|| in_runtime(begin())))
        });
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Waits for a future that finds the runtime if it needs one. The runtime's own `block_on` would hold up
/// the threads that call it at once: each time it draws a seed, under a lock.
fn in_runtime<F: Future>(future: F) -> F::Output {
    let _entered = RUNTIME.enter();
    pollster::block_on(future)
}

/// The runtime that WASI has where there is no other, for plugins that sleep or read files. It is
/// started with the first call.
static RUNTIME: LazyLock<Handle> = LazyLock::new(|| with_ambient_tokio_runtime(Handle::current));
