//! What a host remembers of a component that it loaded, for whoever loads the same bytes again.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::component::Component;

use crate::admission::candidate::{Candidate, Found};
use crate::call::plugin::Linked;
use crate::call::world::World;
use crate::component::symbols::Symbols;

/// A component, and what was found out about it. A clone is another handle to it.
#[derive(Clone)]
pub(crate) struct Remembered {
    pub(crate) component: Component,
    pub(crate) symbols: Symbols,
    pub(crate) found: Arc<Found>,
    linked: Arc<Mutex<ByWorld>>,
}

/// The `Linked<W>` of each world `W` that links the same each time, and of each version of that. No type has room for all of
/// them.
type ByWorld = BTreeMap<(TypeId, usize), Arc<dyn Any + Send + Sync>>;

impl Remembered {
    /// The component that the candidate was compiled to, which is linked for no world yet.
    pub(crate) fn new(component: Component, candidate: &Candidate<'_>) -> Self {
        let (symbols, found) = (Symbols::of(candidate.bytes()), Arc::clone(candidate.found()));
        Self { component, symbols, found, linked: Arc::default() }
    }

    /// How many bytes it comes to at most: those of its code, and what was found out, of which each byte that is no text takes
    /// three.
    pub(crate) fn bytes(&self, candidate: &Candidate<'_>) -> usize {
        let code = self.component.image_range();
        let code = code.end.addr().saturating_sub(code.start.addr());
        code.saturating_add(candidate.bytes().len().saturating_mul(3))
    }

    /// What it was linked to as a plugin of `W` in that version.
    pub(crate) fn linked<W: World>(&self, version: usize) -> Option<Arc<Linked<W>>> {
        let linked = self.linked.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(linked.get(&(TypeId::of::<W>(), version))?).downcast().ok()
    }

    /// Remembers that as well, if `W` links the same each time.
    pub(crate) fn keep<W: World>(&self, version: usize, linked: &Arc<Linked<W>>) {
        if !W::LINKS_THE_SAME {
            return;
        }
        let mut all = self.linked.lock().unwrap_or_else(PoisonError::into_inner);
        let linked: Arc<Linked<W>> = Arc::clone(linked);
        all.insert((TypeId::of::<W>(), version), linked);
    }
}
