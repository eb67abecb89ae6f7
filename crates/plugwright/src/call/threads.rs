//! The threads on which a plugin waits for files and for the addresses of hosts. Each plugin has only a few, so that a
//! file system or a name server that does not respond does not block other plugins.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::call::runtime::{entered, start};

/// The maximum number of threads for each plugin.
const THREADS: usize = 8;

/// How long an operation waits for a thread while no other operation of the plugin finishes.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many idle threads are kept for all plugins.
const KEPT: usize = 8;

/// Idle threads never time out; they end only when there are too many of them.
const FOR_EVER: Duration = Duration::from_secs(u32::MAX as u64);

/// The idle threads.
static IDLE: Mutex<Vec<Thread>> = Mutex::new(Vec::new());

/// A plugin's threads for blocking operations. It has a thread only while there is work for it.
#[derive(Debug)]
pub(crate) struct Threads {
    places: Arc<Semaphore>,
    /// How many operations have finished.
    ended: Arc<AtomicU64>,
}

/// The reason why a blocking operation of a plugin did not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unavailable {
    /// None of the pending operations finishes.
    #[error(
        "it does not respond: {THREADS} operations on it are pending, and none of them finishes"
    )]
    Stuck,
    /// The system could not start a thread.
    #[error("the system could not start another thread: {0}")]
    None(#[from] io::Error),
}

impl Threads {
    /// Runs `job` on one of the threads. The job keeps its thread until it is done, even if this future is dropped
    /// earlier.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if there is no thread for the job.
    pub(crate) async fn run<R: Send + 'static>(
        &self,
        job: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, Unavailable> {
        let place = self.place().await?;
        let handle = place.thread.handle.clone();
        let done = handle.spawn_blocking(move || {
            let result = job();
            drop(place);
            result
        });
        done.await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime was shut down, which happens only to idle threads.
            Err(_) => Unavailable::Stuck,
        })
    }

    /// Waits for `work`, whose blocking operations run on one of these threads.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if there is no thread for it.
    pub(crate) async fn around<F: Future>(&self, work: F) -> Result<F::Output, Unavailable> {
        let mut taken = Taken(Some(self.place().await?));
        let mut work = pin!(work);
        let done = poll_fn(|context| {
            let _entered = taken.enter();
            work.as_mut().poll(context)
        });
        let done = done.await;
        // Everything that `work` began has finished.
        taken.0 = None;
        Ok(done)
    }

    /// Runs `work` if one of the threads is free now. `work` may begin blocking operations, but does not wait for them.
    ///
    /// # Errors
    ///
    /// [`Unavailable::None`] if the system could not start a thread.
    pub(crate) fn within<R>(&self, work: impl FnOnce() -> R) -> Result<Option<R>, Unavailable> {
        let Ok(turn) = Arc::clone(&self.places).try_acquire_owned() else { return Ok(None) };
        let taken = Taken(Some(self.with(turn)?));
        let _entered = taken.enter();
        Ok(Some(work()))
    }

    /// Waits for a place, as long as other operations finish.
    async fn place(&self) -> Result<Place, Unavailable> {
        if let Ok(turn) = Arc::clone(&self.places).try_acquire_owned() {
            return self.with(turn);
        }
        start()?;
        let turn = async {
            let mut turn = pin!(Arc::clone(&self.places).acquire_owned());
            loop {
                let ended = self.ended.load(Ordering::Relaxed);
                match timeout(PATIENCE, &mut turn).await {
                    Ok(turn) => return turn.map_err(|_| Unavailable::Stuck),
                    Err(_) if self.ended.load(Ordering::Relaxed) == ended => {
                        return Err(Unavailable::Stuck);
                    }
                    Err(_) => {}
                }
            }
        };
        self.with(entered(turn).await?)
    }

    fn with(&self, turn: OwnedSemaphorePermit) -> Result<Place, Unavailable> {
        let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let thread = idle.map_or_else(Thread::start, Ok)?;
        Ok(Place { thread, ended: Arc::clone(&self.ended), _turn: turn })
    }
}

impl Default for Threads {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(THREADS)), ended: Arc::default() }
    }
}

