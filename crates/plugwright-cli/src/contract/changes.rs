//! Finds the changes between two contracts, and those that break plugins built for the older contract.
//!
//! A plugin fits if the host provides all of the plugin's imports, the plugin provides all exports that the host
//! needs, and both use the same types. There is no subtyping. So a world may gain imports and lose exports, but a type
//! or a function that remains must not change.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use plugwright::Contract;
use wit_parser::{
    Function, FunctionKind, InterfaceId, PackageId, Resolve, TypeId, World, WorldItem, WorldKey,
};

use super::is_compatible;
use super::types::{self, Types};

/// One change.
pub(crate) struct Change {
    /// What changed, as a sentence without a period.
    pub(crate) what: String,
    /// Why the change breaks plugins, if it does.
    pub(crate) breaks: Option<&'static str>,
}

/// A package and the `Resolve` that contains it.
struct Package<'a> {
    resolve: &'a Resolve,
    package: PackageId,
}

impl<'a> Package<'a> {
    fn of(contract: &'a Contract) -> Self {
        let (resolve, package) = contract.resolve();
        Self { resolve, package }
    }
}

/// Where an item is: imported from the host, exported to the host, or in no world.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Import,
    Export,
    Nowhere,
}

#[derive(Clone, Copy)]
enum Kind {
    Gained,
    Lost,
    Changed,
}

impl Side {
    /// Returns why a change on this side breaks plugins, if it does.
    fn breaks(self, kind: Kind) -> Option<&'static str> {
        match (self, kind) {
            (Self::Import, Kind::Lost) => Some("a plugin that uses it can no longer be loaded"),
            (Self::Export, Kind::Gained) => Some("a plugin that was built before does not have it"),
            (Self::Import | Self::Export, Kind::Changed) => Some(
                "a plugin that was built before has the old form, and both sides have to agree",
            ),
            (Self::Import, Kind::Gained) | (Self::Export, Kind::Lost) | (Self::Nowhere, _) => None,
        }
    }
}

/// Returns all changes from `old` to `new`. Changes that break plugins come first.
pub(crate) fn changes(old: &Contract, new: &Contract) -> Vec<Change> {
    let (old, new) = (&Package::of(old), &Package::of(new));
    let known = RefCell::default();
    let types = Types { old: old.resolve, new: new.resolve, known: &known };
    let mut comparison = Comparison { old, new, types, found: Vec::new(), told: HashMap::new() };
    let (old_package, new_package) =
        (&old.resolve.packages[old.package], &new.resolve.packages[new.package]);

    for (name, old_world) in &old_package.worlds {
        match new_package.worlds.get(name) {
            Some(new_world) => {
                let worlds = (&old.resolve.worlds[*old_world], &new.resolve.worlds[*new_world]);
                comparison.worlds(worlds.0, worlds.1);
            }
            None => {
                let breaks = Some("a plugin for this world would have no host");
                comparison.add(format!("the world `{name}` is gone"), breaks);
            }
        }
    }
    for name in new_package.worlds.keys().filter(|name| !old_package.worlds.contains_key(*name)) {
        comparison.add(format!("the world `{name}` is new"), None);
    }

    // The interfaces that worlds import and export have been compared above.
    let (old_used, new_used) = (used(old.resolve), used(new.resolve));
    for (name, id) in &old_package.interfaces {
        match new_package.interfaces.get(name) {
            Some(new_id) if !old_used.contains(id) || !new_used.contains(new_id) => {
                comparison.interfaces(Side::Nowhere, name, *id, *new_id);
            }
            None if !old_used.contains(id) => {
                comparison
                    .add(format!("the interface `{name}`, which no world used, is gone"), None);
            }
            _ => {}
        }
    }
    for (name, id) in &new_package.interfaces {
        if !old_package.interfaces.contains_key(name) && !new_used.contains(id) {
            comparison.add(format!("the interface `{name}` is new"), None);
        }
    }
    let mut found = comparison.found;
    found.sort_by_key(|change| change.breaks.is_none());
    found
}

