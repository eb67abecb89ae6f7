//! The programs that build plugins, and what they say of themselves.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, anyhow};

/// What `program` shows, which has to succeed. What it says on standard error is shown if it does not.
pub(crate) fn output_of(program: &str, arguments: &[&str]) -> Result<String> {
    let shown = || format!("`{program} {}`", arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
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
