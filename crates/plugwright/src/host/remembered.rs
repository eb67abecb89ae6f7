//! What a host remembers of a component that it loaded, in case the same bytes are loaded again.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::component::Component;

use crate::admission::candidate::{Candidate, Found};
use crate::call::plugin::Linked;
use crate::call::world::World;
use crate::component::symbols::Symbols;

/// A component and what is known about it. A clone is another handle to it.
#[derive(Clone)]
pub(crate) struct Remembered {
    pub(crate) component: Component,
    pub(crate) symbols: Symbols,
    pub(crate) found: Arc<Found>,
    linked: Arc<Mutex<ByWorld>>,
}

/// The `Linked<W>` of each world `W` that always links the same, for each version of `W`. The map cannot name all those
/// types, so the values are `Any`.
type ByWorld = BTreeMap<(TypeId, usize), Arc<dyn Any + Send + Sync>>;

impl Remembered {
    /// Remembers the component that the candidate was compiled to. It is not linked for any world yet.
    pub(crate) fn new(component: Component, candidate: &Candidate<'_>) -> Self {
        let (symbols, found) = (Symbols::of(candidate.bytes()), Arc::clone(candidate.found()));
        Self { component, symbols, found, linked: Arc::default() }
    }

    /// Returns the maximum size in bytes: that of the code, and that of what was found out, in which each byte that is
    /// not text takes three bytes.
    pub(crate) fn bytes(&self, candidate: &Candidate<'_>) -> usize {
        let code = self.component.image_range();
        let code = code.end.addr().saturating_sub(code.start.addr());
        code.saturating_add(candidate.bytes().len().saturating_mul(3))
    }

    /// Returns what the component was linked to as a plugin of `W` in that version.
    pub(crate) fn linked<W: World>(&self, version: usize) -> Option<Arc<Linked<W>>> {
        let linked = self.linked.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(linked.get(&(TypeId::of::<W>(), version))?).downcast().ok()
    }

    /// Remembers `linked` too, if `W` always links the same.
    pub(crate) fn keep<W: World>(&self, version: usize, linked: &Arc<Linked<W>>) {
        if !W::LINKS_THE_SAME {
            return;
        }
        let mut all = self.linked.lock().unwrap_or_else(PoisonError::into_inner);
        let linked: Arc<Linked<W>> = Arc::clone(linked);
        all.insert((TypeId::of::<W>(), version), linked);
    }
}
