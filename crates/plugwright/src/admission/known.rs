//! The worlds that a host knows, decoded.

use crate::contract::WorldType;

/// What a host knows of a world, decoded.
#[derive(Debug)]
pub(crate) struct Known {
    /// The world in the versions that are served, today's first.
    pub(crate) versions: Vec<WorldType>,
    /// Other worlds of the contract.
    pub(crate) others: Vec<WorldType>,
}

impl Known {
    /// What is known of a world alone, and of others of its contract.
    pub(crate) fn of_type(world: &WorldType, others: &[WorldType]) -> Self {
        Self { versions: vec![world.clone()], others: others.to_vec() }
    }

    /// The world in the versions that are served, today's first.
    pub(crate) fn versions(&self) -> &[WorldType] {
        &self.versions
    }

    /// All worlds that are known of the contract: this one first, the others as they are listed.
    pub(crate) fn all(&self) -> impl Iterator<Item = &WorldType> + Clone {
        self.versions.iter().chain(&self.others)
    }

    /// The world as it is today.
    pub(crate) fn today(&self) -> Option<&WorldType> {
        self.versions.first()
    }

    /// What the host gives to plugins of this world, in whatever version.
    pub(crate) fn imports(&self) -> impl Iterator<Item = &str> {
        self.versions.iter().flat_map(WorldType::imports)
    }
}
