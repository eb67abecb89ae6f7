//! The functions and resources that a plugin has to provide: its world's exports, in the order of the contract.

use wit_parser::{
    Docs, Function, FunctionKind, InterfaceId, Resolve, Type, TypeDefKind, WorldId, WorldItem,
    WorldKey,
};

/// The exports of a world.
pub(super) struct Exports<'a> {
    /// The functions that the world exports directly.
    pub(super) functions: Vec<&'a Function>,
    /// The exported interfaces that have functions or resources.
    pub(super) interfaces: Vec<Interface<'a>>,
}

/// An exported interface.
pub(super) struct Interface<'a> {
    pub(super) key: &'a WorldKey,
    pub(super) id: InterfaceId,
    /// The name within the package, or within the world.
    pub(super) name: &'a str,
    /// The qualified name, such as `example:greeting/greet@0.1.0`.
    pub(super) full_name: String,
    pub(super) docs: &'a Docs,
    /// The functions that do not belong to a resource.
    pub(super) functions: Vec<&'a Function>,
    pub(super) resources: Vec<Resource<'a>>,
}

/// A resource of an exported interface.
pub(super) struct Resource<'a> {
    pub(super) name: &'a str,
    pub(super) docs: &'a Docs,
    /// The constructor, methods and static functions.
    pub(super) functions: Vec<&'a Function>,
}

impl<'a> Exports<'a> {
    pub(super) fn of(resolve: &'a Resolve, world: WorldId) -> Self {
        let mut exports = Self { functions: Vec::new(), interfaces: Vec::new() };
        for (key, item) in &resolve.worlds[world].exports {
            match item {
                WorldItem::Function(function) => exports.functions.push(function),
                WorldItem::Interface { id, .. } => {
                    let interface = Interface::of(resolve, key, *id);
                    if !interface.functions.is_empty() || !interface.resources.is_empty() {
                        exports.interfaces.push(interface);
                    }
                }
                WorldItem::Type { .. } => {}
            }
        }
        exports
    }
}

impl<'a> Interface<'a> {
    pub(super) fn of(resolve: &'a Resolve, key: &'a WorldKey, id: InterfaceId) -> Self {
        let interface = &resolve.interfaces[id];
        let functions = interface.functions.values();
        let resources = interface.types.iter().filter_map(|(name, id)| {
            let ty = &resolve.types[*id];
            let is_resource = matches!(ty.kind, TypeDefKind::Resource);
            let functions =
                functions.clone().filter(|function| function.kind.resource() == Some(*id));
            is_resource.then(|| Resource { name, docs: &ty.docs, functions: functions.collect() })
        });
        Self {
            key,
            id,
            name: match key {
                WorldKey::Name(name) => name,
                WorldKey::Interface(id) => resolve.interfaces[*id].name.as_deref().unwrap_or(""),
            },
            full_name: resolve.name_world_key(key),
            docs: &interface.docs,
            functions: functions
                .clone()
                .filter(|function| function.kind.resource().is_none())
                .collect(),
            resources: resources.collect(),
        }
    }
}

/// Returns the message of a function that is not written yet.
pub(super) fn not_written(function: &Function) -> String {
    let name = match function.name.split_once(']') {
        Some((_, name)) => name,
        None => &function.name,
    };
    format!("`{name}` is not written yet")
}

/// Returns the documentation as lines. Characters that could end a comment are escaped.
pub(super) fn lines(docs: &Docs) -> Vec<String> {
    let text = docs.contents.as_deref().unwrap_or_default().trim();
    let line = |line: &str| plugwright::ForeignText::from(line.trim_end()).whole().to_string();
    text.lines().map(line).collect()
}

/// Returns whether the function's error is a string.
pub(super) fn fails_with_text(resolve: &Resolve, function: &Function) -> bool {
    let error = result(resolve, function).and_then(|(_, error)| error);
    error.is_some_and(|ty| matches!(resolved(resolve, ty), Type::String))
}

/// Returns the `ok` and `err` types of a function that returns a result.
pub(super) fn result(
    resolve: &Resolve,
    function: &Function,
) -> Option<(Option<Type>, Option<Type>)> {
    match resolved(resolve, function.result?) {
        Type::Id(id) => match &resolve.types[id].kind {
            TypeDefKind::Result(result) => Some((result.ok, result.err)),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the type that an alias stands for.
pub(super) fn resolved(resolve: &Resolve, mut ty: Type) -> Type {
    while let Type::Id(id) = ty {
        match resolve.types[id].kind {
            TypeDefKind::Type(of) => ty = of,
            _ => break,
        }
    }
    ty
}

/// Returns the parameters, without a method's `self`.
pub(super) fn parameters(function: &Function) -> impl Iterator<Item = (&str, Type)> {
    let is_method = matches!(function.kind, FunctionKind::Method(_));
    function
        .params
        .iter()
        .skip(usize::from(is_method))
        .map(|parameter| (&*parameter.name, parameter.ty))
}
