//! What the report is of.

use crate::contract::Contract;
use crate::plugin::{Facts, Outcome, Plugin};

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
    /// How many cases there are, and how many of them did not come out as they should.
    pub(crate) fn cases(&self) -> (usize, usize) {
        let cases = || self.facts().flat_map(|it| &it.cases);
        (cases().count(), cases().filter(|case| case.outcome != Outcome::Same).count())
    }

    pub(crate) fn facts(&self) -> impl Iterator<Item = &Facts> {
        self.plugins.iter().filter_map(|plugin| plugin.facts.as_deref().ok())
    }
}
