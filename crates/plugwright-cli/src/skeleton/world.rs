//! The imports and exports of a world, in the order of its WIT.

use wit_parser::{Function, IndexMap, InterfaceId, TypeId, WorldItem, WorldKey};

use super::Request;

/// An interface that a world imports or exports.
#[derive(Clone, Copy)]
pub(super) struct Interface<'a> {
    pub(super) key: &'a WorldKey,
    pub(super) id: InterfaceId,
}

/// Returns the interfaces among a world's imports or exports.
pub(super) fn interfaces(
    items: &IndexMap<WorldKey, WorldItem>,
) -> impl Iterator<Item = Interface<'_>> + Clone {
    items.iter().filter_map(|(key, item)| match item {
        WorldItem::Interface { id, .. } => Some(Interface { key, id: *id }),
        _ => None,
    })
}

/// Returns the functions that a world imports or exports directly.
pub(super) fn functions(
    items: &IndexMap<WorldKey, WorldItem>,
) -> impl Iterator<Item = &Function> + Clone {
    items.values().filter_map(|item| match item {
        WorldItem::Function(function) => Some(function),
        _ => None,
    })
}

/// Returns the world's own types by name, including those that it uses from interfaces.
pub(super) fn types(items: &IndexMap<WorldKey, WorldItem>) -> impl Iterator<Item = (&str, TypeId)> {
    items.iter().filter_map(|(key, item)| match (key, item) {
        (WorldKey::Name(name), WorldItem::Type { id, .. }) => Some((&**name, *id)),
        _ => None,
    })
}

impl Request<'_> {
    /// Returns the world's imports.
    pub(super) fn imports(&self) -> &IndexMap<WorldKey, WorldItem> {
        &self.resolve.worlds[self.world].imports
    }

    /// Returns the world's exports.
    pub(super) fn exports(&self) -> &IndexMap<WorldKey, WorldItem> {
        &self.resolve.worlds[self.world].exports
    }

    /// Returns the name of the world in its package.
    pub(super) fn world_name(&self) -> &str {
        &self.resolve.worlds[self.world].name
    }

    /// Returns the name of an interface in its package, or the name that the world gives it.
    pub(super) fn interface_name<'s>(&'s self, interface: Interface<'s>) -> &'s str {
        match interface.key {
            WorldKey::Name(name) => name,
            WorldKey::Interface(id) => self.resolve.interfaces[*id].name.as_deref().unwrap_or(""),
        }
    }
}
