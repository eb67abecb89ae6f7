//! The error of texts that cannot be parsed.

use crate::text::foreign_text::{ForeignText, brief};

/// The reason why a text is not a grant or a limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TextError(ForeignText);

impl TextError {
    pub(crate) fn new(message: impl Into<ForeignText>) -> Self {
        Self(message.into())
    }

    pub(crate) fn no_such_grant(kind: &str) -> Self {
        Self::new(format!(
            "there is no grant `{}`, only folder, folder-rw, variable, argument, stdin, wall-clock, \
             random and http",
            brief(kind)
        ))
    }
}
