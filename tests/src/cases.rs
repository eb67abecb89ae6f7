//! This project's cases and their outcomes.

use std::fs;
use std::path::Path;

use plugwright::{Dist, Unverified};
use plugwright_contract::Prettify;
use plugwright_contract::cases::Documents;
use plugwright_test::{Calls, CallsOf, Case, Forms, Outcome, Project, Subject};

use crate::paths::{host, root};

/// Returns this project.
pub fn project() -> Project {
    Project::at(root())
}

/// Returns the forms of this project's cases. The host's own functions answer the imports of plugins of the
/// world `prettify`.
pub fn forms() -> Forms {
    Forms::none().with(CallsOf::<Prettify>::new(|_| ())).with(Calls).with(Documents)
}

/// Returns all cases of the current plugins, sorted by plugin and name.
///
/// # Panics
///
/// As [`cases_in`].
pub fn cases() -> Vec<Case> {
    cases_in(&project().cases_folder())
}

/// Returns all cases in `folder`, which has a folder for each plugin, sorted by plugin and name.
///
/// # Panics
///
/// If the folder cannot be read, or a front file is invalid.
pub fn cases_in(folder: &Path) -> Vec<Case> {
    let found = Case::read_all(folder).unwrap_or_else(|error| panic!("{error}"));
    let cases = found.into_iter().map(|found| found.case.unwrap_or_else(|it| panic!("{it:?}")));
    cases.collect()
}

/// Returns the plugin `bytes` under the name `name`, for use in cases.
///
/// # Panics
///
/// If `bytes` is not a plugin.
pub fn subject(name: &str, bytes: &[u8]) -> Subject {
    let plugin = Unverified::new(name.to_owned(), bytes.to_owned());
    Subject::new(plugin, &host(), &forms()).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs the case with its plugin in `dist`, and returns the outcome.
///
/// # Panics
///
/// If the case cannot be run.
pub fn outcome(case: &Case, dist: &Dist) -> Outcome {
    let bytes = dist.read(case.plugin()).unwrap_or_else(|error| panic!("{error}"));
    let loaded = subject(case.plugin(), &bytes).load(case);
    loaded.and_then(|it| it.run()).unwrap_or_else(|error| panic!("{error:?}"))
}

/// Returns the expected outcome of the case: the text of its snapshot.
///
/// # Panics
///
/// If the case has no snapshot.
pub fn known(case: &Case) -> String {
    let path = root().join(project().snapshot_path(case.plugin(), case.name()));
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read `{}`: {error}", path.display()));
    // The part before the second line of hyphens says where the snapshot is from.
    let text = text.splitn(3, "---\n").nth(2);
    text.unwrap_or_else(|| panic!("`{}` is not a snapshot", path.display())).to_owned()
}
