//! The recently loaded components that a host keeps in memory.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engine::cache::folder::Stamp;
use crate::engine::seal::Key;

/// The most bytes of all kept components together.
const MOST_BYTES: usize = 16 << 20;

/// The most components that are kept.
const MOST: usize = 16;

/// The components that were loaded last, the latest first, with a `T` for each.
pub(crate) struct Recent<T>(Mutex<VecDeque<Loaded<T>>>);

/// A loaded component.
struct Loaded<T> {
    key: Key,
    /// The stamp that the file of its code had when it was loaded.
    stamp: Stamp,
    bytes: usize,
    kept: T,
}

impl<T: Clone> Recent<T> {
    /// Returns what is kept for the component of `key`, even if its file changed.
    pub(crate) fn peek(&self, key: &Key) -> Option<T> {
        self.all().iter().find(|loaded| loaded.key == *key).map(|loaded| loaded.kept.clone())
    }

    /// Returns what is kept for the component of `key`, if its file is unchanged.
    pub(crate) fn find(&self, key: &Key, stamp: &Stamp) -> Option<T> {
        let mut all = self.all();
        // If the stamp differs, the component is loaded again, or another thread is about to record the new stamp.
        let at = all.iter().position(|loaded| loaded.key == *key && loaded.stamp == *stamp)?;
        let loaded = all.remove(at)?;
        let kept = loaded.kept.clone();
        all.push_front(loaded);
        Some(kept)
    }

    /// Keeps a component that takes `bytes` bytes, and removes the oldest ones beyond the limits.
    pub(crate) fn add(&self, key: Key, stamp: Stamp, bytes: usize, kept: T) {
        let mut gone = VecDeque::new();
        let mut all = self.all();
        let (before, others) = all.drain(..).partition(|loaded| loaded.key == key);
        *all = others;
        all.push_front(Loaded { key, stamp, bytes, kept });
        while all.len() > MOST || all.iter().map(|loaded| loaded.bytes).sum::<usize>() > MOST_BYTES
        {
            gone.extend(all.pop_back());
        }
        // Dropping a component can run code of the application, so the lock is released before.
        drop(all);
        drop::<(VecDeque<_>, VecDeque<_>)>((before, gone));
    }

    /// Records the new stamp of the file of `key`, which changed only in the time of its last use.
    pub(crate) fn again(&self, key: &Key, stamp: Stamp) {
        if let Some(loaded) = self.all().iter_mut().find(|loaded| loaded.key == *key) {
            loaded.stamp = stamp;
        }
    }
}

impl<T> Recent<T> {
    fn all(&self) -> MutexGuard<'_, VecDeque<Loaded<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> fmt::Debug for Recent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recent").field(&self.all().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::Engine;

    use super::*;

    #[test]
    fn what_was_loaded_last_is_found_as_long_as_its_file_is_the_same() {
        let (engine, recent) = (Engine::default(), Recent::default());
        let key = |number: u8| Key::new(&engine, &[number]);
        let stamp = |length| Stamp::of_length(length);
        let add = |number, length| recent.add(key(number), stamp(length), 1, number);
        for number in 0..=16 {
            add(number, 7);
        }
        assert_eq!(recent.find(&key(0), &stamp(7)), None, "there were sixteen after it");
        assert_eq!(recent.find(&key(1), &stamp(7)), Some(1));
        // The first one was used, so the second one is removed.
        add(17, 7);
        assert_eq!(recent.find(&key(2), &stamp(7)), None);
        assert_eq!(recent.find(&key(1), &stamp(7)), Some(1));
        recent.again(&key(1), stamp(8));
        assert_eq!(recent.find(&key(1), &stamp(8)), Some(1));
        // With another stamp it is not found, but peeking ignores the stamp.
        assert_eq!(recent.find(&key(1), &stamp(7)), None);
        assert_eq!(recent.peek(&key(1)), Some(1));
        assert_eq!(recent.find(&key(1), &stamp(8)), Some(1));
        recent.add(key(1), stamp(9), 1, 100);
        assert_eq!(recent.find(&key(1), &stamp(9)), Some(100));
    }

    #[test]
    fn what_is_too_much_goes() {
        let (engine, recent) = (Engine::default(), Recent::default());
        let key = |number: u8| Key::new(&engine, &[number]);
        recent.add(key(1), Stamp::of_length(7), MOST_BYTES, 1);
        assert_eq!(recent.peek(&key(1)), Some(1));
        recent.add(key(2), Stamp::of_length(7), 1, 2);
        assert_eq!((recent.peek(&key(1)), recent.peek(&key(2))), (None, Some(2)));
        recent.add(key(3), Stamp::of_length(7), MOST_BYTES + 1, 3);
        assert_eq!((recent.peek(&key(2)), recent.peek(&key(3))), (None, None));
    }
}
