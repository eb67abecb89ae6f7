//! A component that calls what a plugin imports. For each imported function, it exports a function of the same type
//! that calls the imported function.
//!
//! The engine does not allow access to what is in a linker, so only a component can call typed host functions.

mod borrows;
mod code;
mod function;
pub(crate) mod imported;
mod names;
mod room;

use std::panic::AssertUnwindSafe;

use wasmparser::{BinaryReaderError, Instance, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Function, FunctionKind, IndexMap, Resolve, WorldId, WorldItem, WorldKey};

use self::imported::{Forwarded, ForwardedResource, Import};
use self::names::Names;
use crate::contract::WorldType;
use crate::contract::catch_panic::catch_panic;

/// A component that calls what a plugin imports.
pub(crate) struct Forwarder {
    pub(crate) component: Vec<u8>,
    /// The functions that its exports call, in order: `f0` calls the first, `f1` the second, and so on.
    pub(crate) functions: Vec<Forwarded>,
    /// The resources for which the forwarder has its own names.
    pub(crate) resources: Vec<ForwardedResource>,
    /// How many core instances it has.
    pub(crate) instances: usize,
}

impl Forwarder {
    /// Makes the forwarder for the plugin `component`. Imports of WASI are not forwarded. Returns `None` if there is
    /// nothing to forward, and the reason if the forwarder cannot be made.
    pub(crate) fn of(component: &[u8]) -> Result<Option<Self>, String> {
        let plugin = WorldType::of_component(component, None)?;
        let (resolve, world) = plugin.resolve();
        let make = AssertUnwindSafe(|| Self::make(resolve.clone(), world));
        catch_panic(make).map_err(|said| format!("the component encoder panicked: {said}"))?
    }

    fn make(mut resolve: Resolve, world: WorldId) -> Result<Option<Self>, String> {
        let imports = imports(&resolve, world)?;
        if imports.is_empty() {
            return Ok(None);
        }
        let mut names = Names::new(&mut resolve, world);
        let mut exports = IndexMap::default();
        for (number, import) in imports.iter().enumerate() {
            let name = export_name(number);
            let mut function = Function {
                name: name.clone(),
                kind: FunctionKind::Freestanding,
                ..import.function.clone()
            };
            for parameter in &mut function.params {
                parameter.ty = names.of_type(parameter.ty)?;
            }
            function.result = function.result.map(|ty| names.of_type(ty)).transpose()?;
            exports.insert(WorldKey::Name(name), WorldItem::Function(function));
        }
        let (forwarder, resources) = (world, names.resources());
        let world = resolve.worlds.get_mut(forwarder).ok_or("the component has no world")?;
        world.exports = exports;
        let mut module = code::module(&resolve, forwarder, &imports)?;
        let failed = |error| format!("{error:#}");
        embed_component_metadata(&mut module, &resolve, forwarder, StringEncoding::UTF8)
            .map_err(failed)?;
        let encoder = ComponentEncoder::default().merge_imports_based_on_semver(false);
        let component = encoder.module(&module).and_then(|mut it| it.encode()).map_err(failed)?;
        let functions = imports.into_iter().map(|Import { key, function }| Forwarded {
            interface: key.map(|key| resolve.name_world_key(&key)),
            name: function.name,
        });
        let functions = functions.collect();
        let instances = instances(&component).map_err(|error| error.to_string())?;
        Ok(Some(Self { component, functions, resources, instances }))
    }
}

/// Returns what the world imports, except WASI.
fn imports(resolve: &Resolve, world: WorldId) -> Result<Vec<Import>, String> {
    let world = resolve.worlds.get(world).ok_or("the component has no world")?;
    let mut imports = Vec::new();
    for (key, item) in &world.imports {
        match item {
            _ if resolve.name_world_key(key).starts_with("wasi:") => {}
            WorldItem::Function(function) => {
                imports.push(Import { key: None, function: function.clone() });
            }
            WorldItem::Interface { id, .. } => {
                let interface =
                    resolve.interfaces.get(*id).ok_or("the component lacks an interface")?;
                let functions = interface.functions.values().cloned();
                imports
                    .extend(functions.map(|function| Import { key: Some(key.clone()), function }));
            }
            WorldItem::Type { .. } => {}
        }
    }
    Ok(imports)
}

/// Returns how many core modules the component instantiates.
fn instances(component: &[u8]) -> Result<usize, BinaryReaderError> {
    let mut count = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        let Payload::InstanceSection(instances) = payload? else { continue };
        for instance in instances {
            if let Instance::Instantiate { .. } = instance? {
                count = count.saturating_add(1);
            }
        }
    }
    Ok(count)
}

/// Returns the name of the export with that number.
pub(crate) fn export_name(number: usize) -> String {
    format!("f{number}")
}
