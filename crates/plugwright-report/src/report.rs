//! The input of the report.

use crate::contract::Contract;
use crate::plugin::{Facts, Plugin, Tally};

/// The facts about the plugins in a folder.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The name of the folder.
    pub folder: String,
    /// The name of the older folder, if the plugins are compared with one.
    pub base: Option<String>,
    /// The plugins, sorted by name.
    pub plugins: Vec<Plugin>,
    /// The names of the plugins that only the older folder has.
    pub gone: Vec<String>,
    /// Why no cases were run, if none were.
    pub without_cases: Option<String>,
    /// Notes that are not about a plugin, in words.
    pub notes: Vec<String>,
    /// The contracts of the plugins.
    pub contracts: Vec<Contract>,
}

impl Report {
    /// Returns the tally of the cases of all plugins.
    pub(crate) fn tally(&self) -> Tally {
        Tally::of(self.facts().flat_map(|it| &it.cases))
    }

    /// Returns the tally of the checks of all plugins.
    pub(crate) fn tally_of_checks(&self) -> Tally {
        Tally::of(self.facts().flat_map(|it| &it.checks))
    }

    pub(crate) fn facts(&self) -> impl Iterator<Item = &Facts> {
        self.plugins.iter().filter_map(|plugin| plugin.facts.as_deref().ok())
    }
}
