//! What a world imports and exports, in the order of its WIT, as skeletons go through it.

use wit_parser::{Function, IndexMap, InterfaceId, TypeId, WorldItem, WorldKey};

use super::Request;

/// An interface that a world imports or exports.
#[derive(Clone, Copy)]
pub(super) struct Interface<'a> {
    pub(super) key: &'a WorldKey,
    pub(super) id: InterfaceId,
}

/// The interfaces among what a world imports or exports.
pub(super) fn interfaces(
    items: &IndexMap<WorldKey, WorldItem>,
) -> impl Iterator<Item = Interface<'_>> + Clone {
    items.iter().filter_map(|(key, item)| match item {
        WorldItem::Interface { id, .. } => Some(Interface { key, id: *id }),
        _ => None,
    })
}

/// The functions among what a world itself imports or exports.
pub(super) fn functions(
    items: &IndexMap<WorldKey, WorldItem>,
) -> impl Iterator<Item = &Function> + Clone {
    items.values().filter_map(|item| match item {
        WorldItem::Function(function) => Some(function),
        _ => None,
    })
}

/// The types of a world's own, by name, those among them that it has from interfaces included.
pub(super) fn types(items: &IndexMap<WorldKey, WorldItem>) -> impl Iterator<Item = (&str, TypeId)> {
    items.iter().filter_map(|(key, item)| match (key, item) {
        (WorldKey::Name(name), WorldItem::Type { id, .. }) => Some((&**name, *id)),
        _ => None,
    })
}

impl Request<'_> {
    /// What the world imports.
    pub(super) fn imports(&self) -> &IndexMap<WorldKey, WorldItem> {
        &self.resolve.worlds[self.world].imports
    }

    /// What the world exports.
    pub(super) fn exports(&self) -> &IndexMap<WorldKey, WorldItem> {
        &self.resolve.worlds[self.world].exports
    }

    /// The name of the world in its package.
    pub(super) fn world_name(&self) -> &str {
        &self.resolve.worlds[self.world].name
    }

    /// The name of an interface in its package, or the one that the world has for it.
    pub(super) fn interface_name<'s>(&'s self, interface: Interface<'s>) -> &'s str {
        match interface.key {
            WorldKey::Name(name) => name,
            WorldKey::Interface(id) => self.resolve.interfaces[*id].name.as_deref().unwrap_or(""),
        }
    }
}
