//! Counts the names of a component, with each interface counted at each use: every check of a component goes through
//! all names of an interface again each time it is imported, exported or instantiated.

#![warn(clippy::arithmetic_side_effects)]

use std::mem;

use wasmparser::{
    ComponentAlias, ComponentExport, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, ComponentTypeRef, CoreType, Instance, ModuleTypeDeclaration,
    TypeBounds,
};

/// How many names a resource counts as, because the validator creates a new ID for it at each use.
const RESOURCE: u64 = 20;

/// The names in all open scopes: the outermost component, and the components and types nested in it.
#[derive(Default)]
pub(super) struct Names {
    outer: Vec<Scope>,
    /// The innermost open scope.
    inner: Scope,
}

/// One component or type. For each index space, the number of names that an item stands for, or more.
#[derive(Default)]
struct Scope {
    types: Vec<Item>,
    components: Vec<Item>,
    instances: Vec<Item>,
    core_types: Vec<u64>,
    modules: Vec<u64>,
    /// The count of the scope itself, as far as it was read.
    own: Item,
}

/// The count of one item.
#[derive(Debug, Clone, Copy, Default)]
struct Item {
    names: u64,
    /// The names of the largest item in it.
    largest: u64,
}

impl Names {
    /// Begins a component or a type.
    pub(super) fn open(&mut self) {
        self.outer.push(mem::take(&mut self.inner));
    }

    /// Ends a component.
    pub(super) fn close_component(&mut self) {
        let component = self.close();
        self.inner.components.push(component);
    }

    /// Ends a type of a component or an instance.
    pub(super) fn close_type(&mut self) {
        let ty = self.close();
        self.inner.types.push(ty);
    }

    fn close(&mut self) -> Item {
        let outer = self.outer.pop().unwrap_or_default();
        mem::replace(&mut self.inner, outer).own
    }

    /// Adds a core module with `names` imports and exports.
    pub(super) fn add_module(&mut self, names: u64) {
        self.inner.modules.push(names);
    }

