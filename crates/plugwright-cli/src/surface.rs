//! The functions that a plugin exports and imports, in the syntax of WIT, with their documentation from the contract.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::iter;

use plugwright::{ForeignText, FunctionName, WorldType, paths};
use serde::Serialize;
use wit_parser::{
    Function, FunctionKind, IndexMap, InterfaceId, Resolve, Type, TypeDefKind, TypeId, World,
    WorldItem, WorldKey,
};

use crate::contract::types::{defined, signature};

/// The functions of a plugin.
#[derive(Debug, Default, Serialize)]
pub struct Surface {
    /// The functions that can be called.
    exports: Vec<Interface>,
    /// The functions that the plugin calls, except those of WASI.
    imports: Vec<Interface>,
}

/// An interface, or the functions outside of interfaces.
#[derive(Debug, Serialize)]
struct Interface {
    /// The interface, with its package and version.
    interface: Option<ForeignText>,
    documentation: Option<ForeignText>,
    functions: Vec<Callable>,
    /// The named types, in the syntax of WIT.
    types: Vec<ForeignText>,
}

/// A function.
#[derive(Debug, Serialize)]
struct Callable {
    /// The shortest unambiguous name for calls.
    path: String,
    /// The parameters and the result, in the syntax of WIT.
    signature: ForeignText,
    documentation: Option<ForeignText>,
}

type Items = IndexMap<WorldKey, WorldItem>;

impl Surface {
    /// Returns the functions of a plugin whose own world is `own`. Their documentation is from `contract`, the plugin's
    /// world in the contract.
    pub fn of(own: &WorldType, contract: Option<&WorldType>) -> Self {
        let (resolve, world) = own.resolve();
        let Some(world) = resolve.worlds.get(world) else { return Self::default() };
        let documented = |of: fn(&World) -> &Items| Documented::of(contract?, of);
        Self {
            exports: interfaces(resolve, &world.exports, documented(|it| &it.exports).as_ref()),
            imports: interfaces(resolve, &world.imports, documented(|it| &it.imports).as_ref()),
        }
    }

    /// Returns whether there are no functions.
    pub fn is_empty(&self) -> bool {
        self.exports.is_empty() && self.imports.is_empty()
    }

    /// Returns a line for each function that can be called: its interface, its name for calls, and its signature.
    pub fn called(&self) -> Vec<String> {
        let of = |Interface { interface, functions, .. }: &Interface| {
            let interface = interface.as_ref().map_or(String::new(), |it| format!("{it} "));
            let line = |it: &Callable| format!("{interface}{}: {}", it.path, it.signature);
            functions.iter().map(line).collect::<Vec<_>>()
        };
        self.exports.iter().flat_map(of).collect()
    }

    /// Returns all functions, formatted for people.
    pub fn listing(&self) -> String {
        let mut text = listing(&self.exports);
        if self.exports.is_empty() {
            text.push_str("the plugin has no functions to call\n");
        }
        if !self.imports.is_empty() {
            text.push_str(
                "\nfunctions that the plugin imports, answered by `import` statements\n\n",
            );
            text.push_str(&listing(&self.imports));
        }
        text
    }
}

/// Returns the interfaces with functions among the items, except those of WASI.
fn interfaces(
    resolve: &Resolve,
    items: &Items,
    documented: Option<&Documented<'_>>,
) -> Vec<Interface> {
    let (mut found, mut alone) = (Vec::new(), Vec::new());
    for (key, item) in items {
        match item {
            WorldItem::Interface { id, .. } => {
                let name = resolve.name_world_key(key);
                let Some(interface) = resolve.interfaces.get(*id) else { continue };
                if !name.starts_with("wasi:") && !interface.functions.is_empty() {
                    found.push((Some(name), interface.functions.values().collect()));
                }
            }
            WorldItem::Function(function) => alone.push(function),
            WorldItem::Type { .. } => {}
        }
    }
    if !alone.is_empty() {
        found.insert(0, (None, alone));
    }
    let names: Vec<Vec<_>> = found
        .iter()
        .map(|(interface, functions): &(Option<String>, Vec<&Function>)| {
            let name = |it: &&Function| FunctionName::parse(interface.as_deref(), &it.name);
            functions.iter().filter_map(name).collect()
        })
        .collect();
    let mut paths = paths(&names.concat()).into_iter();
    let interfaces = found.into_iter().map(|(interface, functions)| {
        let types = types(resolve, &functions);
        let said = |raw: Option<&str>| {
            documented?.of_function(interface.as_deref(), raw).map(ForeignText::from)
        };
        let is_named =
            |it: &&Function| FunctionName::parse(interface.as_deref(), &it.name).is_some();
        let functions = functions.into_iter().filter(is_named).map(|function| Callable {
            path: paths.next().unwrap_or_default(),
            signature: told(resolve, function).into(),
            documentation: said(Some(&function.name)),
        });
        Interface {
            functions: functions.collect(),
            documentation: said(None),
            types: types.into_iter().map(|id| defined(resolve, id).into()).collect(),
            interface: interface.map(ForeignText::from),
        }
    });
    interfaces.collect()
}

