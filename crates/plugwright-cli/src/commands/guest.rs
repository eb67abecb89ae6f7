//! `plugwright guest`: how a plugin in another language than Rust is built, for the pipeline.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::{Args, ValueHint};
use plugwright::{FileKind, ForeignText, TomlError, read_toml};
use serde::Deserialize;

use crate::exit::{self, Failed};
use crate::output;

/// The manifest of a plugin as people write it, `plugin.toml`.
pub(crate) const MANIFEST: FileKind = FileKind::new("manifest", 1 << 20);

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The manifest, `plugin.toml`
    #[arg(value_name = "MANIFEST", value_hint = ValueHint::FilePath)]
    manifest: PathBuf,
}

/// What the table `build` of a manifest says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Guest {
    /// The language, as people write it.
    pub(crate) language: String,
    /// The plugin's version.
    pub(crate) version: String,
    /// What compiles it, in the folder of the manifest.
    pub(crate) command: String,
    /// The commands that it needs, each a name and a version.
    #[serde(default)]
    pub(crate) tools: Vec<String>,
    /// The plugin whose cases it has to pass, if it has none of its own.
    #[serde(rename = "reference")]
    _reference: Option<String>,
    /// Whether the same sources make the same bytes anywhere.
    pub(crate) reproducible: bool,
}

/// How what is in it is written.
const FORMS: &[&str] = &[
    "[build]",
    r#"language = "Zig""#,
    r#"version = "0.1.0""#,
    r#"command = "zig build""#,
    r#"tools = ["zig 0.17.1"]"#,
    r#"reference = "count""#,
    "reproducible = true",
];

/// A manifest, of which all but the table `build` is for others to read.
#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "build")]
    guest: Option<Guest>,
}

impl Guest {
    /// Reads how the plugin with this manifest is built; absent if it does not say so.
    pub(crate) fn read(manifest: &Path) -> Result<Option<Self>> {
        let shown = ForeignText::of_path(manifest);
        let text = MANIFEST.read_text(manifest)?;
        let Manifest { guest } =
            read_toml(&text, FORMS).map_err(|TomlError { line, message, .. }| {
                anyhow!("`{shown}`, line {line}, does not say how it is built: {message}")
            })?;
        let Some(guest) = guest else { return Ok(None) };
        let lines = [&guest.language, &guest.version, &guest.command];
        if lines
            .into_iter()
            .chain(&guest.tools)
            .any(|text| text.trim().is_empty() || text.contains('\n'))
        {
            return Err(anyhow!(
                "`{shown}`: each text of `[build]` is one line that says something"
            ));
        }
        if let Some(tool) = guest.tools.iter().find(|tool| tool.split(' ').count() != 2) {
            return Err(anyhow!(
                "`{shown}`: the tool `{}` is no name and version, such as `zig 0.17.1`",
                ForeignText::from(&**tool)
            ));
        }
        Ok(Some(guest))
    }
}

pub(crate) fn guest(Arguments { manifest }: &Arguments) -> Result<(), Failed> {
    let none = || {
        anyhow!(
            "`{}` does not say how the plugin is built: it needs a table `[build]`, as those in tests/languages/ have",
            ForeignText::of_path(manifest)
        )
    };
    let read = Guest::read(manifest).and_then(|guest| guest.ok_or_else(none));
    let Guest { language, version, command, tools, reproducible, .. } = read.map_err(exit::load)?;
    let mut lines = format!("language {language}\nversion {version}\ncommand {command}\n");
    lines.extend(tools.iter().map(|tool| format!("tool {tool}\n")));
    lines += &format!("reproducible {reproducible}\n");
    output::tell(&lines).map_err(exit::usage)
}
