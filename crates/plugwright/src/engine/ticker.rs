//! The clock for deadlines: a thread that interrupts plugins and wakes waiting calls.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use wasmtime::Engine;

use crate::engine::by_thread::ByThread;

/// The length of a tick. A computing plugin checks the time once per tick, so it ends within two ticks after its
/// deadline.
const TICK: Duration = Duration::from_millis(10);

/// The number of ticks without a call after which the thread sleeps until the next call.
const IDLE_TICKS: u32 = 100;

/// The thread that advances the epoch of one engine. It ends when this handle is dropped.
#[derive(Debug)]
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The number of running calls, counted separately for each thread.
    calls: ByThread<AtomicU64>,
    asleep: AtomicBool,
    ended: AtomicBool,
    numbers: AtomicU64,
    /// The calls that wait in a host function, with their deadlines.
    waiting: Mutex<HashMap<u64, (Instant, Waker)>>,
    changed: Condvar,
}

impl Ticker {
    /// Starts the thread.
    pub(crate) fn start(engine: &Engine) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (theirs, engine) = (Arc::clone(&shared), engine.weak());
        let thread =
            thread::Builder::new().name("plugwright-ticker".to_owned()).spawn(move || {
                while theirs.wait_for_tick() {
                    let Some(engine) = engine.upgrade() else { return };
                    engine.increment_epoch();
                    theirs.wake_those_due();
                }
            })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Runs `call` until `deadline`. Returns `None` if the call still waits in a host function then. A call that still
    /// computes is ended by the epoch.
    pub(crate) async fn until<F: Future>(
        &self,
        deadline: Option<Instant>,
        call: F,
    ) -> Option<F::Output> {
        let mut under_way = UnderWay::begin(&self.shared);
        let mut call = pin!(call);
        poll_fn(|context| match call.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => match deadline {
                Some(deadline) if deadline <= Instant::now() => Poll::Ready(None),
                Some(deadline) => {
                    under_way.wake_at(deadline, context.waker());
                    Poll::Pending
                }
                None => Poll::Pending,
            },
        })
        .await
    }
}

/// A running call, with its number in the list of waiting calls if it has ever waited.
struct UnderWay<'a> {
    shared: &'a Shared,
    count: &'a AtomicU64,
    number: Option<u64>,
}

impl<'a> UnderWay<'a> {
    fn begin(shared: &'a Shared) -> Self {
        let count = shared.calls.own();
        count.fetch_add(1, Ordering::SeqCst);
        if shared.asleep.load(Ordering::SeqCst) {
            shared.wake_up();
        }
        Self { shared, count, number: None }
    }

    fn wake_at(&mut self, deadline: Instant, waker: &Waker) {
        let numbers = &self.shared.numbers;
        let number = *self.number.get_or_insert_with(|| numbers.fetch_add(1, Ordering::Relaxed));
        self.shared.waiting().insert(number, (deadline, waker.clone()));
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
        if let Some(number) = self.number {
            self.shared.waiting().remove(&number);
        }
    }
}

impl Shared {
    /// Waits for the next tick, or for the next call if there are no calls. Returns `false` when the ticker ends.
    fn wait_for_tick(&self) -> bool {
        let mut waiting = self.waiting();
        let mut idle_ticks = 0;
        loop {
            if self.ended.load(Ordering::SeqCst) {
                return false;
            }
            if idle_ticks < IDLE_TICKS {
                waiting = self
                    .changed
                    .wait_timeout(waiting, TICK)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
                if self.is_busy() {
                    return !self.ended.load(Ordering::SeqCst);
                }
                idle_ticks += 1;
                continue;
            }
            // A call that begins now either sees this flag and wakes the thread, or is seen by the check below.
            self.asleep.store(true, Ordering::SeqCst);
            if !self.is_busy() {
                waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            }
            self.asleep.store(false, Ordering::SeqCst);
            idle_ticks = 0;
        }
    }

    fn is_busy(&self) -> bool {
        self.calls.all().any(|count| count.load(Ordering::SeqCst) > 0)
    }

    fn wake_up(&self) {
        // The lock ensures that the thread already waits, or has not checked the calls yet.
        let waiting = self.waiting();
        self.changed.notify_one();
        drop(waiting);
    }

    fn wake_those_due(&self) {
        let now = Instant::now();
        let mut due = Vec::new();
        self.waiting().retain(|_, (deadline, waker)| {
            let keep = *deadline > now;
            if !keep {
                due.push(waker.clone());
            }
            keep
        });
        due.into_iter().for_each(Waker::wake);
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, (Instant, Waker)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        self.shared.wake_up();
        if let Some(thread) = self.thread.take() {
            // The thread does not panic, and nothing could be done here if it had.
            let _ = thread.join();
        }
    }
}
