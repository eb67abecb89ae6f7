//! What a host keeps in memory of the components that it loaded last.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engine::cache::folder::Stamp;
use crate::engine::seal::Key;

/// How many bytes they come to at most, all together.
const MOST_BYTES: usize = 16 << 20;

/// How many there are at most.
const MOST: usize = 16;

/// What is kept of the components that were loaded last, the last one first: a `T` for each.
pub(crate) struct Recent<T>(Mutex<VecDeque<Loaded<T>>>);

/// A component that was loaded.
struct Loaded<T> {
    key: Key,
    /// What the file of its code was when it was loaded.
    stamp: Stamp,
    bytes: usize,
    kept: T,
}

impl<T: Clone> Recent<T> {
    /// What is kept of the component of `key`, whatever its file is now.
    pub(crate) fn peek(&self, key: &Key) -> Option<T> {
        self.all().iter().find(|loaded| loaded.key == *key).map(|loaded| loaded.kept.clone())
    }

    /// What is kept of the component of `key`, if its file is what it was.
    pub(crate) fn find(&self, key: &Key, stamp: &Stamp) -> Option<T> {
        let mut all = self.all();
        // Of a file that has changed, it is loaded anew, or another thread is about to say that it has not.
        let at = all.iter().position(|loaded| loaded.key == *key && loaded.stamp == *stamp)?;
        let loaded = all.remove(at)?;
        let kept = loaded.kept.clone();
        all.push_front(loaded);
        Some(kept)
    }

    /// Keeps a component that comes to so many bytes, and removes what is too much.
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
        // What goes can have code of the application's to run, which is none of the others' business.
        drop(all);
        drop::<(VecDeque<_>, VecDeque<_>)>((before, gone));
    }

    /// Says what the file of `key` is now, which has changed in nothing but when it was used.
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
        // It was used, so another one goes.
        add(17, 7);
        assert_eq!(recent.find(&key(2), &stamp(7)), None);
        assert_eq!(recent.find(&key(1), &stamp(7)), Some(1));
        recent.again(&key(1), stamp(8));
        assert_eq!(recent.find(&key(1), &stamp(8)), Some(1));
        // As long as its file is another one, it is not found, which is not seen by looking alone.
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