/// Returns the interfaces that any world imports or exports.
fn used(resolve: &Resolve) -> HashSet<InterfaceId> {
    let items = |world: &World| {
        let items = world.imports.values().chain(world.exports.values());
        items.filter_map(interface).collect::<Vec<_>>()
    };
    resolve.worlds.iter().flat_map(|(_, world)| items(world)).collect()
}

struct Comparison<'a> {
    old: &'a Package<'a>,
    new: &'a Package<'a>,
    types: Types<'a>,
    found: Vec<Change>,
    /// The index in `found` of each change.
    told: HashMap<String, usize>,
}

impl<'a> Comparison<'a> {
    /// Adds a change, unless it is there already: an interface is compared for each world that has it, but reported
    /// once.
    fn add(&mut self, what: String, breaks: Option<&'static str>) {
        match self.told.get(&what).and_then(|&place| self.found.get_mut(place)) {
            Some(change) => change.breaks = change.breaks.or(breaks),
            None => {
                self.told.insert(what.clone(), self.found.len());
                self.found.push(Change { what, breaks });
            }
        }
    }

    fn worlds(&mut self, old: &'a World, new: &'a World) {
        let sides = [
            (Side::Import, "imports", &old.imports, &new.imports),
            (Side::Export, "exports", &old.exports, &new.exports),
        ];
        for (side, verb, old_items, new_items) in sides {
            let world = &old.name;
            let new_items: Vec<_> =
                new_items.iter().map(|(key, item)| (name(self.new, key), item)).collect();
            let old_items: Vec<_> =
                old_items.iter().map(|(key, item)| (name(self.old, key), item)).collect();
            let names = |items: &[(String, &'a WorldItem)]| -> HashMap<String, &'a WorldItem> {
                // If a name occurs in two versions, the first one counts.
                items.iter().rev().cloned().collect()
            };
            let (in_old, in_new) = (names(&old_items), names(&new_items));
            for (name, old_item) in &old_items {
                match in_new.get(name) {
                    Some(new_item) => self.items(side, world, name, old_item, new_item),
                    None => self.add(
                        format!("the world `{world}` no longer {verb} `{name}`"),
                        side.breaks(Kind::Lost),
                    ),
                }
            }
            for (name, _) in new_items {
                if !in_old.contains_key(&name) {
                    self.add(
                        format!("the world `{world}` now {verb} `{name}`"),
                        side.breaks(Kind::Gained),
                    );
                }
            }
        }
    }

    fn items(
        &mut self,
        side: Side,
        world: &str,
        name: &str,
        old: &'a WorldItem,
        new: &'a WorldItem,
    ) {
        let of = format!("the world `{world}`");
        match (old, new) {
            (WorldItem::Interface { id: old, .. }, WorldItem::Interface { id: new, .. }) => {
                self.versions(side, world, *old, *new);
                self.interfaces(side, name, *old, *new);
            }
            (WorldItem::Function(old), WorldItem::Function(new)) => {
                self.function(side, &of, old, new);
            }
            (WorldItem::Type { id: old, .. }, WorldItem::Type { id: new, .. }) => {
                self.type_(side, &of, name, *old, *new);
            }
            _ => self.add(
                format!("`{name}` of the world `{world}` is now a different kind of item"),
                side.breaks(Kind::Changed),
            ),
        }
    }

    /// Compares the versions of an interface from another package, because the linker matches interfaces by name and
    /// version. The contract's own interfaces have the contract's version, which is judged as a whole.
    fn versions(&mut self, side: Side, world: &str, old: InterfaceId, new: InterfaceId) {
        let version = |package: &Package<'_>, id: InterfaceId| {
            let of = package.resolve.interfaces[id].package?;
            let version = package.resolve.packages[of].name.version.clone();
            (of != package.package).then_some(version)?
        };
        let (was, is) = (version(self.old, old), version(self.new, new));
        let compatible = match (&was, &is) {
            (Some(was), Some(is)) => is_compatible(was, is),
            _ => was == is,
        };
        if !compatible {
            let id = |package: &Package<'_>, id| package.resolve.id_of(id).unwrap_or_default();
            let (was, is) = (id(self.old, old), id(self.new, new));
            let breaks = side.breaks(Kind::Changed);
            self.add(format!("the world `{world}` has `{is}` instead of `{was}`"), breaks);
        }
    }

    fn interfaces(&mut self, side: Side, name: &str, old: InterfaceId, new: InterfaceId) {
        let (old_resolve, new_resolve) = (self.old.resolve, self.new.resolve);
        let (old, new) = (&old_resolve.interfaces[old], &new_resolve.interfaces[new]);
        let of = format!("`{name}`");
        for (type_name, old_type) in &old.types {
            match new.types.get(type_name) {
                Some(new_type) => self.type_(side, &of, type_name, *old_type, *new_type),
                None => self.add(
                    format!("`{name}` lost {}", types::words(old_resolve, *old_type)),
                    side.breaks(Kind::Lost),
                ),
            }
        }
        for (type_name, new_type) in &new.types {
            if !old.types.contains_key(type_name) {
                self.add(
                    format!("`{name}` gained {}", types::words(new_resolve, *new_type)),
                    side.breaks(Kind::Gained),
                );
            }
        }
        for (function_name, old_function) in &old.functions {
            match new.functions.get(function_name) {
                Some(new_function) => self.function(side, &of, old_function, new_function),
                None => self.add(
                    format!("`{name}` lost {}", words(old_resolve, old_function)),
                    side.breaks(Kind::Lost),
                ),
            }
        }
        for (function_name, new_function) in &new.functions {
            if !old.functions.contains_key(function_name) {
                self.add(
                    format!("`{name}` gained {}", words(new_resolve, new_function)),
                    side.breaks(Kind::Gained),
                );
            }
        }
    }

    fn function(&mut self, side: Side, of: &str, old: &Function, new: &Function) {
        if self.types.same_function(old, new) {
            return;
        }
        let was = types::signature(self.old.resolve, old);
        let is = types::signature(self.new.resolve, new);
        let function = words(self.old.resolve, old);
        let what = format!("{function} of {of} changed from `{was}` to `{is}`");
        self.add(what, side.breaks(Kind::Changed));
    }

    fn type_(&mut self, side: Side, of: &str, name: &str, old: TypeId, new: TypeId) {
        for what in self.types.differences(of, name, old, new) {
            self.add(what, side.breaks(Kind::Changed));
        }
    }
}

/// Returns the name of a world's import or export, without a version.
fn name(package: &Package<'_>, key: &WorldKey) -> String {
    match key {
        WorldKey::Name(name) => name.clone(),
        WorldKey::Interface(id) => {
            let interface = &package.resolve.interfaces[*id];
            let name = interface.name.as_deref().unwrap_or_default();
            match interface.package {
                Some(foreign) if foreign != package.package => {
                    let foreign = &package.resolve.packages[foreign].name;
                    format!("{}:{}/{name}", foreign.namespace, foreign.name)
                }
                _ => name.to_owned(),
            }
        }
    }
}

fn interface(item: &WorldItem) -> Option<InterfaceId> {
    match item {
        WorldItem::Interface { id, .. } => Some(*id),
        WorldItem::Function(_) | WorldItem::Type { .. } => None,
    }
}

/// Returns the kind and name of a function, in words.
fn words(resolve: &Resolve, function: &Function) -> String {
    let resource = |id: TypeId| resolve.types[id].name.clone().unwrap_or_default();
    let name = function.item_name();
    match function.kind {
        FunctionKind::Freestanding | FunctionKind::AsyncFreestanding => {
            format!("the function `{name}`")
        }
        FunctionKind::Method(id) | FunctionKind::AsyncMethod(id) => {
            format!("the method `{name}` of the resource `{}`", resource(id))
        }
        FunctionKind::Static(id) | FunctionKind::AsyncStatic(id) => {
            format!("the static function `{name}` of the resource `{}`", resource(id))
        }
        FunctionKind::Constructor(id) => {
            format!("the constructor of the resource `{}`", resource(id))
        }
    }
}
