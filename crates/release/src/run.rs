//! Runs other programs.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context as _, Result, bail};

/// Reports the current step on standard error.
pub(crate) fn say(what: &str) {
    // A step that cannot be reported is no reason to stop.
    let _ = writeln!(io::stderr(), "release: {what}");
}

/// Runs the program, and returns its standard output.
///
/// # Errors
///
/// Contains its standard error if it fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let Output { status, stdout, stderr } =
        command.output().with_context(|| cannot_run(command))?;
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        let said = said.trim_end().trim_start_matches("error: ");
        // A program may fail without a word.
        let why = if said.is_empty() { &*status.to_string() } else { said };
        bail!("{} failed: {why}", shown(command));
    }
    String::from_utf8(stdout).with_context(|| format!("{} did not write text", shown(command)))
}

/// The cargo that runs this program, in the folder `root`.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    cargo
}

/// The system that the compiler makes programs for, such as `x86_64-unknown-linux-gnu`.
///
/// # Errors
///
/// Contains the error of the compiler.
pub(crate) fn host(root: &Path) -> Result<String> {
    let said = output(Command::new("rustc").args(["--print", "host-tuple"]).current_dir(root))?;
    Ok(said.trim_end().to_owned())
}

/// Runs the program and shows its output on standard error, because standard output is for the result.
///
/// # Errors
///
/// Names the program that failed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.stdout(io::stderr()).status().with_context(|| cannot_run(command))?;
    if !status.success() {
        bail!("{} failed: see its output above", shown(command));
    }
    Ok(())
}

fn cannot_run(command: &Command) -> String {
    format!("cannot run `{}`: put `./dev` in front of the command", command.get_program().display())
}

/// The program and its first arguments, for an error message.
fn shown(command: &Command) -> String {
    let words: Vec<_> = command.get_args().take(2).map(|it| it.to_string_lossy()).collect();
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    format!("`{} {}`", name.display(), words.join(" "))
}
