//! The names that componentize-py gives to the types and interfaces of a contract.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use wit_parser::{
    Function, Handle, IndexMap, InterfaceId, PackageName, Resolve, Type, TypeDefKind, TypeOwner,
    WorldItem, WorldKey,
};

use super::Request;
use super::exports::{resolved, result};

/// The types of a contract.
pub(super) struct Types<'a> {
    resolve: &'a Resolve,
    /// The names of interfaces, in the style of WIT.
    imported: BTreeMap<InterfaceId, String>,
    exported: BTreeMap<InterfaceId, String>,
}

impl<'a> Types<'a> {
    pub(super) fn of(request: &Request<'a>) -> Self {
        let Request { resolve, world, .. } = *request;
        let world = &resolve.worlds[world];
        let (imported, exported) = (names(resolve, &world.imports), names(resolve, &world.exports));
        Self { resolve, imported, exported }
    }

    /// Returns the class of an exported interface.
    pub(super) fn exported_class(&self, id: InterfaceId) -> String {
        identifier(
            &self.exported.get(&id).map(|name| name.to_upper_camel_case()).unwrap_or_default(),
        )
    }

    /// Returns the module of an exported interface.
    pub(super) fn exported(&self, id: InterfaceId) -> String {
        identifier(&self.exported.get(&id).map(|name| name.to_snake_case()).unwrap_or_default())
    }

    /// Returns the package and the module that contain the types of an interface.
    fn module(&self, id: InterfaceId) -> (&'static str, String) {
        match self.imported.get(&id) {
            Some(name) => ("wit_world.imports", identifier(&name.to_snake_case())),
            None => ("wit_world.exports", self.exported(id)),
        }
    }

    /// Returns the modules whose types the text names, each as its package and its name.
    pub(super) fn modules_in(&self, text: &str) -> BTreeSet<(String, String)> {
        let all = self.imported.keys().chain(self.exported.keys()).map(|id| self.module(*id));
        let is_named = |name: &str| {
            let before = [" ", "[", "("].map(|before| format!("{before}{name}."));
            before.iter().any(|it| text.contains(it))
        };
        all.filter(|(_, name)| is_named(name)).map(|(of, name)| (of.to_owned(), name)).collect()
    }

    /// Returns the type that a function returns if it does not raise an exception.
    pub(super) fn result(&self, function: &Function) -> String {
        let gives = match result(self.resolve, function) {
            Some((ok, _)) => ok,
            None => function.result,
        };
        self.or_none(gives)
    }

    fn or_none(&self, ty: Option<Type>) -> String {
        ty.map_or("None".to_owned(), |ty| self.ty(ty))
    }

    pub(super) fn ty(&self, ty: Type) -> String {
        match resolved(self.resolve, ty) {
            Type::Bool => "bool".to_owned(),
            Type::F32 | Type::F64 => "float".to_owned(),
            Type::Char | Type::String => "str".to_owned(),
            Type::Id(id) => {
                let ty = &self.resolve.types[id];
                match &ty.kind {
                    TypeDefKind::Option(some) => match resolved(self.resolve, *some) {
                        Type::Id(id)
                            if matches!(self.resolve.types[id].kind, TypeDefKind::Option(_)) =>
                        {
                            format!("Some[{}] | None", self.ty(*some))
                        }
                        _ => format!("{} | None", self.ty(*some)),
                    },
                    TypeDefKind::Result(result) => {
                        format!("Result[{}, {}]", self.or_none(result.ok), self.or_none(result.err))
                    }
                    TypeDefKind::List(Type::U8 | Type::S8) => "bytes".to_owned(),
                    TypeDefKind::List(ty) => format!("list[{}]", self.ty(*ty)),
                    TypeDefKind::Tuple(tuple) => {
                        let types: Vec<_> = tuple.types.iter().map(|ty| self.ty(*ty)).collect();
                        format!("tuple[{}]", types.join(", "))
                    }
                    TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => {
                        self.ty(Type::Id(*id))
                    }
                    _ => {
                        let name = ty.name.as_deref().unwrap_or_default().to_upper_camel_case();
                        match ty.owner {
                            TypeOwner::Interface(id) => format!("{}.{name}", self.module(id).1),
                            _ => format!("wit_world.{name}"),
                        }
                    }
                }
            }
            _ => "int".to_owned(),
        }
    }
}

/// Returns the names of interfaces. A name has the package if another interface has the same name, and also the version
/// if the interface is in several versions of the package.
fn names(
    resolve: &Resolve,
    items: &IndexMap<WorldKey, WorldItem>,
) -> BTreeMap<InterfaceId, String> {
    type Parts<'a> = (&'a str, Option<&'a PackageName>);
    let parts = |key: &'_ WorldKey, id: InterfaceId| -> Parts<'_> {
        let interface = &resolve.interfaces[id];
        match key {
            WorldKey::Name(_) => ("", None),
            WorldKey::Interface(_) => (
                interface.name.as_deref().unwrap_or_default(),
                interface.package.map(|package| &resolve.packages[package].name),
            ),
        }
    };
    let all: Vec<_> = items
        .iter()
        .filter_map(|(key, item)| match item {
            WorldItem::Interface { id, .. } => Some((key, *id, parts(key, *id))),
            _ => None,
        })
        .collect();
    let name = |(key, id, (name, package)): &(&WorldKey, InterfaceId, Parts<'_>)| {
        let Some(package) = package else {
            let WorldKey::Name(name) = key else { return (*id, String::new()) };
            return (*id, name.clone());
        };
        let others = all.iter().filter(|(_, other, (of, _))| other != id && of == name);
        let others: Vec<_> = others.filter_map(|(.., (_, package))| *package).collect();
        let is_of = |other: &&&PackageName| {
            (&other.namespace, &other.name) == (&package.namespace, &package.name)
        };
        let in_package = format!("{}-{}-{name}", package.namespace, package.name);
        let name =
            if let (Some(version), true) = (&package.version, others.iter().any(|it| is_of(&it))) {
                format!("{in_package}-{}", version.to_string().replace('.', "-"))
            } else if others.is_empty() {
                (*name).to_owned()
            } else {
                in_package
            };
        (*id, name)
    };
    all.iter().map(name).collect()
}

/// The words that cannot be names in Python.
const WORDS: &str = "False None True and as assert async await break class continue def del elif else except finally for \
    from global if import in is lambda nonlocal not or pass raise return try while with yield";

/// Returns a name as componentize-py writes it.
pub(super) fn identifier(name: &str) -> String {
    if WORDS.split_whitespace().any(|word| word == name) {
        return format!("{name}_");
    }
    name.to_owned()
}
