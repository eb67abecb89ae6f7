//! What a crate's manifest says of the instructions that it is compiled to.

use std::path::Path;

use anyhow::{Result, anyhow};
use plugwright::{ForeignText, TomlError, read_toml};
use serde::Deserialize;

use super::build_table::MANIFEST;

/// The features of the compiler's target that a plugin is compiled with, beside those that it has anyway.
pub(crate) struct TargetFeatures(Vec<String>);

/// How what is in it is written.
const FORMS: &[&str] = &[r#"target-features = ["simd128"]"#];

/// A manifest, of which all but this key is for others to read.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Manifest {
    #[serde(default)]
    target_features: Vec<String>,
}

impl TargetFeatures {
    /// Reads them from the manifest of a crate. Without a manifest there are none.
    ///
    /// # Errors
    ///
    /// Says that the manifest cannot be read, or that a name is none.
    pub(crate) fn read(manifest: &Path) -> Result<Self> {
        // One that cannot be looked at is told when it is read.
        if manifest.try_exists().is_ok_and(|exists| !exists) {
            return Ok(Self(Vec::new()));
        }
        let shown = ForeignText::of_path(manifest);
        let text = MANIFEST.read_text(manifest)?;
        let Manifest { target_features } =
            read_toml(&text, FORMS).map_err(|TomlError { line, message, .. }| {
                anyhow!("`{shown}`, line {line}, does not say what it is compiled to: {message}")
            })?;
        let is_name = |name: &str| {
            let is_part = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
            name.starts_with(|it: char| it.is_ascii_lowercase()) && name.chars().all(is_part)
        };
        match target_features.iter().find(|name| !is_name(name)) {
            None => Ok(Self(target_features)),
            Some(wrong) => Err(anyhow!(
                "`{shown}`: `{}` is no name of a feature, such as `simd128`",
                ForeignText::from(&**wrong)
            )),
        }
    }

    /// Flags of the compiler, as items of a list of TOML.
    pub(crate) fn flags(&self) -> String {
        self.0.iter().map(|name| format!("\"-Ctarget-feature=+{name}\",")).collect()
    }
}
