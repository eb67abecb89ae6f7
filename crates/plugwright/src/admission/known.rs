//! The decoded worlds that a host knows.

use crate::contract::WorldType;

/// A world in its versions, and the other worlds of its contract, decoded.
#[derive(Debug)]
pub(crate) struct Known {
    /// The world in the versions that the host serves, the current one first.
    pub(crate) versions: Vec<WorldType>,
    /// Other worlds of the contract.
    pub(crate) others: Vec<WorldType>,
}

impl Known {
    /// Creates this from one world in one version, and the other worlds of its contract.
    pub(crate) fn of_type(world: &WorldType, others: &[WorldType]) -> Self {
        Self { versions: vec![world.clone()], others: others.to_vec() }
    }

    /// Returns the world in the versions that the host serves, the current one first.
    pub(crate) fn versions(&self) -> &[WorldType] {
        &self.versions
    }

    /// Returns all known worlds of the contract: this one first, then the others in their order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &WorldType> + Clone {
        self.versions.iter().chain(&self.others)
    }

    /// Returns the current version of the world.
    pub(crate) fn today(&self) -> Option<&WorldType> {
        self.versions.first()
    }

    /// Returns the imports that the host provides to plugins of this world, in all versions.
    pub(crate) fn imports(&self) -> impl Iterator<Item = &str> {
        self.versions.iter().flat_map(WorldType::imports)
    }
}
