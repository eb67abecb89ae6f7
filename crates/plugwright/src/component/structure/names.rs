//! What names come to once each interface is counted as often as it stands somewhere: whatever checks a component
//! goes through all of them again, each time that it is imported, exported or instantiated.

#![warn(clippy::arithmetic_side_effects)]

use std::mem;

use wasmparser::{
    ComponentAlias, ComponentExport, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, ComponentTypeRef, CoreType, Instance, ModuleTypeDeclaration,
    TypeBounds,
};

/// How many names a resource counts as: the validator gives each a number of its own, wherever it stands.
const RESOURCE: u64 = 20;

/// The names in what is open: the outermost component, and in it components and types in one another.
#[derive(Default)]
pub(super) struct Names {
    outer: Vec<Scope>,
    /// The innermost that is open.
    inner: Scope,
}

/// One component or type. What has a number in it comes to so many names as is kept under that number, or fewer.
#[derive(Default)]
struct Scope {
    types: Vec<Item>,
    components: Vec<Item>,
    instances: Vec<Item>,
    core_types: Vec<u64>,
    modules: Vec<u64>,
    /// What it comes to itself, as far as it was read.
    own: Item,
}

/// What something comes to.
#[derive(Debug, Clone, Copy, Default)]
struct Item {
    names: u64,
    /// The names of the one thing in it that has the most of them.
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

    /// Adds a core module that imports and exports so much.
    pub(super) fn add_module(&mut self, names: u64) {
        self.inner.modules.push(names);
    }

    /// Adds a core type: one of a module has the names that such modules import and export.
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

    /// Adds an instance of a core module. One that is made of functions and the like is none.
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

    /// Adds a type in which there are no names of this kind.
    pub(super) fn add_type(&mut self) {
        self.inner.types.push(Item::default());
    }

    /// Adds what is imported, or is said of a type to be imported or exported, and gives what it comes to.
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

    /// Adds what a component exports, which has a number of its own from there on.
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

    /// Adds an instance of a component.
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

    /// Adds another number for something.
    pub(super) fn add_alias(&mut self, alias: &ComponentAlias<'_>) {
        match alias {
            ComponentAlias::InstanceExport { kind, instance_index, .. } => {
                // It comes to no more than the largest of what the instance has. Were it taken for all of that, types
                // that interfaces use of one another would come to more with each interface.
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
                // There is nothing so far out in what is valid.
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

    /// Notes that something of so many names is in it.
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

/// What an export comes to that has so many names itself: a type may be a resource.
fn with_resource(names: u64, export: &ComponentExport<'_>) -> u64 {
    let is_type = export.kind == ComponentExternalKind::Type;
    names.saturating_add(if is_type { RESOURCE } else { 0 })
}

/// What is kept under the number. There is nothing else under it in what is valid.
fn known<T: Copy + Default>(kept: &[T], number: u32) -> T {
    kept.get(number as usize).copied().unwrap_or_default()
}
