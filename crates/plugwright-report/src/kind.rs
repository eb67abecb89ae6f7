//! The kinds of findings.

/// The kind of a finding, in the order in which a reviewer asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A plugin cannot be read.
    Broken,
    /// Cases fail.
    Cases,
    /// Checks fail.
    Checks,
    /// Cases or checks have no snapshot yet.
    Unkept,
    /// A plugin asks for more than before.
    AsksForMore,
    /// A contract breaks plugins without a version that says so.
    Contract,
    /// A contract breaks plugins, and its version says so.
    Breaks,
    /// A plugin is larger than its manifest allows.
    Budget,
    /// A plugin has no signature of a trusted key.
    Signature,
    /// The manifest of a plugin does not match the plugin.
    Untrue,
    /// The origin of a plugin is unknown.
    Origin,
    /// The licence of a part of a plugin is unknown.
    Licence,
    /// A plugin has no cases.
    Untested,
    /// A plugin is new.
    New,
    /// A plugin is gone.
    Gone,
    /// A note that is not about a plugin.
    Note,
}

impl Kind {
    /// Returns a short label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Broken => "cannot be read",
            Self::Cases => "cases fail",
            Self::Checks => "checks fail",
            Self::Unkept => "no snapshot yet",
            Self::AsksForMore => "asks for more",
            Self::Contract => "contract refused",
            Self::Breaks => "contract breaks plugins",
            Self::Budget => "over its budget",
            Self::Signature => "signature",
            Self::Untrue => "wrong manifest",
            Self::Origin => "origin unknown",
            Self::Licence => "licence unknown",
            Self::Untested => "no cases",
            Self::New => "new",
            Self::Gone => "gone",
            Self::Note => "note",
        }
    }

    /// Returns whether findings of this kind must be fixed. The others need only a review.
    pub fn is_to_mend(self) -> bool {
        matches!(
            self,
            Self::Broken
                | Self::Cases
                | Self::Checks
                | Self::Contract
                | Self::Budget
                | Self::Signature
                | Self::Untrue
        )
    }
}
