//! The table `build` of a plugin's manifest: how a plugin in another language than Rust is built.

use std::path::Path;

use anyhow::{Result, anyhow};
use plugwright::{FileKind, ForeignText, TomlError, read_toml};
use serde::Deserialize;

use super::plugin::Plugin;

/// The manifest of a plugin as people write it, `plugin.toml`.
pub(crate) const MANIFEST: FileKind = FileKind::new("manifest", 1 << 20);

/// What the table `build` of a manifest says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BuildTable {
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
    build: Option<BuildTable>,
}

impl BuildTable {
    /// How the plugin is built, which is no crate.
    ///
    /// # Errors
    ///
    /// Says that its manifest cannot be read, or does not say so.
    pub(crate) fn of(plugin: &Plugin) -> Result<Self> {
        let manifest = plugin.manifest();
        if !manifest.exists() {
            return Err(anyhow!(
                "`{}` has neither a `plugin.toml` nor a `Cargo.toml`: if it is no plugin, put it elsewhere",
                ForeignText::of_path(&plugin.folder)
            ));
        }
        Self::read(&manifest)?.ok_or_else(|| {
            anyhow!(
                "`{}` does not say how the plugin is built: it needs a table `[build]`, with `language`, `version`, \
                 `command`, `tools` and `reproducible`, or a `Cargo.toml` beside it",
                ForeignText::of_path(&manifest)
            )
        })
    }

    /// Reads how the plugin with this manifest is built; absent if it does not say so.
    pub(crate) fn read(manifest: &Path) -> Result<Option<Self>> {
        let shown = ForeignText::of_path(manifest);
        let text = MANIFEST.read_text(manifest)?;
        let Manifest { build } =
            read_toml(&text, FORMS).map_err(|TomlError { line, message, .. }| {
                anyhow!("`{shown}`, line {line}, does not say how it is built: {message}")
            })?;
        let Some(table) = build else { return Ok(None) };
        let lines = [&table.language, &table.version, &table.command];
        if lines
            .into_iter()
            .chain(&table.tools)
            .any(|text| text.trim().is_empty() || text.contains('\n'))
        {
            return Err(anyhow!(
                "`{shown}`: each text of `[build]` is one line that says something"
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
                "`{shown}`: the tool `{}` is no name and version, such as `zig 0.17.1`",
                ForeignText::from(&**tool)
            ));
        }
        Ok(Some(table))
    }
}
