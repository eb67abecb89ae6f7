//! What an instance keeps for calls that go by way of a forwarder.

use std::collections::BTreeMap;

use wasmtime::component::{Func, ResourceAny};

/// What a call keeps for what goes by way of a forwarder.
pub(crate) struct Forwarding {
    pub(super) functions: Vec<Func>,
    /// The handles that the host functions gave, by resource and number.
    pub(super) handles: BTreeMap<(u32, u32), ResourceAny>,
    /// How many handles to each resource there were.
    pub(super) made: BTreeMap<u32, u32>,
}

impl Forwarding {
    /// By way of a forwarder with these functions.
    pub(super) fn new(functions: Vec<Func>) -> Self {
        Self { functions, handles: BTreeMap::new(), made: BTreeMap::new() }
    }
}
