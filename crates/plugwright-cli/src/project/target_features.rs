//! The WebAssembly features that a crate's manifest enables for the compiler.

use std::path::Path;

use anyhow::{Result, anyhow};
use plugwright::{ForeignText, TomlError, read_toml};
use serde::Deserialize;

use super::build_table::MANIFEST;

/// The target features that a plugin is compiled with, in addition to the target's defaults.
pub(crate) struct TargetFeatures(Vec<String>);

/// An example of each key, for error messages.
const FORMS: &[&str] = &[r#"target-features = ["simd128"]"#];

/// A manifest. Other code reads everything but this key.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Manifest {
    #[serde(default)]
    target_features: Vec<String>,
}

impl TargetFeatures {
    /// Reads the features from a crate's manifest. A crate without a manifest has none.
    ///
    /// # Errors
    ///
    /// Fails if the manifest cannot be read, or a name is not that of a feature.
    pub(crate) fn read(manifest: &Path) -> Result<Self> {
        // If this check fails, reading the manifest fails too, and that error says why.
        if manifest.try_exists().is_ok_and(|exists| !exists) {
            return Ok(Self(Vec::new()));
        }
        let shown = ForeignText::of_path(manifest);
        let text = MANIFEST.read_text(manifest)?;
        let Manifest { target_features } =
            read_toml(&text, FORMS).map_err(|TomlError { line, message, .. }| {
                anyhow!("`{shown}`, line {line}: `target-features` is not valid: {message}")
            })?;
        let is_name = |name: &str| {
            let is_part = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
            name.starts_with(|it: char| it.is_ascii_lowercase()) && name.chars().all(is_part)
        };
        match target_features.iter().find(|name| !is_name(name)) {
            None => Ok(Self(target_features)),
            Some(wrong) => Err(anyhow!(
                "`{shown}`: `{}` is not the name of a target feature, such as `simd128`",
                ForeignText::from(&**wrong)
            )),
        }
    }

    /// Returns the compiler flags, as items of a TOML list.
    pub(crate) fn flags(&self) -> String {
        self.0.iter().map(|name| format!("\"-Ctarget-feature=+{name}\",")).collect()
    }
}
