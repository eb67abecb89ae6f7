//! The tools that every build needs, and whether their versions are those that the project pins.

use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, Result};
use plugwright::{FileKind, ForeignText};

use super::program::version_of;
use crate::log;

/// The list of tools. Each line has a name and a version, followed by words that other programs read.
pub(crate) const LIST: &str = ".config/tools";

const KIND: FileKind = FileKind::new("list of tools", 1 << 20);

/// Checks that the tools are available, and warns if a version is not the project's. `builder` compiles the project's
/// crates, if it has any.
///
/// # Errors
///
/// Names the tool that cannot be run, and the command that installs it.
pub(crate) fn look(builder: Option<&str>) -> Result<()> {
    warn("wasm-tools", &version_of("wasm-tools", &["--version"])?);
    let Some(tool) = builder.and_then(tool_of) else { return Ok(()) };
    let name = format!("cargo-{tool}");
    let version = version_of("cargo", &[tool, "--version"]).with_context(|| {
        let at = version(&name).map_or_else(String::new, |version| format!("@{version}"));
        ForeignText::from(format!(
            "cannot run `cargo {tool}`: run `cargo install --locked {name}{at}`, or put `./dev` before the command, or \
             use plain cargo with `--builder build`"
        ))
    })?;
    warn(&name, &version);
    Ok(())
}

/// Returns the cargo subcommand that is installed separately: `component` for `component build`.
pub(crate) fn tool_of(builder: &str) -> Option<&str> {
    builder.trim().strip_suffix(" build").map(str::trim).filter(|tool| !tool.contains(' '))
}

fn warn(name: &str, found: &str) {
    let Some(said) = version(name).filter(|said| said != found) else { return };
    let yellow: Style = AnsiColor::Yellow.on_default().bold();
    let said = ForeignText::from(said);
    let warning = format!(
        "{yellow}warn:{yellow:#} `{name}` on the PATH has version {}, but `{LIST}` asks for {said}: run `cargo install \
         --locked {name}@{said}`, or put `./dev` before the command\n",
        ForeignText::from(found)
    );
    log::show_text(&warning);
}

/// Returns the version of the tool that the project pins, if it pins one.
fn version(name: &str) -> Option<String> {
    // A missing list, or one in another format, pins nothing.
    let list = KIND.read_text(LIST).ok()?;
    list.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some(name)).then(|| words.next().map(str::to_owned))?
    })
}
