//! Waiting for what is asynchronous, and the runtime on which it is done.
//!
//! What a plugin waits for (timers, files, connections) must not depend on who calls it: the caller's Tokio
//! runtime may have no timers, may end before the call does, or there may be none. So all of it is done by a
//! runtime of the library's own, which is [entered](enter) while WASI is at work and left again before an
//! application's host function runs. That one finds the caller's.

use std::future::poll_fn;
use std::io;
use std::num::NonZero;
use std::pin::pin;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use crate::component::stack::here;
use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// How many threads drive timers and connections at most. What blocks has threads of its own.
const MOST_THREADS: usize = 4;

/// Starts the library's runtime unless it runs. It stays until the process ends.
///
/// # Errors
///
/// The system's, if there are no threads or descriptors for it.
pub(crate) fn start() -> io::Result<()> {
    static STARTING: Mutex<()> = Mutex::new(());
    if RUNTIME.get().is_some() {
        return Ok(());
    }
    let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if RUNTIME.get().is_none() {
        // Where Tokio gets no thread it panics, which ends this one and no other.
        let built = thread::Builder::new().spawn(build)?.join();
        let none = |_| io::Error::new(io::ErrorKind::WouldBlock, "there are no threads for it");
        RUNTIME.get_or_init({
            let runtime = built.map_err(none)??;
            || runtime
        });
    }
    Ok(())
}

fn build() -> io::Result<Runtime> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    Builder::new_multi_thread()
        .worker_threads(threads.min(MOST_THREADS))
        .thread_name("plugwright-runtime")
        .enable_io()
        .enable_time()
        .build()
}

/// Makes the library's runtime the current one of this thread until the answer is dropped, if it was
/// started.
pub(crate) fn enter() -> Option<EnterGuard<'static>> {
    RUNTIME.get().map(Runtime::enter)
}

/// Waits for `future`, for whose work the library's runtime is the current one, whoever polls.
pub(crate) async fn entered<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _entered = enter();
        future.as_mut().poll(context)
    })
    .await
}

/// Waits for the future that `begin` gives.
///
/// A thread that a Tokio runtime drives must not wait for another future, because an application's host
/// function may wait for that runtime. There the future gets a thread of its own, with the caller's `tracing`
/// subscriber.
///
/// # Errors
///
/// What the future ends with, or what `no_thread` makes of what the system says if it gives none.
pub(crate) fn block_on<R, E, F>(
    begin: impl FnOnce() -> F + Send,
    no_thread: impl FnOnce(io::Error) -> E,
) -> Result<R, E>
where
    F: Future<Output = Result<R, E>>,
    R: Send,
    E: Send,
{
    if Handle::try_current().is_err() {
        return in_runtime(begin());
    }
    thread::scope(|scope| {
        let work = here(|| in_runtime(begin()));
        let thread = thread::Builder::new().spawn_scoped(scope, work).map_err(no_thread)?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Waits for a future that finds the library's runtime if it needs one: an application's host functions may,
/// and there is no other. The runtime's own `block_on` would hold up the threads that call it at once: each
/// time it draws a seed, under a lock.
fn in_runtime<F: Future>(future: F) -> F::Output {
    // Plugins that wait were not loaded without it.
    let _ = start();
    let _entered = enter();
    // It is large, and what waits for it would move it.
    pollster::block_on(pin!(future))
}
