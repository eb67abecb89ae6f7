//! The programs that build plugins, and what they say of themselves.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, anyhow};

/// What the pipeline needs, and how it is had.
const TOOLS: [(&str, &str); 4] = [
    ("cargo", "install Rust (https://rustup.rs), or type the command after `./dev`"),
    ("rustc", "install Rust (https://rustup.rs), or type the command after `./dev`"),
    ("wasm-tools", "type `cargo install --locked wasm-tools`, or the command after `./dev`"),
    ("bash", "plugins in other languages are built by it: install it"),
];

/// The error of running the program, with what to type if it is not there.
pub(crate) fn not_there(error: io::Error, program: &OsStr) -> anyhow::Error {
    let get = TOOLS.iter().find(|(name, _)| program == *name);
    match get {
        Some((_, get)) if error.kind() == ErrorKind::NotFound => {
            anyhow!("it is not on the PATH: {get}")
        }
        _ => error.into(),
    }
}

/// What `program` shows, which has to succeed. What it says on standard error is shown if it does not.
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
    String::from_utf8(output.stdout).with_context(|| format!("what {} shows", shown()))
}

/// The version in the first line that `program --version` shows, as in `wasm-tools 1.255.0`.
pub(crate) fn version_of(program: &str, arguments: &[&str]) -> Result<String> {
    let shown = output_of(program, arguments)?;
    let version = shown.split_whitespace().nth(1);
    Ok(version.with_context(|| format!("`{program}` says no version"))?.to_owned())
}
