//! The tests of cases and of the plugins' WIT.

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

/// The project and its contents, which all tests of a run share.
pub(crate) struct Tested {
    pub(crate) project: Project,
    pub(crate) plugins: Plugins,
    /// The cases that can be read.
    pub(crate) cases: Vec<Case>,
    /// The plugin and the name of each case, including cases that cannot be read.
    pub(crate) names: BTreeSet<(String, String)>,
    /// The plugins that are tested. Absent if all are.
    pub(crate) only: Option<Vec<String>>,
    /// The changed snapshots. Absent if insta handles them.
    pub(crate) changes: Option<Changes>,
    /// The plugins whose cases are run elsewhere.
    pub(crate) elsewhere: Vec<String>,
}

/// Plugins that are opened when their first case runs, or the error of opening them.
pub(crate) type Later =
    Arc<LazyLock<Result<Plugins, String>, Box<dyn FnOnce() -> Result<Plugins, String> + Send>>>;

impl Tested {
    /// Reads the cases of these plugins. Returns the readable cases with everything that tests share, and the broken
    /// cases.
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

    /// Returns the names of the plugins that are tested.
    pub(crate) fn plugins(&self) -> Vec<String> {
        let names = self.plugins.dist().plugins().iter().map(|entry| entry.name.clone());
        names.filter(|name| self.is_tested(name)).collect()
    }

    /// Returns whether the plugin `name` is to be tested, whether it exists or not.
    pub(crate) fn is_tested(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|it| it == name))
    }

    /// Returns the cases of the plugin `name`.
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

    /// Returns the command that people use to review changed snapshots.
    pub(crate) fn review(&self) -> &'static str {
        if self.changes.is_some() { "plugwright test --review" } else { "cargo insta review" }
    }
}

/// Escapes all control characters, which plugins and files may contain.
pub(crate) fn visible(text: &str) -> String {
    let lines = text.split('\n').map(|line| ForeignText::from(line).whole().to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// Escapes all control characters and line breaks. Names of plugins and files are shown in a single line.
pub(crate) fn in_a_line(text: &str) -> String {
    ForeignText::from(text).whole().to_string()
}

/// Returns a test for each case, with the plugins of the project or with `others`.
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

/// Returns a test that fails, for a case that cannot be read.
pub(crate) fn of_broken(found: Found) -> Option<Trial> {
    let Found { plugin, name, case } = found;
    let error = failed(&case.err()?);
    Some(Trial::test(in_a_line(&format!("{plugin}/{name}")), || Err(error)))
}

fn run(tested: &Tested, plugins: &Plugins, case: &Case) -> Result<(), Failed> {
    let text = came_out(plugins, case)?;
    tested.snapshot(case.plugin(), case.name(), Some(&case.input()), &text)
}

/// Returns the outcome of the case. Fails if its runs differ, or if the outcome is not of the expected kind.
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
                "{what} differs from the first run. The first run:\n{outcome}\nand {what}:\n{other}"
            );
            return Err(visible(&text).into());
        }
    }
    if let Some(expected) = case.expectation()
        && expected != outcome.kind()
    {
        let kind = outcome.kind();
        let text = format!("expected a {expected}, but found a {kind}. The outcome:\n{outcome}");
        return Err(visible(&text).into());
    }
    Ok(outcome.to_string())
}

/// Returns a test for the WIT of each plugin.
pub(crate) fn of_wit(tested: &Arc<Tested>) -> Vec<Trial> {
    let trial = |name: String| {
        let tested = Arc::clone(tested);
        Trial::test(in_a_line(&format!("{name}/{WIT}")), move || {
            tested.snapshot(&name, WIT, None, &wit(&tested, &name)?)
        })
    };
    tested.plugins().into_iter().map(trial).collect()
}

/// Returns the WIT of the plugin `name`.
pub(crate) fn wit(tested: &Tested, name: &str) -> Result<String, Failed> {
    let subject = tested.plugins.subject(name).map_err(|error| failed(&error))?;
    let wit = subject.candidate().wit().map_err(|error| told(&error))?;
    Ok(standard_library_masked(&wit))
}