/// A thread that runs one job after the other. It is the blocking thread of a Tokio runtime, because wasmtime-wasi
/// looks for a runtime. The runtime is not used for anything else.
#[derive(Debug)]
struct Thread {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl Thread {
    fn start() -> io::Result<Self> {
        // The runtime polls no futures, so it needs no drivers.
        let mut builder = Builder::new_current_thread();
        builder.max_blocking_threads(1).thread_keep_alive(FOR_EVER).thread_name("plugin-waits");
        let runtime = builder.build()?;
        let started = Self { handle: runtime.handle().clone(), runtime: Some(runtime) };
        let handle = started.handle.clone();
        // Tokio panics if it gets no thread. The panic ends only this helper thread.
        let first = thread::Builder::new().spawn(move || drop(handle.spawn_blocking(|| ())))?;
        let none = |_| io::Error::new(io::ErrorKind::WouldBlock, "there are too many threads");
        first.join().map_err(none)?;
        Ok(started)
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // This may run on the thread itself, so it must not wait for the thread.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A thread that an operation of a plugin uses. When the place is dropped, the thread goes to another operation, so
/// nothing may be left for it to do.
struct Place {
    thread: Thread,
    ended: Arc<AtomicU64>,
    _turn: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT
            && let Some(runtime) = self.thread.runtime.take()
        {
            idle.push(Thread { handle: self.thread.handle.clone(), runtime: Some(runtime) });
        }
    }
}

/// A place in which an operation may be pending. The place is given back when that operation is over.
struct Taken(Option<Place>);

impl Taken {
    fn enter(&self) -> Option<EnterGuard<'_>> {
        self.0.as_ref().map(|place| place.thread.handle.enter())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(place) = self.0.take() {
            // The thread runs this after everything else.
            let handle = place.thread.handle.clone();
            handle.spawn_blocking(move || drop(place));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::task::spawn_blocking;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(5);

    /// Begins operations that hang on all threads, and drops them. No thread is free until `go_on` is dropped.
    fn hung(hang: &impl AsyncFn(&Threads, Box<dyn FnOnce() + Send>)) {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let (hung, other) = (Threads::default(), Threads::default());
            let (go_on, waits) = mpsc::channel::<()>();
            let waits = Arc::new(Mutex::new(waits));
            for _ in 0..THREADS {
                let waits = Arc::clone(&waits);
                let job = move || drop(waits.lock().map(|it| it.recv()));
                assert!(timeout(MOMENT, hang(&hung, Box::new(job))).await.is_err());
            }
            let stuck = hung.run(|| ()).await.expect_err("they hang");
            assert_eq!(
                stuck.to_string(),
                "it does not respond: 8 operations on it are pending, and none of them finishes"
            );
            assert!(matches!(hung.around(async {}).await, Err(Unavailable::Stuck)));
            assert!(matches!(hung.within(|| ()), Ok(None)));
            assert_eq!(other.run(|| 7).await.ok(), Some(7));
            // The operations end one after the other, and then all threads are free again.
            drop(go_on);
            let all_done = hung.places.acquire_many(THREADS as u32);
            drop(timeout(Duration::from_secs(60), all_done).await.expect("none of them hangs now"));
            assert_eq!(hung.run(|| 7).await.ok(), Some(7));
        });
    }

    #[test]
    fn those_of_one_plugin_that_hang_hold_up_no_other() {
        hung(&async |threads, job| threads.run(job).await.expect("there is a thread"));
    }

    #[test]
    fn what_others_begin_on_them_counts_until_it_is_done() {
        hung(&async |threads, job| {
            let done = threads.around(async { spawn_blocking(job).await }).await;
            done.expect("there is a thread").expect("it does not panic");
        });
        hung(&async |threads, job| {
            let begun = threads.within(|| spawn_blocking(job)).expect("there is a thread");
            begun.expect("it is free").await.expect("it does not panic");
        });
    }

    #[test]
    fn one_waits_while_others_end() {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let threads = Arc::new(Threads::default());
        let job = || thread::sleep(Duration::from_millis(100));
        let done = runtime.block_on(async {
            let mut jobs = tokio::task::JoinSet::new();
            for _ in 0..20 * THREADS {
                let threads = Arc::clone(&threads);
                jobs.spawn(async move { threads.run(job).await });
            }
            jobs.join_all().await
        });
        assert!(done.iter().all(Result::is_ok), "{done:?}");
        assert!(IDLE.lock().expect("nobody panics").len() <= KEPT);
    }
}
