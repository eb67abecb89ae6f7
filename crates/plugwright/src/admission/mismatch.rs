//! The ways in which a component does not fit a world or its manifest.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::text::foreign_text::ForeignText;

/// One thing about a component that does not fit the world that it was loaded for, or its manifest.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The component imports something that the host does not provide.
    Import {
        /// The name of the import.
        name: ForeignText,
        /// The same interface in the versions that the host provides, if it provides any.
        offered: Vec<ForeignText>,
    },
    /// The component calls a function that the host's version of the interface does not have.
    Function {
        /// The interface that the component imports.
        interface: ForeignText,
        /// The function.
        name: ForeignText,
        /// The interface that the host provides.
        offered: ForeignText,
    },
    /// The component imports something that needs a grant, and it was not granted.
    Ungranted {
        /// The name of the import.
        name: ForeignText,
        /// The kind of grant that it needs, as `plugwright run --grant` names it.
        grant: &'static str,
    },
    /// The component does not export something that the world requires.
    Export {
        /// The name of the export that the world requires.
        name: ForeignText,
        /// The same interface in the version that the component exports, if it exports one.
        found: Option<ForeignText>,
    },
    /// The manifest declares a world that the component does not implement.
    World {
        /// The world in the manifest.
        declared: ForeignText,
        /// The world that the component implements, if this host knows it.
        found: Option<ForeignText>,
    },
    /// The component imports something that needs a grant, and its manifest does not ask for the grant.
    Undeclared {
        /// The name of the import.
        name: ForeignText,
        /// The kind of grant that it needs.
        grant: &'static str,
    },
    /// The manifest asks for a grant that the component cannot use.
    Idle {
        /// The grant.
        grant: ForeignText,
    },
    /// All names fit, but a type differs from the contract.
    Type {
        /// The engine's message.
        message: ForeignText,
    },
}

/// Serializes the text of the mismatch.
impl Serialize for Mismatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Import { name, offered } if offered.is_empty() => {
                write!(f, "it imports `{name}`, which this host does not provide")
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
                write!(f, "it declares the world `{declared}`, but implements `{found}`")
            }
            Self::World { declared, found: None } => write!(
                f,
                "it declares the world `{declared}`, but implements no world that this host knows"
            ),
            Self::Undeclared { name, grant } => {
                write!(f, "it imports `{name}`, but does not ask for the grant `{grant}`")
            }
            Self::Idle { grant } => {
                write!(f, "it asks for the grant `{grant}`, but imports nothing that uses it")
            }
            Self::Type { message } => write!(f, "a type differs from the contract: {message}"),
        }
    }
}
