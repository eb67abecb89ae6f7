//! The load-time doctor: what a component needs against what the host has, name by name.

#![warn(clippy::arithmetic_side_effects)]

use std::fmt;

use serde::{Serialize, Serializer};

use crate::inspect::Surface;
use crate::wasi::{self, Offer};
use crate::{ForeignText, Grants, LoadError, Prettify, Streamer, Transformer, Version, World};

/// One thing about a component that does not fit the world that it was loaded for.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The component imports what the host does not give.
    Import {
        /// What it imports.
        name: ForeignText,
        /// The same interface in the versions that the host has, if it has any.
        offered: Vec<ForeignText>,
    },
    /// The component calls a function that the interface does not have in the version that the host has.
    Function {
        /// The interface, as the component imports it.
        interface: ForeignText,
        /// The function.
        name: ForeignText,
        /// The interface, as the host has it.
        offered: ForeignText,
    },
    /// The component imports what the host gives to plugins that were granted it.
    Ungranted {
        /// What it imports.
        name: ForeignText,
        /// What has to be granted: a method of [`Grants`], as the command has it.
        grant: &'static str,
    },
    /// The component does not export what the world needs.
    Export {
        /// What the world needs.
        name: ForeignText,
        /// The same interface in the version that the component has, if it has one.
        found: Option<ForeignText>,
    },
    /// The manifest declares another world than the component's.
    World {
        /// The world in the manifest.
        declared: ForeignText,
        /// The component's world, if this host knows it.
        found: Option<ForeignText>,
    },
    /// The component imports what has to be granted, and its manifest does not ask for it.
    Undeclared {
        /// What it imports.
        name: ForeignText,
        /// The kind of grant that it needs.
        grant: &'static str,
    },
    /// The manifest asks for what the component can do nothing with.
    Idle {
        /// What it asks for.
        grant: ForeignText,
    },
    /// Every name is there, and something behind one of them has another type than in the contract.
    Type {
        /// What the engine says.
        message: ForeignText,
    },
}

/// As text.
impl Serialize for Mismatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Import { name, offered } if offered.is_empty() => {
                write!(f, "it imports `{name}`, which this host does not give to plugins")
            }
            Self::Import { name, offered } => {
                let offered: Vec<_> = offered.iter().map(|it| format!("`{it}`")).collect();
                write!(f, "it imports `{name}`; this host has {}", offered.join(" and "))
            }
            Self::Function { interface, name, offered } => {
                write!(
                    f,
                    "it calls `{name}` of `{interface}`; this host's `{offered}` does not have it"
                )
            }
            Self::Ungranted { name, grant } => {
                write!(f, "it imports `{name}`, which needs the grant `{grant}`")
            }
            Self::Export { name, found: Some(found) } => {
                write!(f, "it exports `{found}`; this host needs `{name}`")
            }
            Self::Export { name, found: None } => write!(f, "it does not export `{name}`"),
            Self::World { declared, found: Some(found) } => {
                write!(f, "it declares the world `{declared}`, and it is of `{found}`")
            }
            Self::World { declared, found: None } => write!(
                f,
                "it declares the world `{declared}`, and it is of none that this host has"
            ),
            Self::Undeclared { name, grant } => {
                write!(f, "it imports `{name}`, and does not ask for the grant `{grant}`")
            }
            Self::Idle { grant } => {
                write!(f, "it asks for the grant `{grant}`, and imports nothing that uses it")
            }
            Self::Type { message } => write!(f, "a type is not the contract's: {message}"),
        }
    }
}

/// Compares the names that a component imports and exports with those of the world `W`, and gives the version
/// of it that they fit.
pub(crate) fn compare_names<W: World>(
    plugin: &str,
    surface: &Surface,
    grants: &Grants,
) -> Result<Version<W>, LoadError> {
    let imports = surface.imports.iter().filter_map(|import| {
        // Types give a plugin nothing to do: the engine compares them where something uses them.
        if W::IMPORTS.iter().any(|offered| compatible(offered, import))
            || surface.only_types.contains(import)
        {
            return None;
        }
        let name = ForeignText::from(&**import);
        match wasi::offer(import, grants) {
            Offer::Given => None,
            Offer::Grantable(grant) => Some(Mismatch::Ungranted { name, grant }),
            Offer::Unknown => {
                let offered = same_interfaces(W::IMPORTS, import).map(ForeignText::from).collect();
                Some(Mismatch::Import { name, offered })
            }
        }
    });
    let version = version_of::<W>(surface);
    let needed = if version.is_some() { &[] } else { W::EXPORTS };
    let missing = needed.iter().filter(|needed| !has(&surface.exports, needed));
    let exports = missing.map(|needed| {
        let found = same_interfaces(&surface.exports, needed).next().map(ForeignText::from);
        Mismatch::Export { name: (*needed).into(), found }
    });
    let mismatches: Vec<_> = imports.chain(exports).collect();
    if let (Some(version), []) = (version, &*mismatches) {
        return Ok(version);
    }
    let hint = hint::<W>(surface, &mismatches);
    Err(contract_error::<W>(plugin, mismatches, hint))
}

