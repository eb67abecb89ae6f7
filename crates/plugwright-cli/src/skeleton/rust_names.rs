//! Names of WIT as the generators of Rust have them, wit-bindgen's for plugins and wasmtime's for applications.

use std::collections::BTreeSet;

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use wit_parser::{PackageId, Resolve, WorldKey};

use super::Request;
use super::world::Interface;

/// The names of a file's root that are taken.
pub(super) struct Scope(BTreeSet<String>);

impl Scope {
    pub(super) fn new<S: Into<String>>(taken: impl IntoIterator<Item = S>) -> Self {
        Self(taken.into_iter().map(Into::into).collect())
    }

    /// Takes the first of these names that is free, or else the last with a number.
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

/// Which side's functions names and types are of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Exported functions, as wit-bindgen has a plugin write them.
    Plugin,
    /// Imported functions, as wasmtime has an application write them.
    Application,
}

/// The name of a function, a parameter, a field or a module.
pub(super) fn identifier(side: Side, name: &str) -> String {
    let name = name.to_snake_case();
    // A word since Rust's latest edition, which wit-bindgen does not know.
    let is_gen = name == "gen" && side == Side::Application;
    if is_gen || KEYWORDS.contains(&&*name) { format!("{name}_") } else { name }
}

/// What comes after `use` for an item of that path to have that name.
pub(super) fn imported(path: &str, name: &str) -> String {
    let is_its_own = path.rsplit("::").next() == Some(name);
    if is_its_own { path.to_owned() } else { format!("{path} as {name}") }
}

/// What wasmtime calls the type of a world.
pub(super) fn world_type(request: &Request<'_>) -> String {
    match request.world_name() {
        "host" => "Host_".to_owned(),
        name => camel(name),
    }
}

/// The name of a type or of a case.
pub(super) fn camel(name: &str) -> String {
    name.to_upper_camel_case()
}

/// The module of an interface, as a path from where the bindings are.
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

/// Names for the module of an interface where it is used, the best first.
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

/// The module of a package. It has the version in its name if there are several.
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

/// Says whether a name is a word of Rust.
pub(super) fn is_word(name: &str) -> bool {
    let name = name.to_snake_case();
    name == "gen" || KEYWORDS.contains(&&*name)
}

/// The words that both generators put a `_` behind.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl", "in",
    "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];
