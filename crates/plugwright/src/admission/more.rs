//! What a plugin has beyond what was agreed to.

use std::fmt;

use crate::permission::limits::Limit;
use crate::text::foreign_text::ForeignText;

/// What a plugin has beyond what was agreed to.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum More {
    /// Nothing was agreed to of a plugin of this name.
    Unlisted,
    /// It has other bytes.
    Bytes {
        /// The digest of its own.
        sha256: String,
    },
    /// It is not signed with the key that the other one was signed with.
    Unsigned,
    /// It is of another world.
    World(ForeignText),
    /// It imports this, too.
    Import(ForeignText),
    /// It asks for this, too.
    Grant(ForeignText),
    /// It expects to use more.
    Limit {
        /// Of what.
        limit: Limit,
        /// As much as this; absent if it does not say how much.
        asked: Option<u64>,
        /// What was agreed to.
        agreed: u64,
    },
}

impl fmt::Display for More {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlisted => f.write_str("nothing was agreed to of a plugin of this name"),
            Self::Bytes { sha256 } => write!(f, "it is another file, whose digest is {sha256}"),
            Self::Unsigned => f.write_str("it is not signed with the key that was agreed to"),
            Self::World(world) => write!(f, "it is of the world `{world}`"),
            Self::Import(import) => write!(f, "it imports `{import}`"),
            Self::Grant(grant) => write!(f, "it asks for `{grant}`"),
            Self::Limit { limit, asked: Some(asked), agreed } => write!(
                f,
                "it expects up to `{}`, and `{}` was agreed to",
                limit.text(*asked),
                limit.text(*agreed)
            ),
            Self::Limit { limit, asked: None, agreed } => {
                write!(
                    f,
                    "it does not say what it stays within, and `{}` was agreed to",
                    limit.text(*agreed)
                )
            }
        }
    }
}
