//! Plugins in languages other than Rust, which are compiled by the commands in their manifests.

use std::fs;
use std::path::{self, Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, anyhow};
use plugwright::{FileKind, ForeignText};

use super::run::{Run, Said, shell_line};
use super::{lock, tools};
use crate::begun::cannot_write;
use crate::output;
use crate::project::build_table::BuildTable;
use crate::project::plugin::Plugin;

/// An adapter that replaces WASI and refuses everything.
const DENY_ALL: &str = include_str!("deny-all.wat");

const ADAPTER: FileKind = FileKind::new("adapter", 1 << 20);

/// Environment variables that configure other builds and must not affect these.
const NOT_FOR_THESE: [&str; 12] = [
    "CC",
    "CXX",
    "AR",
    "CFLAGS",
    "CXXFLAGS",
    "CPPFLAGS",
    "LDFLAGS",
    "GOFLAGS",
    "GOROOT",
    "PYTHONPATH",
    "PYTHONHOME",
    "NODE_OPTIONS",
];

/// The result of compiling a plugin.
pub(crate) enum Compiled {
    /// The component.
    Component(PathBuf),
    /// The compiler failed and printed why.
    Failed,
    /// A tool is missing. The text says which.
    Missing(String),
}

/// Compiles the plugin in a folder of its own, `work`.
///
/// # Errors
///
/// Fails if a file cannot be read or written, or a program cannot be run.
pub(crate) fn compile(
    plugin: &Plugin,
    table: &BuildTable,
    work: &Path,
    run: Run,
    said: Said,
) -> Result<Compiled> {
    let search = match tools::path_with(&table.tools, &plugin.folder, run)? {
        Ok(search) => search,
        Err(missing) => return Ok(Compiled::Missing(missing)),
    };
    let (component, scratch) = (work.join("component.wasm"), work.join("scratch"));
    run.show(|| shell_line(["mkdir".as_ref(), "-p".as_ref(), scratch.as_os_str()]));
    fs::create_dir_all(&scratch).with_context(|| cannot_write(&scratch))?;
    let deny_all = lock::folder().join("deny-all.wat");
    if !ADAPTER.read(&deny_all).is_ok_and(|text| text == DENY_ALL.as_bytes()) {
        output::write_beside(&deny_all, DENY_ALL.as_bytes())?;
    }
    let mut command = Command::new("bash");
    command.args(["-c", &table.command]).current_dir(&plugin.folder);
    for name in NOT_FOR_THESE {
        command.env_remove(name);
    }
    command.env("PATH", search);
    command.envs([("PYTHONDONTWRITEBYTECODE", "1"), ("TZ", "UTC0"), ("LC_ALL", "C")]);
    let wit = &plugin.wit;
    for (name, path) in
        [("WIT", wit), ("COMPONENT", &component), ("SCRATCH", &scratch), ("DENY_ALL", &deny_all)]
    {
        command.env(name, path::absolute(path).context("cannot determine the current folder")?);
    }
    if !run.run(command, said)? {
        return Ok(Compiled::Failed);
    }
    if !component.is_file() {
        return Err(anyhow!(
            "`{}` wrote no component to $COMPONENT, which is `{}`",
            ForeignText::from(&*table.command),
            ForeignText::of_path(&component)
        ));
    }
    Ok(Compiled::Component(component))
}
