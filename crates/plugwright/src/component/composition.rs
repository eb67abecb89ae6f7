//! Measures a component after its parts are instantiated. The engine expands all of them before it compiles, and parts
//! that instantiate parts can expand a thousand bytes to more than any memory can hold.

#![warn(clippy::arithmetic_side_effects)]

use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, ComponentTypeRef, Instance, Parser, Payload,
};

use crate::permission::limits::{Exceeded, Limit, Limits};

/// The size of a component, with each part counted as often as it is instantiated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Composition {
    core_instances: u64,
    component_instances: u64,
    /// The bytes that describe the composition, without the core modules.
    bytes: u64,
    /// The initial number of elements of the largest table in any core module. This is a maximum, not a sum.
    table_elements: u64,
}

/// A component or core module that is not completely read yet.
#[derive(Default)]
struct Part {
    composition: Composition,
    /// The components in it, by index. The size of an imported component is not known.
    components: Vec<Option<Composition>>,
    is_module: bool,
}

impl Composition {
    /// Measures the component `bytes`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut outer: Vec<Part> = Vec::new();
        let (mut part, mut table_elements) = (Part::default(), 0);
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            match payload {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                    let is_module = matches!(payload, Payload::ModuleSection { .. });
                    outer.push(std::mem::replace(&mut part, Part { is_module, ..Part::default() }));
                    continue;
                }
                Payload::End(_) => {
                    let Some(parent) = outer.pop() else { break };
                    let Part { composition, is_module, .. } = std::mem::replace(&mut part, parent);
                    if !is_module {
                        part.components.push(Some(composition));
                    }
                    continue;
                }
                Payload::TableSection(tables) if part.is_module => {
                    for table in tables {
                        table_elements = table_elements.max(table?.ty.initial);
                    }
                    continue;
                }
                _ if part.is_module => continue,
                _ => {}
            }
            let length = payload.as_section().map_or(0, |(_, range)| range.len());
            part.composition.bytes = part.composition.bytes.saturating_add(length as u64);
            part.add(payload, &outer)?;
        }
        Ok(Self { table_elements, ..part.composition })
    }

    /// Refuses a component that exceeds the limits.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), Exceeded> {
        limits.check(Limit::TableElements, self.table_elements)?;
        limits.check(Limit::Instances, self.core_instances)?;
        limits.check(Limit::Instances, self.component_instances)?;
        limits.check(Limit::ComponentSize, self.bytes)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            core_instances: self.core_instances.saturating_add(other.core_instances),
            component_instances: self.component_instances.saturating_add(other.component_instances),
            bytes: self.bytes.saturating_add(other.bytes),
            ..self
        }
    }
}

impl Part {
    /// Adds one section of this part, which is nested in the parts `outer`.
    fn add(&mut self, payload: Payload<'_>, outer: &[Self]) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::InstanceSection(instances) => {
                for instance in instances {
                    if let Instance::Instantiate { .. } = instance? {
                        let one = Composition { core_instances: 1, ..Composition::default() };
                        self.composition = self.composition.plus(one);
                    }
                }
            }
            Payload::ComponentInstanceSection(instances) => {
                for instance in instances {
                    if let ComponentInstance::Instantiate { component_index, .. } = instance? {
                        self.instantiate(component_index);
                    }
                }
            }
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    if matches!(import?.ty, ComponentTypeRef::Component(_)) {
                        self.components.push(None);
                    }
                }
            }
            Payload::ComponentAliasSection(aliases) => {
                for alias in aliases {
                    match alias? {
                        ComponentAlias::Outer {
                            kind: ComponentOuterAliasKind::Component,
                            count,
                            index,
                        } => {
                            let count = count as usize;
                            let part = match count.checked_sub(1) {
                                None => Some(&*self),
                                Some(beyond) => outer.iter().rev().nth(beyond),
                            };
                            let known = part.and_then(|part| part.component(index));
                            self.components.push(known);
                        }
                        ComponentAlias::InstanceExport {
                            kind: ComponentExternalKind::Component,
                            ..
                        } => self.components.push(None),
                        _ => {}
                    }
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ComponentExternalKind::Component {
                        self.components.push(self.component(export.index));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn component(&self, index: u32) -> Option<Composition> {
        self.components.get(index as usize).copied().flatten()
    }

    fn instantiate(&mut self, component: u32) {
        // An imported component could be any component, so it counts as the largest one. Components that tools compose
        // do not import components.
        let largest = Composition {
            core_instances: u64::MAX,
            component_instances: u64::MAX,
            bytes: u64::MAX,
            ..Composition::default()
        };
        let one = Composition { component_instances: 1, ..Composition::default() };
        let known = self.component(component).unwrap_or(largest);
        self.composition = self.composition.plus(known).plus(one);
    }
}
