//! A test for each case, and one for each plugin's WIT.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use libtest_mimic::{Failed, Trial};
use plugwright::ForeignText;

use crate::case::{Case, Found};
use crate::case_error::{CaseError, failed, told};
use crate::change::Changes;
use crate::mask::standard_library_masked;
use crate::project::Project;
use crate::subject::Plugins;

/// The name of the snapshot of a plugin's WIT.
pub(crate) const WIT: &str = "wit";

/// What all tests of a run share: the project and what is in it.
pub(crate) struct Tested {
    pub(crate) project: Project,
    pub(crate) plugins: Plugins,
    /// The cases that can be read.
    pub(crate) cases: Vec<Case>,
    /// The plugin and the name of each case, those that cannot be read included.
    pub(crate) names: BTreeSet<(String, String)>,
    /// The plugins that are tested, if it is not all of them.
    pub(crate) only: Option<Vec<String>>,
    /// What becomes of snapshots that changed, where that is not left to insta.
    pub(crate) changes: Option<Changes>,
    /// The plugins whose cases are run by others.
    pub(crate) elsewhere: Vec<String>,
}

/// Plugins that are opened when the first case of theirs runs, or why they cannot be.
pub(crate) type Later =
    Arc<LazyLock<Result<Plugins, String>, Box<dyn FnOnce() -> Result<Plugins, String> + Send>>>;

impl Tested {
    /// What is tested of these plugins, and the cases that cannot be read.
    pub(crate) fn new(
        project: Project,
        plugins: Plugins,
        elsewhere: Vec<String>,
        only: Option<Vec<String>>,
        changes: Option<Changes>,
    ) -> Result<(Self, Vec<Found>), CaseError> {
        let found = project.cases()?.into_iter();
        let found: Vec<_> =
            found.filter(|it| only.as_ref().is_none_or(|only| only.contains(&it.plugin))).collect();
        let names = found.iter().map(|it| (it.plugin.clone(), it.name.clone())).collect();
        let (mut cases, mut broken) = (Vec::new(), Vec::new());
        for found in found {
            match found.case {
                Ok(case) => cases.push(case),
                Err(_) => broken.push(found),
            }
        }
        Ok((Self { project, plugins, cases, names, only, changes, elsewhere }, broken))
    }

    /// The names of the plugins that are tested.
    pub(crate) fn plugins(&self) -> Vec<String> {
        let names = self.plugins.dist().plugins().iter().map(|entry| entry.name.clone());
        names.filter(|name| self.is_tested(name)).collect()
    }

    /// Says whether the plugin `name` is one of those that are to be tested, if it is there.
    pub(crate) fn is_tested(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|it| it == name))
    }

    /// The cases of the plugin `name`.
    pub(crate) fn cases_of(&self, name: &str) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(move |case| case.plugin() == name)
    }

    /// Compares the text with the snapshot `name` of the plugin.
    pub(crate) fn snapshot(
        &self,
        plugin: &str,
        name: &str,
        input: Option<&Path>,
        text: &str,
    ) -> Result<(), Failed> {
        match &self.changes {
            Some(changes) => changes.compare(&self.project, plugin, name, input, text),
            None => {
                let kept = self.project.snapshot(plugin, name, input, text);
                kept.map_err(|error| visible(&error).into())
            }
        }
    }

    /// What people type to look through snapshots that changed.
    pub(crate) fn review(&self) -> &'static str {
        if self.changes.is_some() { "plugwright test --review" } else { "cargo insta review" }
    }
}

/// The text with all written out that steers a terminal, which plugins and files can be full of.
pub(crate) fn visible(text: &str) -> String {
    let lines = text.split('\n').map(|line| ForeignText::from(line).whole().to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// The same in a single line: what names of plugins and files cannot be more than.
pub(crate) fn in_a_line(text: &str) -> String {
    ForeignText::from(text).whole().to_string()
}

/// A test for each case, in the plugins of the project, or in others.
pub(crate) fn of_cases(prefix: &str, tested: &Arc<Tested>, others: Option<&Later>) -> Vec<Trial> {
    let cases =
        tested.cases.iter().filter(|it| !tested.elsewhere.iter().any(|no| no == it.plugin()));
    let trial = |case: &Case| {
        let (tested, case, others) = (Arc::clone(tested), case.clone(), others.cloned());
        let name = in_a_line(&format!("{prefix}{}/{}", case.plugin(), case.name()));
        Trial::test(name, move || {
            let plugins = match &others {
                None => &tested.plugins,
                Some(others) => LazyLock::force(others).as_ref()?,
            };
            run(&tested, plugins, &case)
        })
    };
    cases.map(trial).collect()
}

/// A test that fails for a case that cannot be read.
pub(crate) fn of_broken(found: Found) -> Option<Trial> {
    let Found { plugin, name, case } = found;
    let error = failed(&case.err()?);
    Some(Trial::test(in_a_line(&format!("{plugin}/{name}")), || Err(error)))
}

fn run(tested: &Tested, plugins: &Plugins, case: &Case) -> Result<(), Failed> {
    let text = came_out(plugins, case)?;
    tested.snapshot(case.plugin(), case.name(), Some(&case.input()), &text)
}

/// What comes out of the case each time, if it is of the kind that the case expects.
pub(crate) fn came_out(plugins: &Plugins, case: &Case) -> Result<String, Failed> {
    let outcome = (|| {
        let loaded = plugins.subject(case.plugin())?.load(case)?;
        Ok((loaded.run()?, loaded.run()?, loaded.otherwise()?))
    })();
    let (outcome, again, otherwise) = outcome.map_err(|error| failed(&error))?;
    let others = [("the second run".to_owned(), again)].into_iter().chain(otherwise);
    for (what, other) in others {
        if other != outcome {
            let text = format!(
                "{what} came out otherwise than the first run. The first:\n{outcome}\nand {what}:\n{other}"
            );
            return Err(visible(&text).into());
        }
    }
    if let Some(expected) = case.expectation()
        && expected != outcome.kind()
    {
        let kind = outcome.kind();
        let text = format!("expected a {expected} and found a {kind}. What came out:\n{outcome}");
        return Err(visible(&text).into());
    }
    Ok(outcome.to_string())
}

/// A test for the WIT of each plugin.
pub(crate) fn of_wit(tested: &Arc<Tested>) -> Vec<Trial> {
    let trial = |name: String| {
        let tested = Arc::clone(tested);
        Trial::test(in_a_line(&format!("{name}/{WIT}")), move || {
            tested.snapshot(&name, WIT, None, &wit(&tested, &name)?)
        })
    };
    tested.plugins().into_iter().map(trial).collect()
}

/// The WIT of the plugin `name`.
pub(crate) fn wit(tested: &Tested, name: &str) -> Result<String, Failed> {
    let subject = tested.plugins.subject(name).map_err(|error| failed(&error))?;
    let wit = subject.candidate().wit().map_err(|error| told(&error))?;
    Ok(standard_library_masked(&wit))
}
