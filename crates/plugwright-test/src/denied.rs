//! Tests of denied grants: for each grant that a plugin asks for, one of its cases is run without the grant.

use std::path::PathBuf;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use plugwright::RequestedGrant;

use crate::case::Case;
use crate::case_error::{CaseError, failed};
use crate::mask::wasi_versions_masked;
use crate::subject::Subject;
use crate::trial::{Tested, in_a_line};

/// Returns the tests of the plugin `name`.
pub(crate) fn of_plugin(tested: &Arc<Tested>, name: &str) -> Vec<Trial> {
    let trial = |(subject, request): (Arc<Subject>, RequestedGrant)| {
        let tested = Arc::clone(tested);
        let label = in_a_line(&format!("{name}/without {request}"));
        Trial::test(label, move || run(&tested, &subject, &request))
    };
    requests(tested, name).into_iter().map(trial).collect()
}

/// Returns the grants that the plugin `name` asks for.
pub(crate) fn requests(tested: &Tested, name: &str) -> Vec<(Arc<Subject>, RequestedGrant)> {
    // If the plugin cannot be read, all its other tests report that.
    let Ok(subject) = tested.plugins.subject(name) else { return Vec::new() };
    let requests = subject.candidate().manifest().map(|manifest| manifest.grants.clone());
    let requests = requests.unwrap_or_default().into_iter();
    requests.map(|request| (Arc::clone(&subject), request)).collect()
}

/// Returns the name of the snapshot of a case without the grant.
pub(crate) fn snapshot_name(request: &RequestedGrant) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("without {request}").chars().map(plain).collect()
}

/// Finds the first case that has another outcome without the grant, and compares this outcome with its snapshot.
fn run(tested: &Tested, subject: &Subject, request: &RequestedGrant) -> Result<(), Failed> {
    let (input, text) = came_out(tested, subject, request)?;
    let plugin = subject.candidate().name();
    tested.snapshot(plugin, &snapshot_name(request), Some(&input), &text)
}

/// Finds the first case that has another outcome without the grant. Returns its input and this outcome.
pub(crate) fn came_out(
    tested: &Tested,
    subject: &Subject,
    request: &RequestedGrant,
) -> Result<(PathBuf, String), Failed> {
    let plugin = subject.candidate().name();
    for case in tested.cases_of(plugin) {
        let differs = differs(subject, case, request).map_err(|error| failed(&error))?;
        if let Some(denied) = differs {
            let text = format!("{} without {request}\n{denied}", in_a_line(case.name()));
            return Ok((case.input(), text));
        }
    }
    let plugin = in_a_line(plugin);
    Err(format!(
        "no case of `{plugin}` needs the grant `{request}`: add a case that does, or remove the grant from the plugin's \
         `plugin.toml`"
    )
    .into())
}

/// Returns the outcome of the case without the grant, if it differs from that with the grant.
fn differs(
    subject: &Subject,
    case: &Case,
    request: &RequestedGrant,
) -> Result<Option<String>, CaseError> {
    let denied = match subject.load_denied(case, request) {
        None => return Ok(None),
        Some(Ok(loaded)) => loaded.run()?.to_string(),
        Some(Err(CaseError::Load(error))) => {
            format!("not loaded: {}\n", wasi_versions_masked(&error.to_string()))
        }
        Some(Err(error)) => return Err(error),
    };
    let granted = subject.load(case)?.run()?.to_string();
    Ok((denied != granted).then_some(denied))
}
