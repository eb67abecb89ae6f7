//! A program that starts itself anew, with another environment.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::process::Command;

/// What says to insta which folder paths in snapshots begin at. Without it, insta asks cargo for the folder of this very
/// crate's sources, and not of those of the project.
pub(crate) const WORKSPACE: &str = "INSTA_WORKSPACE_ROOT";

/// Starts this program anew with these variables in its environment, which a process does not change of itself, since
/// other threads may be reading it. It comes back only if that fails.
pub(crate) fn anew(variables: &[(&str, &OsStr)]) -> io::Error {
    let mut command = match env::current_exe() {
        Ok(program) => Command::new(program),
        Err(error) => return error,
    };
    command.args(env::args_os().skip(1)).envs(variables.iter().copied());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        command.exec()
    }
    #[cfg(not(unix))]
    {
        match command.status() {
            Ok(status) => std::process::exit(status.code().unwrap_or(1)),
            Err(error) => error,
        }
    }
}
