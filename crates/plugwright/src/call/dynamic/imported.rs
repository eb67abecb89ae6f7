//! What a component imports beyond WASI: functions and their resources.

use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ResourceType};

use crate::call::dynamic::function_name::{FunctionName, in_interface, short_name};

/// Returns the functions that the component imports beyond WASI, with their types.
pub(crate) fn imported(component: &Component) -> Vec<(FunctionName, ComponentFunc)> {
    let engine = component.engine();
    let mut found = Vec::new();
    for (name, item) in component.component_type().imports(engine) {
        match item.ty {
            _ if name.starts_with("wasi:") => {}
            ComponentItem::ComponentFunc(ty) => {
                found.extend(FunctionName::parse(None, name).map(|name| (name, ty)));
            }
            ComponentItem::ComponentInstance(instance) => {
                for (item, ty) in instance.exports(engine) {
                    if let ComponentItem::ComponentFunc(ty) = ty.ty {
                        found.extend(FunctionName::parse(Some(name), item).map(|name| (name, ty)));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// The resources that a component imports, except those of WASI. Each resource is listed once and has a number.
#[derive(Debug)]
pub(crate) struct ImportedResources {
    types: Vec<ResourceType>,
    names: Vec<String>,
}

impl ImportedResources {
    pub(crate) fn of(component: &Component) -> Self {
        let engine = component.engine();
        let mut found = Self { types: Vec::new(), names: Vec::new() };
        for (name, item) in component.component_type().imports(engine) {
            match item.ty {
                _ if name.starts_with("wasi:") => {}
                ComponentItem::Resource(ty) => found.add(ty, name.to_owned()),
                ComponentItem::ComponentInstance(instance) => {
                    for (item, found_item) in instance.exports(engine) {
                        if let ComponentItem::Resource(ty) = found_item.ty {
                            found.add(ty, in_interface(Some(short_name(name)), item));
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Adds a resource, unless it is already listed under the name of the interface that it comes from.
    fn add(&mut self, ty: ResourceType, name: String) {
        if !self.types.contains(&ty) {
            self.types.push(ty);
            self.names.push(name);
        }
    }

    /// Returns the resource's number.
    pub(crate) fn number(&self, ty: ResourceType) -> Option<u32> {
        u32::try_from(self.types.iter().position(|it| *it == ty)?).ok()
    }

    /// Returns the type that the host gives the resource.
    pub(crate) fn host_type(&self, ty: ResourceType) -> Option<ResourceType> {
        self.number(ty).map(ResourceType::host_dynamic)
    }

    /// Returns the names of the resources, by number.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the name of the resource with that number.
    pub(crate) fn name_of(&self, number: u32) -> Option<&str> {
        self.names.get(usize::try_from(number).ok()?).map(String::as_str)
    }
}
