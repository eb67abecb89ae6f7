//! The places for instances, which limit how many instances exist at once.

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::engine::by_thread::ByThread;

/// A fixed number of places for instances. A call that finds no free place waits for its turn.
///
/// A returned place stays with the thread that returns it, because usually this thread needs the next one. So threads
/// that call at the same time do not write to shared memory. No call waits for a place that is left with a thread: a
/// waiter first announces itself and then collects the places of all threads, and a thread that returns a place first
/// leaves it there and then checks for waiters. Whichever comes first, one of the two sees the other.
#[derive(Debug)]
pub(crate) struct Places {
    /// The number of places.
    most: u32,
    /// The places that are not left with a thread, and the queue of waiters.
    common: Semaphore,
    /// The places that were returned and left with a thread.
    left: ByThread<AtomicU32>,
    /// The number of calls that wait, or are about to.
    waiting: AtomicUsize,
}

/// Places that are taken until this value is dropped.
#[derive(Debug)]
pub(crate) struct Occupied<P: Deref<Target = Places>> {
    places: P,
    count: u32,
}

impl Places {
    /// Creates `most` places.
    pub(crate) fn new(most: u32) -> Self {
        Self {
            most,
            common: Semaphore::new(most as usize),
            left: ByThread::default(),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Takes `count` places, or all if there are fewer, and waits until they are free.
    pub(crate) async fn take<P: Deref<Target = Self>>(places: P, count: u32) -> Occupied<P> {
        let count = count.min(places.most);
        if !places.take_left(count) && !places.take_common(count) {
            places.wait(count).await;
        }
        Occupied { places, count }
    }

    /// Takes places that are left with this thread, if there are enough.
    fn take_left(&self, count: u32) -> bool {
        let less = |left: u32| left.checked_sub(count);
        self.left.own().fetch_update(Ordering::SeqCst, Ordering::Relaxed, less).is_ok()
    }

    /// Takes common places, if there are enough and nobody waits for them.
    fn take_common(&self, count: u32) -> bool {
        self.common.try_acquire_many(count).map(SemaphorePermit::forget).is_ok()
    }

    async fn wait(&self, count: u32) {
        let _waits = Waits::begin(&self.waiting);
        self.left.all().for_each(|left| self.collect(left));
        // The semaphore is never closed, so this always gets a permit in the end.
        if let Ok(permit) = self.common.acquire_many(count).await {
            permit.forget();
        }
    }

    fn give_back(&self, count: u32) {
        let own = self.left.own();
        own.fetch_add(count, Ordering::SeqCst);
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.collect(own);
        }
    }

    /// Moves the places that are left with a thread to the common ones.
    fn collect(&self, left: &AtomicU32) {
        let count = left.swap(0, Ordering::SeqCst);
        if count > 0 {
            self.common.add_permits(count as usize);
        }
    }
}

impl<P: Deref<Target = Places>> Drop for Occupied<P> {
    fn drop(&mut self) {
        self.places.give_back(self.count);
    }
}

/// Counts a waiter until this value is dropped.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn begin(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::SeqCst);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::{Context, Waker};
    use std::thread;

    use super::*;

    fn is_ready<F: Future>(future: F) -> bool {
        pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn there_are_never_more_than_so_many_and_everybody_gets_one() {
        const MOST: u32 = 3;
        let places = Places::new(MOST);
        let taken = AtomicU32::new(0);
        let work = || {
            for round in 0..2000u32 {
                // Some need two.
                let count = 1 + round % 7 / 6;
                let place = pollster::block_on(Places::take(&places, count));
                let now = taken.fetch_add(count, Ordering::SeqCst) + count;
                assert!(now <= MOST, "{now}");
                if round % 5 == 0 {
                    thread::yield_now();
                }
                taken.fetch_sub(count, Ordering::SeqCst);
                drop(place);
            }
        };
        thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(work))));
        let _all = pollster::block_on(Places::take(&places, u32::MAX));
        assert!(!is_ready(Places::take(&places, 1)));
    }

    #[test]
    fn what_another_thread_left_is_found() {
        let places = Arc::new(Places::new(2));
        let take = || pollster::block_on(Places::take(Arc::clone(&places), 1));
        let both = [take(), take()];
        thread::spawn(move || drop(both)).join().expect("no panic");
        let both = [take(), take()];
        assert!(!is_ready(Places::take(&*places, 1)));
        // A waiter that gave up does not take a place.
        drop(both);
        let _all = pollster::block_on(Places::take(&*places, 2));
    }
}
