//! The tools that each build takes, and whether they are of the versions that a project says it is built with.

use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, Result};
use plugwright::{FileKind, ForeignText};

use super::program::version_of;
use crate::log;

/// The list of tools, a line each: its name, its version, and what is for others to read.
pub(crate) const LIST: &str = ".config/tools";

const KIND: FileKind = FileKind::new("list of tools", 1 << 20);

/// Makes sure that the tools are there, and warns of those whose versions are others than the project's. Crates are
/// compiled by `builder`, if there are any.
///
/// # Errors
///
/// Says which one cannot be run, and what to type.
pub(crate) fn look(builder: Option<&str>) -> Result<()> {
    warn("wasm-tools", &version_of("wasm-tools", &["--version"])?);
    let Some(tool) = builder.and_then(tool_of) else { return Ok(()) };
    let name = format!("cargo-{tool}");
    let version = version_of("cargo", &[tool, "--version"]).with_context(|| {
        let at = version(&name).map_or_else(String::new, |version| format!("@{version}"));
        ForeignText::from(format!(
            "`cargo {tool}` cannot be run: type `cargo install --locked {name}{at}`, or the command after `./dev`, or \
             take plain cargo with `--builder build`"
        ))
    })?;
    warn(&name, &version);
    Ok(())
}

/// The tool of cargo's that is not part of it: `component` of `component build`.
pub(crate) fn tool_of(builder: &str) -> Option<&str> {
    builder.trim().strip_suffix(" build").map(str::trim).filter(|tool| !tool.contains(' '))
}

fn warn(name: &str, found: &str) {
    let Some(said) = version(name).filter(|said| said != found) else { return };
    let yellow: Style = AnsiColor::Yellow.on_default().bold();
    let said = ForeignText::from(said);
    let warning = format!(
        "{yellow}warn:{yellow:#} `{name}` on the PATH is of version {}, and `{LIST}` says {said}: type `cargo install \
         --locked {name}@{said}`, or the command after `./dev`\n",
        ForeignText::from(found)
    );
    log::show_text(&warning);
}

/// The version of the tool that the project says it is built with, if it does.
fn version(name: &str) -> Option<String> {
    // Without the list, or with one of another form, nothing is said.
    let list = KIND.read_text(LIST).ok()?;
    list.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some(name)).then(|| words.next().map(str::to_owned))?
    })
}
