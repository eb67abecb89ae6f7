//! Runs the cases of a project, for all verbs that do so.

use plugwright::Host;
use plugwright_contract::Prettify;
use plugwright_contract::cases::Documents;
use plugwright_test::{Project, ProjectError, Runner};

/// Returns the tests of the project, with the support of the contract of documents: documents as cases, and host
/// functions that answer imports where a script does not.
pub(crate) fn runner(project: Project, host: Host) -> Result<Runner, ProjectError> {
    let runner = Runner::with_host(project, host)?;
    Ok(runner.answered_unless_scripted_by::<Prettify>(|_| ()).form(Documents))
}
