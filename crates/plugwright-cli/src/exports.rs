//! What of a plugin can be called: its functions, as WIT has them, with what the contract says of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use plugwright::{ForeignText, FunctionName, WorldType, paths};
use serde::Serialize;
use wit_parser::{Function, InterfaceId, Resolve, TypeDefKind, TypeId, WorldItem, WorldKey};

use crate::contract::types::{defined, signature};

/// An interface that a plugin exports, or what it exports without one.
#[derive(Debug, Serialize)]
pub struct Exported {
    /// The interface, with its package and version.
    interface: Option<ForeignText>,
    documentation: Option<ForeignText>,
    functions: Vec<Callable>,
    /// The types that have a name, as WIT has them.
    types: Vec<ForeignText>,
}

/// A function that can be called.
#[derive(Debug, Serialize)]
struct Callable {
    /// What it is called in calls, as short as is clear.
    path: String,
    /// What it takes and gives, as WIT has it.
    signature: ForeignText,
    documentation: Option<ForeignText>,
}

/// What a plugin exports whose own world is `own`. What is said of it is in `contract`, the world that it is one of.
pub fn exported(own: &WorldType, contract: Option<&WorldType>) -> Vec<Exported> {
    let (resolve, world) = own.resolve();
    let Some(world) = resolve.worlds.get(world) else { return Vec::new() };
    let contract = contract.map(Documented::of);
    let (mut found, mut alone) = (Vec::new(), Vec::new());
    for (key, item) in &world.exports {
        match item {
            WorldItem::Interface { id, .. } => {
                let name = resolve.name_world_key(key);
                let Some(interface) = resolve.interfaces.get(*id) else { continue };
                let functions = interface.functions.values().collect();
                let mut types: Vec<TypeId> = interface.types.values().copied().collect();
                types.retain(|id| is_told(resolve, *id));
                found.push((Some(name), functions, types));
            }
            WorldItem::Function(function) => alone.push(function),
            WorldItem::Type { .. } => {}
        }
    }
    if !alone.is_empty() {
        let types = world.imports.values().filter_map(|item| match item {
            WorldItem::Type { id, .. } => Some(*id),
            _ => None,
        });
        found.insert(0, (None, alone, types.filter(|id| is_told(resolve, *id)).collect()));
    }
    let names: Vec<Vec<_>> = found
        .iter()
        .map(|(interface, functions, _): &(Option<String>, Vec<&Function>, _)| {
            let name = |it: &&Function| FunctionName::parse(interface.as_deref(), &it.name);
            functions.iter().filter_map(name).collect()
        })
        .collect();
    let mut paths = paths(&names.concat()).into_iter();
    let exported = found.into_iter().map(|(interface, functions, types)| {
        let said = |raw: Option<&str>| {
            contract.as_ref()?.of_function(interface.as_deref(), raw).map(ForeignText::from)
        };
        let is_named =
            |it: &&Function| FunctionName::parse(interface.as_deref(), &it.name).is_some();
        let functions = functions.into_iter().filter(is_named).map(|function| Callable {
            path: paths.next().unwrap_or_default(),
            signature: signature(resolve, function).into(),
            documentation: said(Some(&function.name)),
        });
        Exported {
            functions: functions.collect(),
            documentation: said(None),
            types: types.into_iter().map(|id| defined(resolve, id).into()).collect(),
            interface: interface.map(ForeignText::from),
        }
    });
    exported.collect()
}

/// Says whether a type has a definition of its own that is told.
fn is_told(resolve: &Resolve, id: TypeId) -> bool {
    let kind = resolve.types.get(id).map(|ty| &ty.kind);
    !matches!(kind, None | Some(TypeDefKind::Resource | TypeDefKind::Type(_)))
}

/// What a contract says.
struct Documented<'a> {
    resolve: &'a Resolve,
    exports: Vec<(&'a WorldKey, &'a WorldItem)>,
}

impl<'a> Documented<'a> {
    fn of(world: &'a WorldType) -> Self {
        let (resolve, world) = world.resolve();
        let exports = resolve.worlds.get(world).into_iter().flat_map(|world| &world.exports);
        Self { resolve, exports: exports.collect() }
    }

    /// What it says of the function of that name, or of the interface itself.
    fn of_function(&self, interface: Option<&str>, function: Option<&str>) -> Option<&'a str> {
        let unversioned = |name: &str| name.split('@').next().map(str::to_owned);
        let found = self.exports.iter().find_map(|(key, item)| match (item, interface) {
            (WorldItem::Interface { id, .. }, Some(name)) => {
                let is_it = unversioned(&self.resolve.name_world_key(key)) == unversioned(name);
                is_it.then(|| self.of_interface(*id, function))
            }
            (WorldItem::Function(found), None) => {
                (Some(&*found.name) == function).then_some(found.docs.contents.as_deref())
            }
            _ => None,
        });
        found.flatten()
    }

    fn of_interface(&self, id: InterfaceId, function: Option<&str>) -> Option<&'a str> {
        let interface = self.resolve.interfaces.get(id)?;
        match function {
            None => interface.docs.contents.as_deref(),
            Some(name) => {
                let function = interface.functions.get(name)?;
                let docs = function.docs.contents.as_deref();
                // Of a constructor, what is said is often said of the resource.
                docs.or_else(|| match function.kind {
                    wit_parser::FunctionKind::Constructor(id) => {
                        self.resolve.types.get(id)?.docs.contents.as_deref()
                    }
                    _ => None,
                })
            }
        }
    }
}

/// What can be called, for people.
pub fn listing(exported: &[Exported]) -> String {
    let mut text = String::new();
    for (number, Exported { interface, documentation, functions, types }) in
        exported.iter().enumerate()
    {
        if number > 0 {
            text.push('\n');
        }
        if let Some(interface) = interface {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{interface}");
            say(&mut text, "  ", documentation.as_ref());
        }
        for Callable { path, signature, documentation } in functions {
            let _ = writeln!(text, "  {path}: {signature}");
            say(&mut text, "      ", documentation.as_ref());
        }
        for ty in types {
            let _ = writeln!(text, "  {ty}");
        }
    }
    text
}

/// Adds what is said, each line of it as a comment.
fn say(text: &mut String, indent: &str, documentation: Option<&ForeignText>) {
    let lines = documentation.into_iter().flat_map(|said| said.exact().lines());
    for line in lines {
        let line = ForeignText::from(line).to_string();
        let _ = writeln!(text, "{}", format!("{indent}// {line}").trim_end());
    }
}

/// All names by which a function can be called that takes no handle, for the advice how to begin.
pub fn examples(exported: &[Exported]) -> BTreeSet<&str> {
    exported.iter().flat_map(|it| &it.functions).map(|it| &*it.path).collect()
}
