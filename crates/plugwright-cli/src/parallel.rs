//! Runs the same work on several items in parallel.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Returns the result of `work` for each of `items`, in their order. Works on as many items at once as there are cores.
pub(crate) fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let mut all = Vec::new();
    let Ok(()) = in_order(items, work, |_, result| {
        all.push(result);
        Ok::<(), Infallible>(())
    });
    all
}

/// Passes the result of `work` for each of `items` to `show`, in their order, as soon as it and all results before it
/// are done. Ends at the first error of `show`.
pub(crate) fn in_order<T: Sync, R: Send, E>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    show: impl FnMut(&T, R) -> Result<(), E>,
) -> Result<(), E> {
    in_order_by(at_once(items.len()), items, work, show)
}

/// Does the same as [`in_order`], with this number of threads.
pub(crate) fn in_order_by<T: Sync, R: Send, E>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut show: impl FnMut(&T, R) -> Result<(), E>,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (done, results) = mpsc::channel();
        for _ in 0..threads {
            let (done, next, work) = (done.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    if done.send((index, work(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let (mut early, mut items) = (BTreeMap::new(), items.iter().enumerate().peekable());
        for (index, result) in results {
            early.insert(index, result);
            while let Some((index, item)) = items.peek()
                && let Some(result) = early.remove(index)
            {
                show(item, result)?;
                items.next();
            }
        }
        Ok(())
    })
}

/// Returns how many of `items` items are worked on at once.
pub(crate) fn at_once(items: usize) -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(items)
}
