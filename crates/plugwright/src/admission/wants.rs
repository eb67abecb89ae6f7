//! What a plugin asks for, and how much of it is more than was agreed to.

use std::collections::BTreeSet;

use crate::admission::inspection::Inspection;
use crate::admission::more::More;
use crate::permission::limits::{Limit, Limits};
use crate::text::foreign_text::ForeignText;

/// What a plugin asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wants {
    /// The world that it is of, if that is known.
    pub world: Option<String>,
    /// The names that it imports.
    pub imports: BTreeSet<String>,
    /// What it asks to be granted, as [`RequestedGrant`](crate::RequestedGrant) is written.
    pub grants: BTreeSet<String>,
    /// What it says that its calls stay within. Of what it does not say it may take what the host allows.
    pub limits: Limits,
}

impl Wants {
    /// What a component asks for, by what its bytes say.
    pub fn of(inspection: &Inspection) -> Self {
        let manifest = inspection.manifest.as_ref();
        let declared = manifest.into_iter().flat_map(|it| &it.grants).map(ToString::to_string);
        // One without a manifest asks for what it imports.
        let imported = inspection.grants.iter().map(ToString::to_string);
        let imported = imported.filter(|_| manifest.is_none());
        Self {
            world: inspection.world.as_ref().map(|world| world.exact().to_owned()),
            imports: inspection.imports.iter().map(|import| import.exact().to_owned()).collect(),
            grants: declared.chain(imported).collect(),
            limits: manifest.map_or(Limits::none(), |manifest| manifest.limits),
        }
    }

    /// What of it is more than `agreed`.
    pub fn more_than(&self, agreed: &Self) -> Vec<More> {
        let shown = |text: &String| ForeignText::from(&**text);
        let mut more = Vec::new();
        if self.world != agreed.world {
            more.push(More::World(shown(&self.world.clone().unwrap_or_default())));
        }
        more.extend(self.imports.difference(&agreed.imports).map(shown).map(More::Import));
        let is_agreed = |grant: &&String| {
            agreed.grants.contains(*grant)
                // Who may write may read.
                || grant.strip_prefix("folder=").is_some_and(|name| {
                    agreed.grants.contains(&format!("folder-rw={name}"))
                })
        };
        let grants = self.grants.iter().filter(|grant| !is_agreed(grant));
        more.extend(grants.map(shown).map(More::Grant));
        more.extend(Limit::ALL.iter().copied().filter_map(|limit| {
            let (asked, agreed) = (self.limits.get(limit), agreed.limits.get(limit)?);
            let is_more = asked.is_none_or(|asked| asked > agreed);
            is_more.then_some(More::Limit { limit, asked, agreed })
        }));
        more
    }
}