/// Tells the error of a component whose names all fit, and what is behind one of them does not.
pub(crate) fn types_differ<W: World>(
    plugin: &str,
    surface: &Surface,
    error: &wasmtime::Error,
) -> LoadError {
    let mismatch = missing_function::<W>(error).unwrap_or_else(|| {
        // The engine's error is a chain from the name down to the detail.
        let message = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
        Mismatch::Type { message: message.into() }
    });
    contract_error::<W>(plugin, vec![mismatch], other_version::<W>(surface))
}

/// The function that the component calls and the host does not have, if that is the error.
fn missing_function<W: World>(error: &wasmtime::Error) -> Option<Mismatch> {
    // The engine has no types for these.
    let quoted = |begin: &str| {
        error.chain().find_map(|cause| {
            let text = cause.to_string();
            text.strip_prefix(begin)?.split_once('`').map(|(name, _)| ForeignText::from(name))
        })
    };
    if error.root_cause().to_string() != "function implementation is missing" {
        return None;
    }
    let interface = quoted("component imports instance `")?;
    let name = quoted("instance export `")?;
    let offered = W::IMPORTS.iter().find(|offered| compatible(offered, interface.exact()))?;
    Some(Mismatch::Function { interface, name, offered: (*offered).into() })
}

/// The versions of the world `W` that are served, today's first.
fn versions<W: World>() -> impl Iterator<Item = Version<W>> {
    let today = Version { name: W::NAME, exports: W::EXPORTS, prepare: W::prepare };
    let older = W::OLDER.iter();
    let older = older.map(|&Version { name, exports, prepare }| Version { name, exports, prepare });
    std::iter::once(today).chain(older)
}

/// The version of the world `W` of which the component exports all that it needs.
pub(crate) fn version_of<W: World>(surface: &Surface) -> Option<Version<W>> {
    versions().find(|version| version.exports.iter().all(|needed| has(&surface.exports, needed)))
}

/// The name of the world `W` in the version that the name of another world has.
pub(crate) fn in_version_of<W: World>(other: &str) -> &'static str {
    let version = versions::<W>().find(|version| split(version.name).1 == split(other).1);
    version.map_or(W::NAME, |version| version.name)
}

/// Says for which version the component was built and which ones are served, and what to do.
fn other_version<W: World>(surface: &Surface) -> String {
    let today = package::<W>();
    let served: Vec<_> = versions::<W>().map(|version| split(version.name).1).collect();
    let Some(built) = built_for(surface, split(&today).0) else {
        return format!("it was built for another contract: rebuild it for this host's `{today}`");
    };
    let number = |version: &str| version.parse::<semver::Version>().ok();
    let is_newer = served.iter().all(|served| number(&built) > number(served));
    let is_served = served.contains(&&*built);
    let (name, versions) = (split(&today).0, served.join(" and "));
    if is_served {
        let at = if built.is_empty() { "" } else { "@" };
        format!(
            "it was built for another `{name}{at}{built}` than this host's, and a version is released once: \
             rebuild it for this one"
        )
    } else if is_newer {
        format!(
            "it was built for `{name}@{built}`, and this host serves {versions}: update the host, or rebuild \
             the plugin for `{today}`"
        )
    } else {
        format!(
            "it was built for `{name}@{built}`, and this host serves {versions}: rebuild the plugin for \
             `{today}`"
        )
    }
}

/// The contract of this library for which the component was built.
pub(crate) fn contract_of(surface: &Surface) -> Option<String> {
    let today = package::<Transformer>();
    let name = split(&today).0;
    built_for(surface, name).map(|version| format!("{name}@{version}"))
}

/// The version of the package that the component exports interfaces of, or else imports.
fn built_for(surface: &Surface, package: &str) -> Option<String> {
    let names = surface.exports.iter().chain(&surface.imports);
    let mut versions = names.filter_map(|name| {
        let (of, rest) = name.split_once('/')?;
        (of == package).then(|| split(rest).1.to_owned())
    });
    versions.next()
}

