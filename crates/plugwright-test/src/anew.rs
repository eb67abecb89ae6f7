//! Restarts the test program with a changed environment.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::process::Command;

/// The variable that tells insta which folder the paths in snapshots are relative to. Without it, insta asks cargo for the
/// workspace of this crate's sources, not of the project's.
pub(crate) const WORKSPACE: &str = "INSTA_WORKSPACE_ROOT";

/// Restarts this program with these variables in its environment. A process must not change its own environment, because
/// other threads may be reading it. This function returns only if the restart fails.
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
