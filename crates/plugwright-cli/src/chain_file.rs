//! A pipeline file: a chain of plugins in TOML.
//!
//! ```toml
//! [[stage]]
//! plugin = "csv-json"
//! options = { lines = true, delimiter = ";" }
//! grants = ["folder=templates:/templates"]
//! limits = ["deadline=2s"]
//! ```

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use plugwright::{FileKind, ForeignText, Grant, Limit, Limits, TomlError, read_toml};
use plugwright_contract::Setting;
use serde::de::{Deserialize, Deserializer, Error};
use toml::Spanned;

/// The most stages of a chain. Each stage has an instance for each file in progress.
pub const MOST_STAGES: usize = 1000;

const PIPELINE: FileKind = FileKind::new("pipeline", 1 << 20);

/// A stage of a chain of plugins, as the user wrote it.
#[derive(Debug, Default)]
pub struct Stage {
    /// The plugin, as a name or a file.
    pub plugin: OsString,
    /// Its options.
    pub options: Vec<Setting>,
    /// The grants of the plugin.
    pub grants: Vec<Grant>,
    /// The limits of the plugin, in the form of `--limit`.
    pub limits: Vec<String>,
    /// The folder that paths are relative to.
    pub folder: PathBuf,
    /// The place of the stage in the pipeline file, for errors. Absent for a stage of the command line.
    pub place: Option<String>,
}

impl Stage {
    /// Creates a stage of the command line, which has only a plugin.
    pub fn of(plugin: &OsStr) -> Self {
        Self { plugin: plugin.to_owned(), ..Self::default() }
    }
}

/// Reads the stages in the file `file`. Paths in it are relative to its folder.
///
/// # Errors
///
/// Fails if the file cannot be read, or with the line that is wrong.
pub fn read(file: &Path) -> Result<Vec<Stage>> {
    parse(&PIPELINE.read_text(file)?, file)
}

/// Parses the stages in `text`, the content of the file `file`.
///
/// # Errors
///
/// Fails with the line that is wrong.
pub fn parse(text: &str, file: &Path) -> Result<Vec<Stage>> {
    let shown = ForeignText::of_path(file);
    let Pipeline { stages } = read_toml(text, FORMS)
        .map_err(|TomlError { line, message, .. }| anyhow!("`{shown}`, line {line}: {message}"))?;
    if stages.is_empty() {
        return Err(anyhow!(
            "`{shown}` has no stages: start each with a line `[[stage]]` and a line `plugin = \"NAME\"`"
        ));
    }
    if stages.len() > MOST_STAGES {
        return Err(anyhow!(
            "`{shown}` has {} stages, more than the limit of {MOST_STAGES}: split it into several pipelines",
            stages.len()
        ));
    }
    // The stages are in the order of the file, so lines are counted from one stage to the next.
    let (mut number, mut counted): (usize, usize) = (1, 0);
    let mut place = |span: Range<usize>| {
        let between = text.get(counted..span.start).unwrap_or_default();
        number = number.saturating_add(between.matches('\n').count());
        counted = span.start;
        format!("`{shown}`, line {number}")
    };
    let stage = |Entry { plugin, options, grants, limits }| Stage {
        place: Some(place(plugin.span())),
        plugin: plugin.into_inner().into(),
        options: options.iter().map(|(key, value)| Setting::new(key, value.to_string())).collect(),
        grants,
        limits,
        folder: file.parent().unwrap_or(Path::new("")).to_owned(),
    };
    Ok(stages.into_iter().map(stage).collect())
}

/// Examples of the valid lines, for errors.
const FORMS: &[&str] = &[
    "[[stage]]",
    r#"plugin = "markdown""#,
    "options = { unsafe-html = true }",
    r#"grants = ["folder=templates"]"#,
    r#"limits = ["deadline=2s"]"#,
];

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Pipeline {
    #[serde(default, rename = "stage")]
    stages: Vec<Entry>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Entry {
    plugin: Spanned<String>,
    #[serde(default)]
    options: BTreeMap<String, Value>,
    #[serde(default, deserialize_with = "grants")]
    grants: Vec<Grant>,
    #[serde(default, deserialize_with = "limits")]
    limits: Vec<String>,
}

/// The value of an option.
#[derive(serde::Deserialize)]
#[serde(
    untagged,
    expecting = "the value of an option must be a string, `true`, `false` or a number"
)]
enum Value {
    Text(String),
    Boolean(bool),
    Integer(i64),
    Number(f64),
}

fn grants<'de, D: Deserializer<'de>>(texts: D) -> Result<Vec<Grant>, D::Error> {
    let texts = Vec::<String>::deserialize(texts)?.into_iter();
    let grants = texts.map(|text| {
        text.parse().map_err(|error| {
            D::Error::custom(format!("the grant `{:.200}`: {error}", ForeignText::from(&*text)))
        })
    });
    grants.collect()
}

fn limits<'de, D: Deserializer<'de>>(texts: D) -> Result<Vec<String>, D::Error> {
    let texts = Vec::<String>::deserialize(texts)?;
    for text in &texts {
        let wrong = |why: &dyn fmt::Display| {
            D::Error::custom(format!("the limit `{:.200}`: {why}", ForeignText::from(&**text)))
        };
        let limits = Limits::none().with_text(text).map_err(|error| wrong(&error))?;
        if limits.get(Limit::Stack).is_some() {
            return Err(wrong(&"all stages share one stack size: set it with `--limit stack=…`"));
        }
    }
    Ok(texts)
}

/// Writes the value as the text that the plugin gets.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Boolean(boolean) => write!(f, "{boolean}"),
            Self::Integer(integer) => write!(f, "{integer}"),
            Self::Number(number) => write!(f, "{number:?}"),
        }
    }
}
