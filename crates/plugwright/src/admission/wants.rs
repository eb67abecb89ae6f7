//! What a plugin asks for, and what of it goes beyond what was agreed to.

use std::collections::BTreeSet;

use crate::admission::inspection::Inspection;
use crate::admission::more::More;
use crate::permission::limits::{Limit, Limits};
use crate::text::foreign_text::ForeignText;

/// What a plugin asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wants {
    /// The world that the plugin implements, if it is known.
    pub world: Option<String>,
    /// The names that the plugin imports.
    pub imports: BTreeSet<String>,
    /// The grants that the plugin asks for, as [`RequestedGrant`](crate::RequestedGrant) writes them.
    pub grants: BTreeSet<String>,
    /// The limits that the plugin declares. Where it declares none, the host's limits apply.
    pub limits: Limits,
}

impl Wants {
    /// Returns what the inspected component asks for.
    pub fn of(inspection: &Inspection) -> Self {
        let manifest = inspection.manifest.as_ref();
        let declared = manifest.into_iter().flat_map(|it| &it.grants).map(ToString::to_string);
        // A component without a manifest asks for what it imports.
        let imported = inspection.grants.iter().map(ToString::to_string);
        let imported = imported.filter(|_| manifest.is_none());
        Self {
            world: inspection.world.as_ref().map(|world| world.exact().to_owned()),
            imports: inspection.imports.iter().map(|import| import.exact().to_owned()).collect(),
            grants: declared.chain(imported).collect(),
            limits: manifest.map_or(Limits::none(), |manifest| manifest.limits),
        }
    }

    /// Returns what goes beyond `agreed`.
    pub fn more_than(&self, agreed: &Self) -> Vec<More> {
        let shown = |text: &String| ForeignText::from(&**text);
        let mut more = Vec::new();
        if self.world != agreed.world {
            more.push(More::World(shown(&self.world.clone().unwrap_or_default())));
        }
        more.extend(self.imports.difference(&agreed.imports).map(shown).map(More::Import));
        let is_agreed = |grant: &&String| {
            agreed.grants.contains(*grant)
                // The right to write includes the right to read.
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
