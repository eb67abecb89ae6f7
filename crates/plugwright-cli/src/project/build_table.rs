//! The `[build]` table of a plugin's manifest: how to build a plugin that is not written in Rust.

use std::path::Path;

use anyhow::{Result, anyhow};
use plugwright::{FileKind, ForeignText, TomlError, read_toml};
use serde::Deserialize;

use super::plugin::Plugin;

/// The manifest in a plugin's source folder, `plugin.toml`.
pub(crate) const MANIFEST: FileKind = FileKind::new("manifest", 1 << 20);

/// The contents of the `[build]` table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BuildTable {
    /// The display name of the language.
    pub(crate) language: String,
    /// The plugin's version.
    pub(crate) version: String,
    /// The command that compiles the plugin. It runs in the manifest's folder.
    pub(crate) command: String,
    /// The commands that the build needs, each as a name and a version.
    #[serde(default)]
    pub(crate) tools: Vec<String>,
    /// The plugin whose cases this one has to pass if it has no cases of its own.
    #[serde(rename = "reference")]
    _reference: Option<String>,
    /// Whether the same sources produce the same bytes on every machine.
    pub(crate) reproducible: bool,
}

/// An example of each key, for error messages.
const FORMS: &[&str] = &[
    "[build]",
    r#"language = "Zig""#,
    r#"version = "0.1.0""#,
    r#"command = "zig build""#,
    r#"tools = ["zig 0.17.1"]"#,
    r#"reference = "count""#,
    "reproducible = true",
];

/// A manifest. Other code reads everything but its `[build]` table.
#[derive(Deserialize)]
struct Manifest {
    build: Option<BuildTable>,
}

impl BuildTable {
    /// Returns how to build a plugin that is not a crate.
    ///
    /// # Errors
    ///
    /// Fails if the manifest cannot be read or has no `[build]` table.
    pub(crate) fn of(plugin: &Plugin) -> Result<Self> {
        let manifest = plugin.manifest();
        if !manifest.exists() {
            return Err(anyhow!(
                "`{}` has neither a `plugin.toml` nor a `Cargo.toml`: if it is not a plugin, move it elsewhere",
                ForeignText::of_path(&plugin.folder)
            ));
        }
        Self::read(&manifest)?.ok_or_else(|| {
            anyhow!(
                "`{}` does not say how to build the plugin: add a `[build]` table with `language`, `version`, \
                 `command`, `tools` and `reproducible`, or put a `Cargo.toml` beside it",
                ForeignText::of_path(&manifest)
            )
        })
    }

    /// Reads the manifest's `[build]` table. Returns `None` if there is no such table.
    pub(crate) fn read(manifest: &Path) -> Result<Option<Self>> {
        let shown = ForeignText::of_path(manifest);
        let text = MANIFEST.read_text(manifest)?;
        let Manifest { build } =
            read_toml(&text, FORMS).map_err(|TomlError { line, message, .. }| {
                anyhow!("`{shown}`, line {line}: the `[build]` table is not valid: {message}")
            })?;
        let Some(table) = build else { return Ok(None) };
        let lines = [&table.language, &table.version, &table.command];
        if lines
            .into_iter()
            .chain(&table.tools)
            .any(|text| text.trim().is_empty() || text.contains('\n'))
        {
            return Err(anyhow!(
                "`{shown}`: each text in `[build]` has to be a single line that is not empty"
            ));
        }
        let is_tool = |tool: &str| {
            let mut words = tool.split(' ');
            let (name, version) = (words.next(), words.next());
            name.is_some_and(|it| !it.is_empty() && !it.contains('/'))
                && version.is_some_and(|it| !it.is_empty())
                && words.next().is_none()
        };
        if let Some(tool) = table.tools.iter().find(|tool| !is_tool(tool)) {
            return Err(anyhow!(
                "`{shown}`: the tool `{}` is not a name and a version, such as `zig 0.17.1`",
                ForeignText::from(&**tool)
            ));
        }
        Ok(Some(table))
    }
}
