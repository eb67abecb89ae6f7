//! The load-time doctor: what a component needs against what the host has, name by name.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::inspect::Surface;
use crate::wasi::{self, Offer};
use crate::{Grants, LoadError, Prettify, Streamer, Transformer, World};

/// One thing about a component that does not fit the world that it was loaded for.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The component imports what the host does not give.
    Import {
        /// What it imports.
        name: String,
        /// The same interface in the version that the host has, if it has one.
        offered: Option<String>,
    },
    /// The component imports what the host gives to plugins that were granted it.
    Ungranted {
        /// What it imports.
        name: String,
        /// What has to be granted: a method of [`Grants`], as the command has it.
        grant: &'static str,
    },
    /// The component does not export what the world needs.
    Export {
        /// What the world needs.
        name: String,
        /// The same interface in the version that the component has, if it has one.
        found: Option<String>,
    },
    /// The manifest declares another world than the component's.
    World {
        /// The world in the manifest.
        declared: String,
        /// The component's world, if this host knows it.
        found: Option<String>,
    },
    /// The component imports what has to be granted, and its manifest does not ask for it.
    Undeclared {
        /// What it imports.
        name: String,
        /// The kind of grant that it needs.
        grant: &'static str,
    },
    /// The manifest asks for what the component can do nothing with.
    Idle {
        /// What it asks for.
        grant: String,
    },
    /// Every name is there, and something behind one of them has another type than in the contract.
    Type {
        /// What the engine says.
        message: String,
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
            Self::Import { name, offered: Some(offered) } => {
                write!(f, "it imports `{name}`; this host has `{offered}`")
            }
            Self::Import { name, offered: None } => {
                write!(f, "it imports `{name}`, which this host does not give to plugins")
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

/// Compares the names that a component imports and exports with those of the world `W`.
pub(crate) fn compare_names<W: World>(
    plugin: &str,
    surface: &Surface,
    grants: &Grants,
) -> Result<(), LoadError> {
    let imports = surface.imports.iter().filter_map(|import| {
        if W::IMPORTS.iter().any(|offered| compatible(offered, import)) {
            return None;
        }
        let name = import.clone();
        match wasi::offer(import, grants) {
            Offer::Given => None,
            // Folders have times in them, whose type is the clock's.
            Offer::Grantable(_) if surface.only_types.contains(import) => None,
            Offer::Grantable(grant) => Some(Mismatch::Ungranted { name, grant }),
            Offer::Unknown => {
                let offered = same_interface(W::IMPORTS, import).map(str::to_owned);
                Some(Mismatch::Import { name, offered })
            }
        }
    });
    let missing = W::EXPORTS.iter().filter(|needed| !has(&surface.exports, needed));
    let exports = missing.map(|needed| {
        let found = same_interface(&surface.exports, needed).map(str::to_owned);
        Mismatch::Export { name: (*needed).to_owned(), found }
    });
    let mismatches: Vec<_> = imports.chain(exports).collect();
    if mismatches.is_empty() {
        return Ok(());
    }
    let hint = hint::<W>(surface, &mismatches);
    Err(contract_error::<W>(plugin, mismatches, hint))
}

/// Tells the error of a component whose names all fit and whose types do not.
pub(crate) fn types_differ<W: World>(plugin: &str, error: &wasmtime::Error) -> LoadError {
    // The engine's error is a chain from the name down to the detail.
    let message = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    contract_error::<W>(plugin, vec![Mismatch::Type { message }], rebuild::<W>())
}

/// Says whether the component exports all that the world `W` needs.
pub(crate) fn exports_all<W: World>(surface: &Surface) -> bool {
    W::EXPORTS.iter().all(|needed| has(&surface.exports, needed))
}

fn rebuild<W: World>() -> String {
    let package = package::<W>();
    format!(
        "it was built against another version of the contract: rebuild it against this host's `{package}`"
    )
}

/// The package that the world belongs to, with its version.
fn package<W: World>() -> String {
    let (package, version) = (W::NAME.split('/').next(), split(W::NAME).1);
    let at = if version.is_empty() { "" } else { "@" };
    format!("{}{at}{version}", package.unwrap_or_default())
}

fn hint<W: World>(surface: &Surface, mismatches: &[Mismatch]) -> String {
    let other_version = mismatches.iter().any(|mismatch| {
        matches!(
            mismatch,
            Mismatch::Import { offered: Some(_), .. } | Mismatch::Export { found: Some(_), .. }
        )
    });
    let lacks_exports =
        mismatches.iter().any(|mismatch| matches!(mismatch, Mismatch::Export { .. }));
    let ungranted = |mismatch: &Mismatch| matches!(mismatch, Mismatch::Ungranted { .. });
    if other_version {
        rebuild::<W>()
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
    if exports_all::<Prettify>(surface) {
        Some(Prettify::NAME)
    } else if exports_all::<Streamer>(surface) {
        Some(Streamer::NAME)
    } else if exports_all::<Transformer>(surface) {
        Some(Transformer::NAME)
    } else {
        None
    }
}

fn contract_error<W: World>(plugin: &str, mismatches: Vec<Mismatch>, hint: String) -> LoadError {
    LoadError::Contract { plugin: plugin.to_owned(), world: W::NAME.to_owned(), mismatches, hint }
}

fn has(names: &[String], needed: &str) -> bool {
    names.iter().any(|name| compatible(name, needed))
}

/// The name among `names` that is the interface `wanted` in whatever version.
fn same_interface<'a, S: AsRef<str>>(names: &'a [S], wanted: &str) -> Option<&'a str> {
    let (wanted, _) = split(wanted);
    names.iter().map(AsRef::as_ref).find(|name| split(name).0 == wanted)
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
    let mut dots = version.match_indices('.').map(|(at, _)| at);
    let (major, minor) = (dots.next(), dots.next());
    match (major, minor) {
        (Some(major), _) if &version[..major] != "0" => &version[..major],
        (Some(major), Some(minor)) if &version[major + 1..minor] != "0" => &version[..minor],
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