    /// Adds a core type. A module type counts its imports and exports.
    pub(super) fn add_core_type(&mut self, ty: &CoreType<'_>) {
        let types = &mut self.inner.core_types;
        match ty {
            CoreType::Rec(group) => types.extend(group.types().map(|_| 0)),
            CoreType::Module(declarations) => {
                let is_name = |it: &&ModuleTypeDeclaration<'_>| {
                    use ModuleTypeDeclaration::{Export, Import};
                    matches!(it, Import(_) | Export { .. })
                };
                types.push(declarations.iter().filter(is_name).count() as u64);
            }
        }
    }

    /// Adds a core instance. Only instances of modules count, not those made from exports.
    pub(super) fn add_core_instance(&mut self, instance: &Instance<'_>) -> u64 {
        let scope = &mut self.inner;
        match instance {
            Instance::Instantiate { module_index, .. } => {
                let names = known(&scope.modules, *module_index);
                scope.plus(names)
            }
            Instance::FromExports(_) => 0,
        }
    }

    /// Adds a type without names.
    pub(super) fn add_type(&mut self) {
        self.inner.types.push(Item::default());
    }

    /// Adds an import, or an import or export that a type declares, and returns its count.
    pub(super) fn add_reference(&mut self, ty: ComponentTypeRef) -> u64 {
        let scope = &mut self.inner;
        let names = match ty {
            ComponentTypeRef::Instance(number) => {
                let ty = known(&scope.types, number);
                scope.instances.push(ty);
                ty.names
            }
            ComponentTypeRef::Component(number) => {
                let ty = known(&scope.types, number);
                scope.components.push(ty);
                ty.names
            }
            ComponentTypeRef::Type(TypeBounds::Eq(number)) => {
                let ty = known(&scope.types, number);
                scope.types.push(ty);
                ty.names
            }
            ComponentTypeRef::Type(TypeBounds::SubResource) => {
                scope.types.push(Item::default());
                RESOURCE
            }
            ComponentTypeRef::Module(number) => {
                let names = known(&scope.core_types, number);
                scope.modules.push(names);
                names
            }
            ComponentTypeRef::Func(_) | ComponentTypeRef::Value(_) => 0,
        };
        scope.holds(names);
        scope.plus(names.saturating_add(1))
    }

    /// Adds an export of a component, which gets a new index.
    pub(super) fn add_export(&mut self, export: &ComponentExport<'_>) -> u64 {
        let scope = &mut self.inner;
        let item = scope.exported(export);
        match export.kind {
            ComponentExternalKind::Instance => scope.instances.push(item),
            ComponentExternalKind::Component => scope.components.push(item),
            ComponentExternalKind::Type => scope.types.push(item),
            ComponentExternalKind::Module => scope.modules.push(item.names),
            ComponentExternalKind::Func | ComponentExternalKind::Value => {}
        }
        let names = with_resource(item.names, export);
        scope.holds(item.names.max(with_resource(0, export)));
        scope.plus(names.saturating_add(1))
    }

    /// Adds a component instance.
    pub(super) fn add_instance(&mut self, instance: &ComponentInstance<'_>) -> u64 {
        let scope = &mut self.inner;
        let item = match instance {
            ComponentInstance::Instantiate { component_index, .. } => {
                known(&scope.components, *component_index)
            }
            ComponentInstance::FromExports(exports) => {
                exports.iter().fold(Item::default(), |all, export| {
                    let one = scope.exported(export).names;
                    let names = with_resource(one, export).saturating_add(1);
                    Item {
                        names: all.names.saturating_add(names),
                        largest: all.largest.max(one).max(with_resource(0, export)),
                    }
                })
            }
        };
        scope.instances.push(item);
        scope.plus(item.names)
    }

    /// Adds an alias, which gives an item another index.
    pub(super) fn add_alias(&mut self, alias: &ComponentAlias<'_>) {
        match alias {
            ComponentAlias::InstanceExport { kind, instance_index, .. } => {
                // An alias counts at most as much as the largest item of the instance. If it counted as the whole
                // instance, types that interfaces use from each other would count more with each interface.
                let scope = &mut self.inner;
                let largest = known(&scope.instances, *instance_index).largest;
                let item = Item { names: largest, largest };
                match kind {
                    ComponentExternalKind::Instance => scope.instances.push(item),
                    ComponentExternalKind::Component => scope.components.push(item),
                    ComponentExternalKind::Type => scope.types.push(item),
                    ComponentExternalKind::Module => scope.modules.push(largest),
                    ComponentExternalKind::Func | ComponentExternalKind::Value => {}
                }
            }
            ComponentAlias::Outer { kind, count, index } => {
                let scope = match count.checked_sub(1) {
                    None => Some(&self.inner),
                    Some(beyond) => self.outer.iter().rev().nth(beyond as usize),
                };
                // A valid component has no alias to a scope that does not exist.
                let Some(scope) = scope else { return };
                match kind {
                    ComponentOuterAliasKind::Type => {
                        let item = known(&scope.types, *index);
                        self.inner.types.push(item);
                    }
                    ComponentOuterAliasKind::Component => {
                        let item = known(&scope.components, *index);
                        self.inner.components.push(item);
                    }
                    ComponentOuterAliasKind::CoreModule => {
                        let names = known(&scope.modules, *index);
                        self.inner.modules.push(names);
                    }
                    ComponentOuterAliasKind::CoreType => {
                        let names = known(&scope.core_types, *index);
                        self.inner.core_types.push(names);
                    }
                }
            }
            ComponentAlias::CoreInstanceExport { .. } => {}
        }
    }
}

impl Scope {
    fn plus(&mut self, names: u64) -> u64 {
        self.own.names = self.own.names.saturating_add(names);
        names
    }

    /// Notes that the scope contains an item with so many names.
    fn holds(&mut self, names: u64) {
        self.own.largest = self.own.largest.max(names);
    }

    fn exported(&self, export: &ComponentExport<'_>) -> Item {
        match export.kind {
            ComponentExternalKind::Instance => known(&self.instances, export.index),
            ComponentExternalKind::Component => known(&self.components, export.index),
            ComponentExternalKind::Type => known(&self.types, export.index),
            ComponentExternalKind::Module => {
                let names = known(&self.modules, export.index);
                Item { names, largest: names }
            }
            ComponentExternalKind::Func | ComponentExternalKind::Value => Item::default(),
        }
    }
}

/// Returns the count of an export that has `names` names itself. A type may be a resource, so it counts as one.
fn with_resource(names: u64, export: &ComponentExport<'_>) -> u64 {
    let is_type = export.kind == ComponentExternalKind::Type;
    names.saturating_add(if is_type { RESOURCE } else { 0 })
}

/// Returns the item with index `number`, or an empty one, which happens only if the component is not valid.
fn known<T: Copy + Default>(kept: &[T], number: u32) -> T {
    kept.get(number as usize).copied().unwrap_or_default()
}
