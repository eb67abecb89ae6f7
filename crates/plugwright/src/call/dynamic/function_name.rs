//! Names of functions, as components and as people write them.

use std::collections::BTreeMap;

/// The name of a function, with its interface and its resource if it has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionName {
    interface: Option<String>,
    resource: Option<String>,
    name: String,
    kind: FunctionKind,
}

/// The relation of a function to its resource, if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// The function belongs to no resource.
    Freestanding,
    /// The function makes a resource.
    Constructor,
    /// The function is called on a resource.
    Method,
    /// The function belongs to the type of a resource, and is not called on one.
    Static,
}

impl FunctionName {
    /// Parses the name `raw` of a function as components write it, such as `[method]person-resource.replica`. Returns
    /// `None` if it is a kind of function that cannot be called.
    pub fn parse(interface: Option<&str>, raw: &str) -> Option<Self> {
        let (kind, rest) = match raw.strip_prefix('[') {
            None => (FunctionKind::Freestanding, raw),
            Some(rest) => match rest.split_once(']')? {
                ("constructor", rest) => (FunctionKind::Constructor, rest),
                ("method", rest) => (FunctionKind::Method, rest),
                ("static", rest) => (FunctionKind::Static, rest),
                _ => return None,
            },
        };
        let (resource, name) = match kind {
            FunctionKind::Freestanding => (None, rest),
            FunctionKind::Constructor => (Some(rest), rest),
            FunctionKind::Method | FunctionKind::Static => {
                let (resource, name) = rest.split_once('.')?;
                (Some(resource), name)
            }
        };
        let [interface, resource] = [interface, resource].map(|name| name.map(str::to_owned));
        Some(Self { interface, resource, name: name.to_owned(), kind })
    }

    /// Returns the interface with its package and version: `shop:pricing/rules@1.0.0`. A world's own function has none.
    pub fn interface(&self) -> Option<&str> {
        self.interface.as_deref()
    }

    /// Returns the resource that the function belongs to, if it belongs to one.
    pub fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }

    /// Returns only the name. The name of a constructor is the name of its resource.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the relation of the function to its resource.
    pub fn kind(&self) -> FunctionKind {
        self.kind
    }

    /// Returns the name with its resource: `person-resource.replica`.
    pub(crate) fn in_interface(&self) -> String {
        match (self.kind, &self.resource) {
            (FunctionKind::Method | FunctionKind::Static, Some(resource)) => {
                format!("{resource}.{}", self.name)
            }
            _ => self.name.clone(),
        }
    }

    /// Returns the name with its resource and its interface, without the package: `words.greet`.
    pub fn short(&self) -> String {
        in_interface(self.interface().map(short_name), &self.in_interface())
    }

    /// Returns the name with its resource and its interface, including package and version.
    pub fn whole(&self) -> String {
        in_interface(self.interface(), &self.in_interface())
    }
}

/// Returns the shortest unambiguous name of each function for calls: with package and version if two interfaces have
/// the same name.
pub fn paths(names: &[FunctionName]) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in names {
        let count = counts.entry(name.short()).or_default();
        *count = count.saturating_add(1);
    }
    let path = |name: &FunctionName| {
        let short = name.short();
        if counts.get(&short) == Some(&1) { short } else { name.whole() }
    };
    names.iter().map(path).collect()
}

pub(crate) fn in_interface(interface: Option<&str>, name: &str) -> String {
    interface.map_or_else(|| name.to_owned(), |interface| format!("{interface}.{name}"))
}

/// Returns the name of an interface without its package and version.
pub(crate) fn short_name(interface: &str) -> &str {
    let name = interface.split('@').next().unwrap_or(interface);
    name.rsplit('/').next().unwrap_or(name)
}
