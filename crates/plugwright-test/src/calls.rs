//! Scripts as cases: runs a file `NAME.calls` with a plugin of any world.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plugwright::{Candidate, World};
use serde::Deserialize;

use crate::case::Case;
use crate::case_error::CaseError;
use crate::form::{Form, Loaded, Loading};
use crate::front::Expectation;
use crate::outcome::Outcome;
use crate::script::Script;
use crate::script::error::ScriptError;
use crate::script::statement::Statement;
use crate::script::transcript::{Ending, Transcript};

/// The form of cases that are [scripts](Script), for plugins of any world. The scripts answer what the plugin imports.
/// Every [`Runner`](crate::Runner) includes this form.
///
/// Paths of files in a script are relative to the script's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls;

/// The form of cases that are [scripts](Script), for plugins of the world `W`. The application's own host functions
/// answer what the plugin imports.
pub struct CallsOf<W: World> {
    data: Arc<Data<W>>,
    leaves_answered: bool,
}

type Data<W> = dyn Fn(&Case) -> <W as World>::Data + Send + Sync;

/// The keys of this form in a front file: there are none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {}

/// A script with its loaded plugin.
struct Ready<R> {
    script: Script,
    folder: PathBuf,
    path: PathBuf,
    run: R,
}

impl<W: World> CallsOf<W> {
    /// Makes the form with the host functions of `W`. `data` is called for each run of a case.
    pub fn new(data: impl Fn(&Case) -> W::Data + Send + Sync + 'static) -> Self {
        Self { data: Arc::new(data), leaves_answered: false }
    }

    /// Leaves scripts with `import` statements to the forms after this one. Otherwise such scripts are refused.
    #[must_use]
    pub fn leaving_answered(self) -> Self {
        Self { leaves_answered: true, ..self }
    }
}

impl Form for Calls {
    fn takes(&self, case: &Case, _: &Candidate<'_>) -> Result<bool, CaseError> {
        Ok(is_script(case))
    }

    fn load(&self, loading: &Loading<'_>) -> Result<Box<dyn Loaded>, CaseError> {
        let plugin = loading.once(|host, plugin| host.load_dynamic_candidate(plugin, &[]))?;
        let plugin = plugin.with_limits(&loading.limits);
        let plugin = plugin.map_err(|source| loading.no_limits(source))?;
        ready(loading.case, move |script, folder| script.run(&plugin, folder))
    }
}

impl<W: World> Form for CallsOf<W> {
    fn takes(&self, case: &Case, plugin: &Candidate<'_>) -> Result<bool, CaseError> {
        let leaves = || self.leaves_answered && answers_itself(case);
        Ok(is_script(case) && plugin.fits::<W>()? && !leaves())
    }

    fn load(&self, loading: &Loading<'_>) -> Result<Box<dyn Loaded>, CaseError> {
        let plugin = loading.once(|host, plugin| host.load_observed_as::<W>(plugin))?;
        let plugin = plugin.with_limits(&loading.limits);
        let plugin = plugin.map_err(|source| loading.no_limits(source))?;
        let (data, case) = (Arc::clone(&self.data), loading.case.clone());
        ready(loading.case, move |script, folder| {
            script.run_with(&plugin.with_data(data(&case)), folder)
        })
    }
}

/// The error for a script without statements, which would always pass.
const NOTHING: &str =
    "the script has no statement: add a call, such as `INTERFACE.FUNCTION(ARGUMENTS)`";

fn is_script(case: &Case) -> bool {
    case.input().extension().is_some_and(|extension| extension == "calls")
}

/// Returns whether the script of the case answers what its plugin imports. A script that cannot be read is reported
/// when it is run.
fn answers_itself(case: &Case) -> bool {
    let text = Script::FILE.read_text(case.input()).ok();
    let script = text.and_then(|text| Script::parse(&text).ok());
    script.is_some_and(|script| script.statements().iter().any(Statement::is_import))
}

/// Reads the script of the case, which `run` will run.
fn ready(
    case: &Case,
    run: impl Fn(&Script, &Path) -> Transcript + Send + Sync + 'static,
) -> Result<Box<dyn Loaded>, CaseError> {
    let Keys {} = case.keys(&[])?;
    let path = case.input();
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    let script = Script::parse(&Script::FILE.read_text(&path)?);
    let script = script.map_err(|source| CaseError::Script { path: path.clone(), source })?;
    if script.statements().is_empty() {
        let source = ScriptError::at("", 0, NOTHING.to_owned());
        return Err(CaseError::Script { path, source });
    }
    Ok(Box::new(Ready { script, folder, path, run }))
}

impl<R: Fn(&Script, &Path) -> Transcript + Send + Sync> Loaded for Ready<R> {
    fn run(&self) -> Result<Outcome, CaseError> {
        let transcript = (self.run)(&self.script, &self.folder);
        if let Some(source) = transcript.error() {
            return Err(CaseError::Script { path: self.path.clone(), source: source.clone() });
        }
        let kind = match transcript.ending() {
            Ending::Result => Expectation::Result,
            Ending::Failure => Expectation::Failure,
            Ending::Trap => Expectation::Trap,
            Ending::Limit => Expectation::Limit,
            Ending::Denied => {
                let last = transcript.entries().last().map_or("", |entry| &entry.text);
                return Err(CaseError::Call(last.into()));
            }
        };
        Ok(Outcome::transcript(kind, transcript.snapshot()))
    }
}
