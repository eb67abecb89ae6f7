//! Single checks, for callers that show the results themselves.

use std::path::PathBuf;
use std::sync::Arc;

use libtest_mimic::Failed;
use plugwright::RequestedGrant;

use crate::case::{Case, Found};
use crate::case_error::failed;
use crate::change::Change;
use crate::denied;
use crate::subject::Subject;
use crate::trial::{self, Tested, WIT};

/// One check of a plugin: a case, its WIT, or a denied grant.
pub struct Check {
    tested: Arc<Tested>,
    plugin: String,
    name: String,
    of: Of,
}

/// The result of a [`Check`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "show it"]
pub struct Checked {
    /// The outcome, if the check could be run.
    pub came_out: Option<String>,
    /// Whether the outcome is right.
    pub verdict: Verdict,
}

/// Whether the outcome of a check is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The outcome is that of the snapshot.
    Same,
    /// The outcome differs from the snapshot, or there is no snapshot yet.
    Changed(Change),
    /// The check cannot be run, or its outcome is not of the expected kind. The text says why.
    Failed(String),
}

enum Of {
    Case(Case),
    Broken(String),
    Wit,
    Without(Arc<Subject>, RequestedGrant),
}

impl Check {
    /// Returns the plugin's name.
    pub fn plugin(&self) -> &str {
        &self.plugin
    }

    /// Returns the name of the check: the name of a case, `wit`, or `without GRANT`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the check is a case.
    pub fn is_case(&self) -> bool {
        matches!(self.of, Of::Case(_) | Of::Broken(_))
    }

    /// Runs the check, and compares its outcome with the snapshot.
    pub fn run(&self) -> Checked {
        match self.came_out() {
            Err(why) => Checked { came_out: None, verdict: Verdict::Failed(text(&why)) },
            Ok((snapshot, input, text)) => {
                let project = &self.tested.project;
                let change = Change::of(project, &self.plugin, &snapshot, input.as_deref(), &text);
                let verdict = match change {
                    Err(error) => Verdict::Failed(self::text(&failed(&error))),
                    Ok(change) if change.is_same() => Verdict::Same,
                    Ok(change) => Verdict::Changed(change),
                };
                Checked { came_out: Some(text), verdict }
            }
        }
    }

    /// Returns the name of the snapshot, the input file, and the outcome.
    fn came_out(&self) -> Result<(String, Option<PathBuf>, String), Failed> {
        let tested = &self.tested;
        match &self.of {
            Of::Broken(why) => Err(why.into()),
            Of::Case(case) => {
                let text = trial::came_out(&tested.plugins, case)?;
                Ok((case.name().to_owned(), Some(case.input()), text))
            }
            Of::Wit => Ok((WIT.to_owned(), None, trial::wit(tested, &self.plugin)?)),
            Of::Without(subject, request) => {
                let (input, text) = denied::came_out(tested, subject, request)?;
                Ok((denied::snapshot_name(request), Some(input), text))
            }
        }
    }
}

/// Returns all checks of the plugins.
pub(crate) fn checks(tested: &Arc<Tested>, broken: Vec<Found>) -> Vec<Check> {
    let check = |plugin: &str, name: &str, of| {
        let (plugin, name) = (plugin.to_owned(), name.to_owned());
        Check { tested: Arc::clone(tested), plugin, name, of }
    };
    let mut all = Vec::new();
    for plugin in tested.plugins() {
        let is_elsewhere = tested.elsewhere.contains(&plugin);
        let cases = tested.cases_of(&plugin).filter(|_| !is_elsewhere);
        all.extend(cases.map(|case| check(&plugin, case.name(), Of::Case(case.clone()))));
        all.push(check(&plugin, WIT, Of::Wit));
        for (subject, request) in denied::requests(tested, &plugin) {
            let name = format!("without {request}");
            all.push(check(&plugin, &name, Of::Without(subject, request)));
        }
    }
    let broken = broken.into_iter().filter_map(|Found { plugin, name, case }| {
        let why = text(&failed(&case.err()?));
        Some(check(&plugin, &name, Of::Broken(why)))
    });
    all.extend(broken);
    all
}

fn text(failed: &Failed) -> String {
    failed.message().unwrap_or_default().to_owned()
}
