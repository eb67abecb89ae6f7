//! What does not fit about a component: one thing each.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::text::foreign_text::ForeignText;

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
        /// What has to be granted: a method of [`Grants`](crate::Grants), as the command has it.
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