/// The package that the world belongs to, with its version.
fn package<W: World>() -> String {
    let (package, version) = (W::NAME.split('/').next(), split(W::NAME).1);
    let at = if version.is_empty() { "" } else { "@" };
    format!("{}{at}{version}", package.unwrap_or_default())
}

fn hint<W: World>(surface: &Surface, mismatches: &[Mismatch]) -> String {
    let of_other_version = mismatches.iter().any(|mismatch| {
        matches!(
            mismatch,
            Mismatch::Import { offered, .. } if !offered.is_empty()
        ) || matches!(mismatch, Mismatch::Export { found: Some(_), .. })
    });
    let lacks_exports =
        mismatches.iter().any(|mismatch| matches!(mismatch, Mismatch::Export { .. }));
    let ungranted = |mismatch: &Mismatch| matches!(mismatch, Mismatch::Ungranted { .. });
    if of_other_version {
        other_version::<W>(surface)
    } else if mismatches.iter().all(ungranted) {
        "nothing is granted unless it is asked for: grant it, or remove the code that needs it"
            .to_owned()
    } else if !lacks_exports {
        "a plugin may use what its world imports, and what Rust's standard library brings along: \
         remove the code or the dependency that needs the rest"
            .to_owned()
    } else if let Some(world) = world_of(surface) {
        format!("it is a plugin of the world `{world}`: use it as one")
    } else {
        format!("export what a world of `{}` needs", package::<W>())
    }
}

/// The world of `plugwright:plugin` that the component implements, the richest if several.
pub(crate) fn world_of(surface: &Surface) -> Option<&'static str> {
    let name = version_of::<Prettify>(surface).map(|version| version.name);
    let name = name.or_else(|| version_of::<Streamer>(surface).map(|version| version.name));
    name.or_else(|| version_of::<Transformer>(surface).map(|version| version.name))
}

fn contract_error<W: World>(plugin: &str, mismatches: Vec<Mismatch>, hint: String) -> LoadError {
    let (plugin, world, hint) = (plugin.into(), W::NAME.to_owned(), hint.into());
    LoadError::Contract { plugin, world, mismatches, hint }
}

fn has(names: &[String], needed: &str) -> bool {
    names.iter().any(|name| compatible(name, needed))
}

/// The names among `names` that are the interface `wanted`, in whatever version.
fn same_interfaces<'a, S: AsRef<str>>(
    names: &'a [S],
    wanted: &'a str,
) -> impl Iterator<Item = &'a str> {
    names.iter().map(AsRef::as_ref).filter(move |name| split(name).0 == split(wanted).0)
}

/// Says whether one name does for the other, as wasmtime's linker has it: the same interface in
/// versions that semantic versioning calls compatible.
pub(crate) fn compatible(one: &str, other: &str) -> bool {
    let ((one, one_version), (other, other_version)) = (split(one), split(other));
    one == other && version_track(one_version) == version_track(other_version)
}

fn split(name: &str) -> (&str, &str) {
    name.split_once('@').unwrap_or((name, ""))
}

/// The part of a version that must agree: `1` of 1.2.3, `0.2` of 0.2.6, all of 0.0.4 and of a
/// prerelease.
fn version_track(version: &str) -> &str {
    if version.contains('-') {
        return version;
    }
    let Some((major, rest)) = version.split_once('.') else { return version };
    match rest.split_once('.') {
        _ if major != "0" => major,
        Some((minor, patch)) if minor != "0" => {
            version.strip_suffix(patch).and_then(|it| it.strip_suffix('.')).unwrap_or(version)
        }
        _ => version,
    }
}

#[cfg(test)]
mod tests {
    use super::compatible;

    #[test]
    fn versions_are_compatible_as_in_semantic_versioning() {
        assert!(compatible("wasi:io/poll@0.2.0", "wasi:io/poll@0.2.12"));
        assert!(compatible("a:b/c@1.2.0", "a:b/c@1.0.5"));
        assert!(compatible("a:b/c", "a:b/c"));
        assert!(!compatible("wasi:io/poll@0.2.0", "wasi:io/error@0.2.0"));
        assert!(!compatible("a:b/c@0.1.0", "a:b/c@0.2.0"));
        assert!(!compatible("a:b/c@0.0.1", "a:b/c@0.0.2"));
        assert!(!compatible("a:b/c@1.0.0-rc.1", "a:b/c@1.0.0"));
        assert!(!compatible("a:b/c@1.0.0", "a:b/c"));
    }
}
