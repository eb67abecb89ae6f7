//! What the report is of.

use crate::contract::Contract;
use crate::plugin::{Facts, Plugin, Tally};

/// What is known of the plugins in a folder.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What the folder is called.
    pub folder: String,
    /// What the folder is called that the plugins are compared with, if they are.
    pub base: Option<String>,
    /// The plugins, in the order of their names.
    pub plugins: Vec<Plugin>,
    /// The plugins that only the other folder has.
    pub gone: Vec<String>,
    /// Why nothing is known of the cases, if that is so.
    pub without_cases: Option<String>,
    /// What is found that is of no plugin, in words.
    pub notes: Vec<String>,
    /// The contracts that the plugins are of.
    pub contracts: Vec<Contract>,
}

impl Report {
    /// How the cases of all plugins came out.
    pub(crate) fn tally(&self) -> Tally {
        Tally::of(self.facts().flat_map(|it| &it.cases))
    }

    /// How the checks of all plugins did.
    pub(crate) fn tally_of_checks(&self) -> Tally {
        Tally::of(self.facts().flat_map(|it| &it.checks))
    }

    pub(crate) fn facts(&self) -> impl Iterator<Item = &Facts> {
        self.plugins.iter().filter_map(|plugin| plugin.facts.as_deref().ok())
    }
}
