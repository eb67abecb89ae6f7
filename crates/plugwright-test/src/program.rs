//! The program that a project's tests are.

use std::env;
use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use libtest_mimic::Arguments;
use plugwright::World;

use crate::anew::{WORKSPACE, anew};
use crate::case::Case;
use crate::case_error::told;
use crate::project::{Project, ProjectError};
use crate::runner::Runner;

/// Tests the plugins of the project that the current folder is in, with the arguments of the process, which are those of
/// `cargo test`. Cases are [scripts](crate::Script), which answer what the plugins import.
pub fn run() -> ExitCode {
    run_by(|project| Ok(Runner::new(project)?))
}

/// Tests the plugins as [`run`] does; what those of the world `W` import is answered by the application's own host
/// functions, with the data that `data` gives for each run of a case.
pub fn run_with<W: World>(data: impl Fn(&Case) -> W::Data + Send + Sync + 'static) -> ExitCode {
    run_by(|project| Ok(Runner::new(project)?.answered_by::<W>(data)))
}

/// Tests the plugins of the project that the current folder is in, by the runner that `runner` gives for it.
///
/// Unless the environment has `INSTA_WORKSPACE_ROOT`, the program is started anew with it, before `runner` is called.
pub fn run_by(
    runner: impl FnOnce(Project) -> Result<Runner, Box<dyn Error + Send + Sync>>,
) -> ExitCode {
    try_run(runner).unwrap_or_else(|error| {
        // Nobody is there to tell if this fails.
        let _ = writeln!(io::stderr(), "error: {}", told(&*error));
        ExitCode::from(2)
    })
}

fn try_run(
    runner: impl FnOnce(Project) -> Result<Runner, Box<dyn Error + Send + Sync>>,
) -> Result<ExitCode, Box<dyn Error + Send + Sync>> {
    let project = Project::find()?;
    if env::var_os(WORKSPACE).is_none() {
        let variables = [(WORKSPACE, project.folder().as_os_str())];
        return Err(ProjectError::Restart(anew(&variables)).into());
    }
    let arguments = Arguments::from_args();
    Ok(runner(project)?.run(&arguments)?.exit_code())
}
