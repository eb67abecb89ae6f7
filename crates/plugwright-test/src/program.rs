//! The main function of a project's test program.

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

/// Tests the plugins of the project that contains the current folder. Takes the arguments of the process, as
/// `cargo test` passes them. The cases are [scripts](crate::Script), which answer what the plugins import.
pub fn run() -> ExitCode {
    run_by(|project| Ok(Runner::new(project)?))
}

/// Tests the plugins as [`run`] does, but for plugins of the world `W` the application's own host functions answer what
/// they import. `data` makes the data of the host functions for each run of a case.
pub fn run_with<W: World>(data: impl Fn(&Case) -> W::Data + Send + Sync + 'static) -> ExitCode {
    run_by(|project| Ok(Runner::new(project)?.answered_by::<W>(data)))
}

/// Tests the plugins of the project that contains the current folder, with the runner that `runner` makes.
///
/// If the environment does not have `INSTA_WORKSPACE_ROOT`, the program restarts with this variable before it calls
/// `runner`.
pub fn run_by(
    runner: impl FnOnce(Project) -> Result<Runner, Box<dyn Error + Send + Sync>>,
) -> ExitCode {
    try_run(runner).unwrap_or_else(|error| {
        // If this fails, there is no way left to report it.
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