/// Returns the signature of the function, in which constructors and static functions of a resource are marked as such.
pub(crate) fn told(resolve: &Resolve, function: &Function) -> String {
    let signature = signature(resolve, function);
    match function.kind {
        FunctionKind::Constructor(_) => signature.replacen("func", "constructor", 1),
        FunctionKind::Static(_) => format!("static {signature}"),
        _ => signature,
    }
}

/// Returns the named types that the functions use, directly or in other types.
fn types(resolve: &Resolve, functions: &[&Function]) -> Vec<TypeId> {
    let parameters = functions.iter().flat_map(|it| it.params.iter().map(|it| it.ty));
    let results = functions.iter().filter_map(|it| it.result);
    // A queue and not recursion, because types can be nested deeply.
    let mut open: VecDeque<Type> = parameters.chain(results).collect();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    while let Some(ty) = open.pop_front() {
        let Type::Id(id) = ty else { continue };
        let Some(ty) = resolve.types.get(id).filter(|_| seen.insert(id.index())) else { continue };
        let mut also = |types: &mut dyn Iterator<Item = Option<Type>>| open.extend(types.flatten());
        match &ty.kind {
            TypeDefKind::Record(it) => also(&mut it.fields.iter().map(|field| Some(field.ty))),
            TypeDefKind::Variant(it) => also(&mut it.cases.iter().map(|case| case.ty)),
            TypeDefKind::Tuple(it) => also(&mut it.types.iter().copied().map(Some)),
            TypeDefKind::Result(it) => also(&mut [it.ok, it.err].into_iter()),
            TypeDefKind::Map(key, value) => also(&mut [Some(*key), Some(*value)].into_iter()),
            TypeDefKind::Option(it)
            | TypeDefKind::List(it)
            | TypeDefKind::FixedLengthList(it, _)
            | TypeDefKind::Type(it) => also(&mut iter::once(Some(*it))),
            TypeDefKind::Future(it) | TypeDefKind::Stream(it) => also(&mut iter::once(*it)),
            _ => {}
        }
        let is_told = !matches!(ty.kind, TypeDefKind::Resource | TypeDefKind::Type(Type::Id(_)));
        if ty.name.is_some() && is_told {
            found.push(id);
        }
    }
    found
}

/// The documentation of a contract for the items of a world.
struct Documented<'a> {
    resolve: &'a Resolve,
    items: &'a Items,
}

impl<'a> Documented<'a> {
    fn of(world: &'a WorldType, items: fn(&World) -> &Items) -> Option<Self> {
        let (resolve, world) = world.resolve();
        Some(Self { resolve, items: items(resolve.worlds.get(world)?) })
    }

    /// Returns the documentation of a function, or of the interface itself without a function.
    fn of_function(&self, interface: Option<&str>, function: Option<&str>) -> Option<&'a str> {
        let unversioned = |name: &str| name.split('@').next().map(str::to_owned);
        let found = self.items.iter().find_map(|(key, item)| match (item, interface) {
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
                // The documentation of a constructor is often at its resource.
                docs.or_else(|| match function.kind {
                    FunctionKind::Constructor(id) => {
                        self.resolve.types.get(id)?.docs.contents.as_deref()
                    }
                    _ => None,
                })
            }
        }
    }
}

/// Returns the interfaces, formatted for people.
fn listing(interfaces: &[Interface]) -> String {
    let mut text = String::new();
    for (number, Interface { interface, documentation, functions, types }) in
        interfaces.iter().enumerate()
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

/// Appends the documentation, with each line as a comment.
fn say(text: &mut String, indent: &str, documentation: Option<&ForeignText>) {
    let lines = documentation.into_iter().flat_map(|said| said.exact().lines());
    for line in lines {
        let line = ForeignText::from(line).to_string();
        let _ = writeln!(text, "{}", format!("{indent}// {line}").trim_end());
    }
}
