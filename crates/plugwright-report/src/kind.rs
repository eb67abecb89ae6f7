//! What there is to find.

/// What a finding is about, in the order in which a reviewer asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A plugin cannot be read.
    Broken,
    /// Cases did not come out as they should.
    Cases,
    /// What else is tested did not.
    Checks,
    /// Nobody has said yet how cases or checks are to come out.
    Unkept,
    /// A plugin asks for more than before.
    AsksForMore,
    /// A contract may not be what it is, after what was released of it.
    Contract,
    /// A contract changed so that plugins break, and says so.
    Breaks,
    /// A plugin is larger than it may be.
    Budget,
    /// A plugin is not signed, or not by anybody trusted.
    Signature,
    /// What a plugin says of itself is not true.
    Untrue,
    /// Nobody says where a plugin comes from.
    Origin,
    /// It is not known under which licence something is.
    Licence,
    /// A plugin has no cases.
    Untested,
    /// A plugin is new.
    New,
    /// A plugin is gone.
    Gone,
    /// What is of no plugin.
    Note,
}

impl Kind {
    /// What it is about, in a few words.
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
            Self::Untrue => "untrue manifest",
            Self::Origin => "origin unknown",
            Self::Licence => "licence unknown",
            Self::Untested => "no cases",
            Self::New => "new",
            Self::Gone => "gone",
            Self::Note => "note",
        }
    }

    /// Says whether it is to be mended; what is not is to be looked at.
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
