//! The programs that build plugins, their output and their versions.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, anyhow};

/// The programs that the pipeline needs, and how to get them.
const TOOLS: [(&str, &str); 4] = [
    ("cargo", "install Rust (https://rustup.rs), or put `./dev` before the command"),
    ("rustc", "install Rust (https://rustup.rs), or put `./dev` before the command"),
    ("wasm-tools", "run `cargo install --locked wasm-tools`, or put `./dev` before the command"),
    ("bash", "install it, because it runs the builds of plugins in other languages"),
];

/// Explains why the program cannot be run, and how to get it if it is missing.
pub(crate) fn not_there(error: io::Error, program: &OsStr) -> anyhow::Error {
    let get = TOOLS.iter().find(|(name, _)| program == *name);
    match get {
        Some((_, get)) if error.kind() == ErrorKind::NotFound => {
            anyhow!("it is not on the PATH: {get}")
        }
        _ => error.into(),
    }
}

/// Runs `program` and returns its standard output. If it fails, the error has its standard error.
pub(crate) fn output_of(program: &str, arguments: &[&str]) -> Result<String> {
    let shown = || format!("`{program} {}`", arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_there(error, program.as_ref()))
        .with_context(|| format!("cannot run {}", shown()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(anyhow!("{} failed: {}", shown(), said.trim_end()));
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("cannot read the output of {}", shown()))
}

/// Returns the version in the first line of output, such as `wasm-tools 1.255.0`.
pub(crate) fn version_of(program: &str, arguments: &[&str]) -> Result<String> {
    let shown = output_of(program, arguments)?;
    let version = shown.split_whitespace().nth(1);
    Ok(version.with_context(|| format!("`{program}` does not print its version"))?.to_owned())
}
