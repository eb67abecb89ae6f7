//! The components that a host loaded last, in memory.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasmtime::component::Component;

use crate::component::symbols::Symbols;
use crate::engine::cache::folder::Stamp;
use crate::engine::seal::Key;

/// How many bytes of code they have at most, all together.
const MOST_CODE: usize = 16 << 20;

/// How many there are at most.
const MOST: usize = 16;

/// The components that were loaded last, the last one first.
#[derive(Default)]
pub(crate) struct Recent(Mutex<VecDeque<Loaded>>);

/// A component that was loaded.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) component: Component,
    pub(crate) symbols: Symbols,
    /// What the file was that it was loaded from.
    pub(crate) stamp: Stamp,
    /// What was made of it.
    pub(crate) made: Made,
    key: Key,
}

/// What was made of a component for whoever loads the same one again: one thing of each type and number. A clone is another
/// handle to it.
#[derive(Clone, Default)]
pub(crate) struct Made(Arc<Mutex<Things>>);

type Things = BTreeMap<(TypeId, usize), Arc<dyn Any + Send + Sync>>;

impl Made {
    /// What was kept as the thing `T` of that number.
    pub(crate) fn get<T: Send + Sync + 'static>(&self, number: usize) -> Option<Arc<T>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.get(&(TypeId::of::<T>(), number))?).downcast().ok()
    }

    /// Keeps it.
    pub(crate) fn keep<T: Send + Sync + 'static>(&self, number: usize, thing: &Arc<T>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let thing: Arc<T> = Arc::clone(thing);
        all.insert((TypeId::of::<T>(), number), thing);
    }
}

impl Recent {
    /// The component of `key`, if it was loaded from what its file is now.
    pub(crate) fn find(&self, key: &Key, stamp: &Stamp) -> Option<Loaded> {
        let mut recent = self.recent();
        let at = recent.iter().position(|loaded| loaded.key == *key)?;
        let loaded = recent.remove(at)?;
        // Of a file that has changed, it is loaded anew.
        if loaded.stamp != *stamp {
            return None;
        }
        recent.push_front(loaded.clone());
        Some(loaded)
    }

    /// What was made of the component of `key`, if that was loaded.
    pub(crate) fn made(&self, key: &Key) -> Option<Made> {
        self.recent().iter().find(|loaded| loaded.key == *key).map(|loaded| loaded.made.clone())
    }

    /// Adds a component, of which all that was `made`, and removes what is too much.
    pub(crate) fn add(
        &self,
        key: Key,
        component: Component,
        symbols: Symbols,
        stamp: Stamp,
        made: Made,
    ) {
        let mut recent = self.recent();
        recent.retain(|loaded| loaded.key != key);
        recent.push_front(Loaded { component, symbols, stamp, made, key });
        while recent.len() > MOST || recent.iter().map(Loaded::code).sum::<usize>() > MOST_CODE {
            recent.pop_back();
        }
    }

    /// Says what the file of `key` is now, which has changed in nothing but when it was used.
    pub(crate) fn again(&self, key: &Key, stamp: Stamp) {
        let mut recent = self.recent();
        if let Some(loaded) = recent.iter_mut().find(|loaded| loaded.key == *key) {
            loaded.stamp = stamp;
        }
    }

    fn recent(&self) -> MutexGuard<'_, VecDeque<Loaded>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loaded {
    /// How many bytes of code it has.
    fn code(&self) -> usize {
        let code = self.component.image_range();
        code.end.addr().saturating_sub(code.start.addr())
    }
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recent").field(&self.recent().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::Engine;

    use super::*;

    /// A component in which there is nothing.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn what_was_loaded_last_is_found_as_long_as_its_file_is_the_same() {
        let (engine, recent) = (Engine::default(), Recent::default());
        let component = Component::new(&engine, EMPTY).expect("a component");
        let key = |number: u8| Key::new(&engine, &[number]);
        let stamp = |length| Stamp::of_length(length);
        let add = |number, length| {
            let symbols = Symbols::of(EMPTY);
            recent.add(key(number), component.clone(), symbols, stamp(length), Made::default());
        };
        for number in 0..=16 {
            add(number, 7);
        }
        assert!(recent.find(&key(0), &stamp(7)).is_none(), "there were sixteen after it");
        assert!(recent.find(&key(1), &stamp(7)).is_some());
        // It was used, so another one goes.
        add(17, 7);
        assert!(recent.find(&key(2), &stamp(7)).is_none());
        assert!(recent.find(&key(1), &stamp(7)).is_some());
        recent.again(&key(1), stamp(8));
        assert!(recent.find(&key(1), &stamp(8)).is_some());
        // Once its file is another one, it is gone.
        assert!(recent.find(&key(1), &stamp(7)).is_none());
        assert!(recent.find(&key(1), &stamp(8)).is_none());
    }
}
