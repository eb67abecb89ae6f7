//! What functions are called, by components and by people.

use std::collections::BTreeMap;

/// What a function is called: with the interface and the resource that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionName {
    interface: Option<String>,
    resource: Option<String>,
    name: String,
    kind: FunctionKind,
}

/// What a function is to the resource that it is of, if it is of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// It is of none.
    Freestanding,
    /// It makes one.
    Constructor,
    /// It is called on one.
    Method,
    /// It is of the type, and called on none.
    Static,
}

impl FunctionName {
    /// The name `raw` of a function as components have it, such as `[method]person-resource.replica`. Absent if it is of a
    /// kind that is not called.
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

    /// The interface, with its package and version: `shop:pricing/rules@1.0.0`. A world's own function has none.
    pub fn interface(&self) -> Option<&str> {
        self.interface.as_deref()
    }

    /// The resource that it is of, if it is of one.
    pub fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }

    /// The name alone; that of a constructor is its resource's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is to its resource.
    pub fn kind(&self) -> FunctionKind {
        self.kind
    }

    /// The name with that of its resource: `person-resource.replica`.
    pub(crate) fn in_interface(&self) -> String {
        match (self.kind, &self.resource) {
            (FunctionKind::Method | FunctionKind::Static, Some(resource)) => {
                format!("{resource}.{}", self.name)
            }
            _ => self.name.clone(),
        }
    }

    /// The name with those of its resource and its interface, without the package: `words.greet`.
    pub fn short(&self) -> String {
        in_interface(self.interface().map(short_name), &self.in_interface())
    }

    /// The name with those of its resource and its interface, package and version included.
    pub fn whole(&self) -> String {
        in_interface(self.interface(), &self.in_interface())
    }
}

/// What each of the functions is called in calls, as short as is clear: with package and version where two interfaces have
/// one name.
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

/// The name of an interface without its package and version.
pub(crate) fn short_name(interface: &str) -> &str {
    let name = interface.split('@').next().unwrap_or(interface);
    name.rsplit('/').next().unwrap_or(name)
}
