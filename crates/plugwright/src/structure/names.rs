//! What names come to once each interface is counted as often as it stands somewhere: whatever checks a component
//! goes through all of them again, each time that it is imported, exported or instantiated.

#![warn(clippy::arithmetic_side_effects)]

use std::mem;

use wasmparser::{
    ComponentAlias, ComponentExport, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, ComponentTypeRef, TypeBounds,
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
    types: Vec<u64>,
    components: Vec<u64>,
    instances: Vec<u64>,
    /// What it comes to itself, as far as it was read.
    total: u64,
}

impl Names {
    /// Begins a component or a type.
    pub(super) fn open(&mut self) {
        self.outer.push(mem::take(&mut self.inner));
    }

    /// Ends a component.
    pub(super) fn close_component(&mut self) {
        let total = self.close();
        self.inner.components.push(total);
    }

    /// Ends a type of a component or an instance.
    pub(super) fn close_type(&mut self) {
        let total = self.close();
        self.inner.types.push(total);
    }

    fn close(&mut self) -> u64 {
        let outer = self.outer.pop().unwrap_or_default();
        mem::replace(&mut self.inner, outer).total
    }

    /// Adds a type in which there are no names of this kind.
    pub(super) fn add_type(&mut self) {
        self.inner.types.push(0);
    }

    /// Adds what is imported, or is said of a type to be imported or exported, and gives what it comes to.
    pub(super) fn add_reference(&mut self, ty: ComponentTypeRef) -> u64 {
        let scope = &mut self.inner;
        let names = match ty {
            ComponentTypeRef::Instance(number) => {
                let names = known(&scope.types, number);
                scope.instances.push(names);
                names
            }
            ComponentTypeRef::Component(number) => {
                let names = known(&scope.types, number);
                scope.components.push(names);
                names
            }
            ComponentTypeRef::Type(TypeBounds::Eq(number)) => {
                let names = known(&scope.types, number);
                scope.types.push(names);
                names
            }
            ComponentTypeRef::Type(TypeBounds::SubResource) => {
                scope.types.push(0);
                RESOURCE
            }
            ComponentTypeRef::Module(_)
            | ComponentTypeRef::Func(_)
            | ComponentTypeRef::Value(_) => 0,
        };
        scope.plus(names.saturating_add(1))
    }

    /// Adds what a component exports, which has a number of its own from there on.
    pub(super) fn add_export(&mut self, export: &ComponentExport<'_>) -> u64 {
        let scope = &mut self.inner;
        let names = scope.exported(export);
        match export.kind {
            ComponentExternalKind::Instance => scope.instances.push(names),
            ComponentExternalKind::Component => scope.components.push(names),
            ComponentExternalKind::Type => scope.types.push(names.saturating_sub(RESOURCE)),
            ComponentExternalKind::Module
            | ComponentExternalKind::Func
            | ComponentExternalKind::Value => {}
        }
        scope.plus(names.saturating_add(1))
    }

    /// Adds an instance of a component.
    pub(super) fn add_instance(&mut self, instance: &ComponentInstance<'_>) -> u64 {
        let scope = &mut self.inner;
        let names = match instance {
            ComponentInstance::Instantiate { component_index, .. } => {
                known(&scope.components, *component_index)
            }
            ComponentInstance::FromExports(exports) => {
                exports.iter().fold(0_u64, |names, export| {
                    let export = scope.exported(export).saturating_add(1);
                    names.saturating_add(export)
                })
            }
        };
        scope.instances.push(names);
        scope.plus(names)
    }

    /// Adds another number for something.
    pub(super) fn add_alias(&mut self, alias: &ComponentAlias<'_>) {
        match alias {
            ComponentAlias::InstanceExport { kind, instance_index, .. } => {
                // It comes to no more than all that the instance has.
                let scope = &mut self.inner;
                let names = known(&scope.instances, *instance_index);
                match kind {
                    ComponentExternalKind::Instance => scope.instances.push(names),
                    ComponentExternalKind::Component => scope.components.push(names),
                    ComponentExternalKind::Type => scope.types.push(names),
                    ComponentExternalKind::Module
                    | ComponentExternalKind::Func
                    | ComponentExternalKind::Value => {}
                }
            }
            ComponentAlias::Outer { kind, count, index } => {
                let scope = match count.checked_sub(1) {
                    None => Some(&self.inner),
                    Some(beyond) => self.outer.iter().rev().nth(beyond as usize),
                };
                match kind {
                    ComponentOuterAliasKind::Type => {
                        let names = scope.map_or(0, |scope| known(&scope.types, *index));
                        self.inner.types.push(names);
                    }
                    ComponentOuterAliasKind::Component => {
                        let names = scope.map_or(0, |scope| known(&scope.components, *index));
                        self.inner.components.push(names);
                    }
                    ComponentOuterAliasKind::CoreModule | ComponentOuterAliasKind::CoreType => {}
                }
            }
            ComponentAlias::CoreInstanceExport { .. } => {}
        }
    }
}

impl Scope {
    fn plus(&mut self, names: u64) -> u64 {
        self.total = self.total.saturating_add(names);
        names
    }

    fn exported(&self, export: &ComponentExport<'_>) -> u64 {
        match export.kind {
            ComponentExternalKind::Instance => known(&self.instances, export.index),
            ComponentExternalKind::Component => known(&self.components, export.index),
            // It may be a resource.
            ComponentExternalKind::Type => {
                known(&self.types, export.index).saturating_add(RESOURCE)
            }
            ComponentExternalKind::Module
            | ComponentExternalKind::Func
            | ComponentExternalKind::Value => 0,
        }
    }
}

/// What is kept under the number. There is nothing else under it in what is valid.
fn known(kept: &[u64], number: u32) -> u64 {
    kept.get(number as usize).copied().unwrap_or_default()
}
