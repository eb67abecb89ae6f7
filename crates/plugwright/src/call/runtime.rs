//! Waiting for asynchronous work, and the Tokio runtime that does it.
//!
//! What a plugin waits for (timers, files, connections) must not depend on the caller: the caller's Tokio runtime may
//! have no timers, may end before the call does, or there may be none. So a runtime of this library does all of it. The
//! runtime is [entered](enter) while WASI is at work, and left before an application's host function runs, so that the
//! host function sees the caller's runtime.

use std::future::poll_fn;
use std::io;
use std::num::NonZero;
use std::pin::pin;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use crate::component::stack::here;
use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// The maximum number of threads that drive timers and connections. Blocking operations have their own threads.
const MOST_THREADS: usize = 4;

/// Starts the library's runtime unless it is running. It runs until the process ends.
///
/// # Errors
///
/// The system's error, if there are not enough threads or descriptors.
pub(crate) fn start() -> io::Result<()> {
    static STARTING: Mutex<()> = Mutex::new(());
    if RUNTIME.get().is_some() {
        return Ok(());
    }
    let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if RUNTIME.get().is_none() {
        // Tokio panics if it gets no thread. The panic ends only this helper thread.
        let built = thread::Builder::new().spawn(build)?.join();
        let none =
            |_| io::Error::new(io::ErrorKind::WouldBlock, "the system could not start its threads");
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

/// Makes the library's runtime the current runtime of this thread until the returned guard is dropped, if the runtime
/// was started.
pub(crate) fn enter() -> Option<EnterGuard<'static>> {
    RUNTIME.get().map(Runtime::enter)
}

/// Waits for `future`. Each poll runs with the library's runtime as the current one.
pub(crate) async fn entered<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _entered = enter();
        future.as_mut().poll(context)
    })
    .await
}

/// Blocks until the future that `begin` returns is done.
///
/// A thread of a Tokio runtime must not block on another future, because an application's host function may wait for
/// that runtime. In that case the future runs on its own thread, with the caller's `tracing` subscriber.
///
/// # Errors
///
/// The error of the future, or the result of `no_thread` for the system's error if it could not start a thread.
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

/// Blocks until a future is done, with the library's runtime as the current one: an application's host functions may
/// need a runtime, and there is no other. The runtime's own `block_on` draws a seed under a lock each time, which would
/// hold up threads that call at the same time.
fn in_runtime<F: Future>(future: F) -> F::Output {
    // If this fails, the future needs no runtime: a plugin that waits is only loaded if the runtime was started.
    let _ = start();
    let _entered = enter();
    // The future is large, and is pinned here so that it is not moved.
    pollster::block_on(pin!(future))
}
