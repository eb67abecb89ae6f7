//! The threads on which a plugin waits for files and for the addresses of hosts: its own, so that a file system
//! or a name server that does not answer holds up nobody else.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicIsize, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

/// How many threads a plugin has at most.
const THREADS: usize = 8;

/// How many operations of calls that are over may be under way before more are refused.
const ABANDONED: isize = 16;

/// How long a thread is kept that has nothing to do.
const KEPT: Duration = Duration::from_secs(1);

/// A plugin's threads for what blocks, which are started when there is something for them to do.
#[derive(Default)]
pub(crate) struct Threads {
    runtime: OnceLock<Idle>,
    abandoned: Arc<AtomicIsize>,
}

/// A runtime of which only the threads for what blocks are used.
struct Idle {
    handle: Handle,
    runtime: Option<Runtime>,
}

/// There are so many operations of calls that are over, and none of them ends.
#[derive(Debug, thiserror::Error)]
#[error("it does not answer: {0} operations of calls that are over are still under way in it")]
pub(crate) struct Stuck(isize);

impl Threads {
    /// Does `job` on one of the threads. It is done even if this is dropped before.
    ///
    /// # Errors
    ///
    /// [`Stuck`] if too many jobs that were given up are not done yet.
    pub(crate) async fn run<R: Send + 'static>(
        &self,
        job: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, Stuck> {
        let abandoned = self.abandoned.load(Ordering::Relaxed);
        if abandoned >= ABANDONED {
            return Err(Stuck(abandoned));
        }
        let state = Arc::new(AtomicU8::new(WAITED_FOR));
        let (waiting, working) = (
            Side { state: Arc::clone(&state), leaves: GIVEN_UP, all: Arc::clone(&self.abandoned) },
            Side { state, leaves: DONE, all: Arc::clone(&self.abandoned) },
        );
        let done = self.handle().spawn_blocking(move || {
            let result = job();
            drop(working);
            result
        });
        let result = done.await;
        drop(waiting);
        match result {
            Ok(result) => Ok(result),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The threads ended, which they do not before the plugin is gone.
                Err(_) => Err(Stuck(abandoned)),
            },
        }
    }

    /// Waits for `work`, which does what blocks on these threads.
    pub(crate) async fn around<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        poll_fn(|context| self.within(|| work.as_mut().poll(context))).await
    }

    /// Does `work`, which begins what blocks on these threads.
    pub(crate) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        let _entered = self.handle().enter();
        work()
    }

    fn handle(&self) -> &Handle {
        let idle = self.runtime.get_or_init(|| {
            // Nothing is polled by it, so it has no drivers and no thread of its own.
            let mut builder = Builder::new_current_thread();
            builder.max_blocking_threads(THREADS).thread_keep_alive(KEPT);
            #[expect(clippy::expect_used, reason = "it asks the system for nothing")]
            let runtime = builder.thread_name("plugin-waits").build().expect("it has no drivers");
            Idle { handle: runtime.handle().clone(), runtime: Some(runtime) }
        });
        &idle.handle
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        // A thread that is held up is not waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").field("abandoned", &self.abandoned).finish_non_exhaustive()
    }
}

/// One of the two that know of a job, who waits for it and who does it: the second to leave finds what the
/// first one left.
struct Side {
    state: Arc<AtomicU8>,
    leaves: u8,
    all: Arc<AtomicIsize>,
}

const WAITED_FOR: u8 = 0;
const GIVEN_UP: u8 = 1;
const DONE: u8 = 2;

impl Drop for Side {
    fn drop(&mut self) {
        match (self.leaves, self.state.swap(self.leaves, Ordering::AcqRel)) {
            (GIVEN_UP, WAITED_FOR) => {
                self.all.fetch_add(1, Ordering::Relaxed);
            }
            (DONE, GIVEN_UP) => {
                self.all.fetch_sub(1, Ordering::Relaxed);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::runtime::Builder;
    use tokio::time::timeout;

    use super::*;

    #[test]
    fn those_of_one_plugin_that_hang_hold_up_no_other() {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let (hung, other) = (Threads::default(), Threads::default());
            let (go_on, waits) = mpsc::channel::<()>();
            let waits = Arc::new(std::sync::Mutex::new(waits));
            let moment = Duration::from_millis(5);
            for _ in 0..ABANDONED {
                let waits = Arc::clone(&waits);
                let job = move || drop(waits.lock().map(|it| it.recv()));
                assert!(timeout(moment, hung.run(job)).await.is_err());
            }
            let stuck = hung.run(|| ()).await.expect_err("they hang");
            assert_eq!(
                stuck.to_string(),
                "it does not answer: 16 operations of calls that are over are still under way in it"
            );
            assert_eq!(other.run(|| 7).await.ok(), Some(7));
            // They go on one after the other, and then it is as before.
            drop(go_on);
            let all_done = async {
                while hung.abandoned.load(Ordering::Relaxed) != 0 {
                    tokio::time::sleep(moment).await;
                }
            };
            timeout(Duration::from_secs(60), all_done).await.expect("none of them hangs now");
            assert_eq!(hung.run(|| 7).await.ok(), Some(7));
        });
    }
}
