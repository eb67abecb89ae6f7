//! This project's cases, and what comes out of them.

use std::fs;
use std::path::Path;

use plugwright::{Dist, Unverified};
use plugwright_contract::Prettify;
use plugwright_contract::cases::Documents;
use plugwright_test::{Calls, CallsOf, Case, Forms, Outcome, Project, Subject};

use crate::paths::{host, root};

/// This project.
pub fn project() -> Project {
    Project::at(root())
}

/// The forms of its cases. What plugins of the world `prettify` import is answered by the host's own functions.
pub fn forms() -> Forms {
    Forms::none().with(CallsOf::<Prettify>::new(|_| ())).with(Calls).with(Documents)
}

/// All cases of today's plugins, sorted by plugin and name.
///
/// # Panics
///
/// As [`cases_in`].
pub fn cases() -> Vec<Case> {
    cases_in(&project().cases_folder())
}

/// All cases in `folder`, which has a folder for each plugin, sorted by plugin and name.
///
/// # Panics
///
/// If the folder of cases cannot be read, or a front file is not one.
pub fn cases_in(folder: &Path) -> Vec<Case> {
    let found = Case::read_all(folder).unwrap_or_else(|error| panic!("{error}"));
    let cases = found.into_iter().map(|found| found.case.unwrap_or_else(|it| panic!("{it:?}")));
    cases.collect()
}

/// The plugin `bytes` under the name `name`, for cases.
///
/// # Panics
///
/// If it is none.
pub fn subject(name: &str, bytes: &[u8]) -> Subject {
    let plugin = Unverified::new(name.to_owned(), bytes.to_owned());
    Subject::new(plugin, &host(), &forms()).unwrap_or_else(|error| panic!("{error}"))
}

/// What comes out of the case in its plugin of `dist`.
///
/// # Panics
///
/// If it cannot be run.
pub fn outcome(case: &Case, dist: &Dist) -> Outcome {
    let bytes = dist.read(case.plugin()).unwrap_or_else(|error| panic!("{error}"));
    let loaded = subject(case.plugin(), &bytes).load(case);
    loaded.and_then(|it| it.run()).unwrap_or_else(|error| panic!("{error:?}"))
}

/// What is known to come out of the case: the snapshot's text.
///
/// # Panics
///
/// If there is none.
pub fn known(case: &Case) -> String {
    let path = root().join(project().snapshot_path(case.plugin(), case.name()));
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read `{}`: {error}", path.display()));
    // What is above the second line of hyphens says where the snapshot is from.
    let text = text.splitn(3, "---\n").nth(2);
    text.unwrap_or_else(|| panic!("`{}` is no snapshot", path.display())).to_owned()
}
