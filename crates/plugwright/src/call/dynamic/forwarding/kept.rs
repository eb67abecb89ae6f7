//! What an instance keeps for calls through a forwarder.

use std::collections::BTreeMap;

use wasmtime::component::{Func, ResourceAny};

/// What a call keeps for calls through a forwarder.
pub(crate) struct Forwarding {
    pub(super) functions: Vec<Func>,
    /// The handles that the host functions returned, by resource and number.
    pub(super) handles: BTreeMap<(u32, u32), ResourceAny>,
    /// How many handles to each resource have been made.
    pub(super) made: BTreeMap<u32, u32>,
}

impl Forwarding {
    /// Forwards calls through these functions of the forwarder.
    pub(super) fn new(functions: Vec<Func>) -> Self {
        Self { functions, handles: BTreeMap::new(), made: BTreeMap::new() }
    }
}
