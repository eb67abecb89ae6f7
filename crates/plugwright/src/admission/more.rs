//! The ways in which a plugin goes beyond what was agreed to.

use std::fmt;

use crate::permission::limits::Limit;
use crate::text::foreign_text::ForeignText;

/// One way in which a plugin goes beyond what was agreed to.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum More {
    /// No plugin of this name was agreed to.
    Unlisted,
    /// The plugin's bytes changed.
    Bytes {
        /// The digest of the bytes now.
        sha256: String,
    },
    /// The plugin is not signed with the key that was agreed to.
    Unsigned,
    /// The plugin implements another world.
    World(ForeignText),
    /// The plugin also imports this.
    Import(ForeignText),
    /// The plugin also asks for this grant.
    Grant(ForeignText),
    /// The plugin declares a higher limit, or no limit.
    Limit {
        /// Which limit.
        limit: Limit,
        /// The value that it declares, or `None` if it declares no such limit.
        asked: Option<u64>,
        /// The value that was agreed to.
        agreed: u64,
    },
}

impl fmt::Display for More {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlisted => f.write_str("no plugin of this name was agreed to"),
            Self::Bytes { sha256 } => write!(f, "it is a different file, whose digest is {sha256}"),
            Self::Unsigned => f.write_str("it is not signed with the key that was agreed to"),
            Self::World(world) => write!(f, "it implements the world `{world}`"),
            Self::Import(import) => write!(f, "it imports `{import}`"),
            Self::Grant(grant) => write!(f, "it asks for `{grant}`"),
            Self::Limit { limit, asked: Some(asked), agreed } => write!(
                f,
                "it declares `{}`, but `{}` was agreed to",
                limit.text(*asked),
                limit.text(*agreed)
            ),
            Self::Limit { limit, asked: None, agreed } => {
                write!(f, "it declares no limit, but `{}` was agreed to", limit.text(*agreed))
            }
        }
    }
}
