//! The program that a project's tests are.

use std::env;
use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode};

use libtest_mimic::Arguments;
use plugwright::World;

use crate::case::Case;
use crate::case_error::told;
use crate::project::{Project, ProjectError};
use crate::runner::Runner;

/// What says to insta which folder paths in snapshots begin at. Without it, insta asks cargo for the folder of this very
/// crate's sources, and not of those of the project.
const WORKSPACE: &str = "INSTA_WORKSPACE_ROOT";

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
        return Ok(anew(project.folder()).map_err(ProjectError::Restart)?);
    }
    let arguments = Arguments::from_args();
    Ok(runner(project)?.run(&arguments)?.exit_code())
}

/// Starts this program anew, with `folder` as that of the project: a process does not change its own environment, which
/// other threads may be reading.
fn anew(folder: &Path) -> io::Result<ExitCode> {
    let mut command = Command::new(env::current_exe()?);
    command.args(env::args_os().skip(1)).env(WORKSPACE, folder);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        // It comes back only if it fails.
        Err(command.exec())
    }
    #[cfg(not(unix))]
    {
        let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
    }
}
