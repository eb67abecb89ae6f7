//! The Rust names of WIT items, as wit-bindgen generates them for plugins and wasmtime for applications.

use std::collections::BTreeSet;

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use wit_parser::{PackageId, Resolve, WorldKey};

use super::Request;
use super::world::Interface;

/// The names that are taken in a scope.
pub(super) struct Scope(BTreeSet<String>);

impl Scope {
    pub(super) fn new<S: Into<String>>(taken: impl IntoIterator<Item = S>) -> Self {
        Self(taken.into_iter().map(Into::into).collect())
    }

    /// Takes the first of these names that is free, or else the last one with a number.
    pub(super) fn take(&mut self, names: &[String]) -> String {
        let last = names.last().map_or("item", |name| name);
        let numbered = (2_u64..).map(|number| format!("{last}{number}"));
        let mut all = names.iter().cloned().chain(numbered);
        let free = all.find(|name| !self.0.contains(name)).unwrap_or_default();
        self.0.insert(free.clone());
        free
    }

    /// Takes all of these names.
    pub(super) fn take_all<'n>(&mut self, names: impl IntoIterator<Item = &'n &'n str>) {
        self.0.extend(names.into_iter().map(|name| (*name).to_owned()));
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// The side whose functions are generated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Exported functions, which a plugin implements with wit-bindgen.
    Plugin,
    /// Imported functions, which an application implements with wasmtime.
    Application,
}

/// Returns the name of a function, a parameter, a field or a module.
pub(super) fn identifier(side: Side, name: &str) -> String {
    let name = name.to_snake_case();
    // `gen` is a keyword since the edition 2024. wit-bindgen does not know it.
    let is_gen = name == "gen" && side == Side::Application;
    if is_gen || KEYWORDS.contains(&&*name) { format!("{name}_") } else { name }
}

/// Returns what follows `use` in order to import the item `path` as `name`.
pub(super) fn imported(path: &str, name: &str) -> String {
    let is_its_own = path.rsplit("::").next() == Some(name);
    if is_its_own { path.to_owned() } else { format!("{path} as {name}") }
}

/// Returns the name of the type that wasmtime generates for the world.
pub(super) fn world_type(request: &Request<'_>) -> String {
    match request.world_name() {
        "host" => "Host_".to_owned(),
        name => camel(name),
    }
}

/// Returns the name of a type or of a case.
pub(super) fn camel(name: &str) -> String {
    name.to_upper_camel_case()
}

/// Returns the path of an interface's module, relative to the bindings.
pub(super) fn module(
    request: &Request<'_>,
    side: Side,
    interface: Interface<'_>,
    is_exported: bool,
) -> String {
    let mut path = String::from(if is_exported { "exports::" } else { "" });
    let definition = &request.resolve.interfaces[interface.id];
    if let (WorldKey::Interface(_), Some(package)) = (interface.key, definition.package) {
        let namespace = &request.resolve.packages[package].name.namespace;
        path += &format!(
            "{}::{}::",
            identifier(side, namespace),
            package_module(request.resolve, package)
        );
    }
    path + &identifier(side, request.interface_name(interface))
}

/// Returns local names for the module of an interface. The best name comes first.
pub(super) fn module_names(
    request: &Request<'_>,
    side: Side,
    interface: Interface<'_>,
) -> Vec<String> {
    let path = module(request, side, interface, false);
    let mut parts = path.split("::").collect::<Vec<_>>();
    let mut names = vec![parts.pop().unwrap_or_default().to_owned()];
    while let (Some(part), Some(name)) = (parts.pop(), names.last()) {
        names.push(format!("{part}_{name}"));
    }
    names
}

/// Returns the name of a package's module. It contains the version if there are several versions of the package.
pub(super) fn package_module(resolve: &Resolve, id: PackageId) -> String {
    let package = &resolve.packages[id].name;
    let base = package.name.to_snake_case();
    let mut others = resolve.packages.iter().filter(|(other, _)| *other != id);
    let is_one_of_several = others.any(|(_, other)| {
        (&other.name.namespace, &other.name.name) == (&package.namespace, &package.name)
    });
    match &package.version {
        Some(version) if is_one_of_several => {
            let version = version.to_string().replace(['.', '-', '+'], "_");
            format!("{base}{}", version.to_snake_case())
        }
        _ => base,
    }
}

/// Returns whether a name is a keyword of Rust.
pub(super) fn is_word(name: &str) -> bool {
    let name = name.to_snake_case();
    name == "gen" || KEYWORDS.contains(&&*name)
}

/// The keywords to which both generators append a `_`.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl", "in",
    "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];
