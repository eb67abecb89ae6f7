//! Runs the cases of the plugins for the report.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, anyhow};
use plugwright::HostBuilder;
use plugwright_report::{Case, Outcome};
use plugwright_test::{Check, Checked, Project, ProjectError, Verdict};

use super::told::{self, Places};
use crate::tested::runner;
use crate::{parallel, progress};

/// Returns the project whose cases test the plugins, or `None` if there is none.
pub(super) fn project(dist: &Path) -> Result<Option<Project>> {
    match Project::find() {
        Ok(project) => Ok(Some(project.with_dist(std::path::absolute(dist)?))),
        Err(ProjectError::NoCases { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The results of testing a plugin.
#[derive(Default)]
pub(super) struct Tested {
    pub(super) cases: Vec<Case>,
    /// Checks that are not cases.
    pub(super) checks: Vec<Case>,
}

/// Runs the cases of these plugins, and returns the results by plugin.
pub(super) fn run(
    project: Project,
    plugins: Vec<String>,
    host: HostBuilder,
    places: &Places,
) -> Result<BTreeMap<String, Tested>> {
    let host = host.limits(project.limits()).build()?;
    let runner = runner(project, host).map_err(|error| anyhow!("{error}"))?.only(plugins);
    let checks = runner.checks()?;
    // A plugin without cases here may have its tests elsewhere.
    let has_case =
        |check: &&Check| checks.iter().any(|it| it.is_case() && it.plugin() == check.plugin());
    let checks: Vec<_> = checks.iter().filter(has_case).collect();
    let run = || parallel::each(&checks, |check| check.run());
    let checked = progress::during("running the cases", run);
    let mut tested: BTreeMap<String, Tested> = BTreeMap::new();
    for (check, checked) in checks.into_iter().zip(checked) {
        let of_plugin = tested.entry(check.plugin().to_owned()).or_default();
        let among = if check.is_case() { &mut of_plugin.cases } else { &mut of_plugin.checks };
        among.push(case(check, checked, places));
    }
    Ok(tested)
}

fn case(check: &Check, Checked { came_out, verdict }: Checked, places: &Places) -> Case {
    let outcome = match verdict {
        Verdict::Same => Outcome::Same,
        Verdict::Changed(change) if change.is_new() => Outcome::New,
        Verdict::Changed(change) => {
            // Colours are for terminals. The first line names the snapshot, which has the name of the case.
            let shown = anstream::adapter::strip_str(&change.to_string()).to_string();
            Outcome::Differs(told::lines(shown.split_once('\n').map_or("", |(_, lines)| lines)))
        }
        Verdict::Failed(why) => Outcome::Failed(places.lines(&why)),
    };
    let came_out = came_out.map(|text| told::lines(&text));
    Case { name: places.line(check.name()), outcome, came_out }
}
