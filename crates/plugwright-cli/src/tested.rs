//! How the cases of a project are run, by whatever verb.

use plugwright::Host;
use plugwright_contract::Prettify;
use plugwright_contract::cases::Documents;
use plugwright_test::{Project, ProjectError, Runner};

/// The tests of the project, with what the contract of documents has for them: its documents, and its host functions, which
/// answer its plugins where a script does not.
pub(crate) fn runner(project: Project, host: Host) -> Result<Runner, ProjectError> {
    let runner = Runner::with_host(project, host)?;
    Ok(runner.answered_unless_scripted_by::<Prettify>(|_| ()).form(Documents))
}
