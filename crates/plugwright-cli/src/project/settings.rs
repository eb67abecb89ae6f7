//! What `plugwright.toml` says.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use plugwright::{ForeignText, TomlError, read_toml};
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::Group;
use super::pattern::Pattern;

/// The settings of a project.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) wit: PathBuf,
    pub(super) dist: PathBuf,
    pub(super) profile: String,
    pub(super) builder: String,
    pub(super) world: Option<String>,
    pub(super) groups: Vec<Group>,
    pub(super) templates: BTreeMap<String, Vec<PathBuf>>,
}

/// How what is in it is written.
const FORMS: &[&str] = &[
    r#"wit = "wit""#,
    r#"plugins = ["plugins/*"]"#,
    r#"dist = "dist""#,
    r#"profile = "plugin""#,
    r#"builder = "component build""#,
    r#"world = "plugin""#,
    "[templates]",
    r#"rust = "templates/rust""#,
    "[[group]]",
    r#"folder = "examples""#,
];

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    wit: Option<Folder>,
    dist: Option<Folder>,
    profile: Option<Profile>,
    builder: Option<Builder>,
    world: Option<String>,
    plugins: Option<Vec<Pattern>>,
    #[serde(default)]
    templates: BTreeMap<String, Folders>,
    #[serde(default, rename = "group")]
    groups: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    plugins: Vec<Pattern>,
    wit: Option<String>,
    folder: Option<Below>,
}

/// A folder, from that of the project.
#[derive(Deserialize)]
#[serde(transparent)]
struct Folder(PathBuf);

/// A folder below another one.
struct Below(PathBuf);

/// The name of a profile of cargo.
struct Profile(String);

/// Words after `cargo`.
struct Builder(String);

/// One folder or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "it is a folder, or a list of them")]
enum Folders {
    One(PathBuf),
    Several(Vec<PathBuf>),
}

impl Settings {
    /// Reads the settings in `text`.
    ///
    /// # Errors
    ///
    /// Says in which line something is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, TomlError> {
        let File { wit, dist, profile, builder, world, plugins, templates, groups } =
            read_toml(text, FORMS)?;
        let main = Group {
            plugins: plugins.unwrap_or_else(Pattern::defaults),
            wit: None,
            folder: PathBuf::new(),
        };
        let others = groups.into_iter().map(|Entry { plugins, wit, folder }| Group {
            plugins,
            wit,
            folder: folder.map_or_else(PathBuf::new, |it| it.0),
        });
        let several = |(key, folders)| match folders {
            Folders::One(folder) => (key, vec![folder]),
            Folders::Several(folders) => (key, folders),
        };
        Ok(Self {
            wit: wit.map_or_else(|| "wit".into(), |it| it.0),
            dist: dist.map_or_else(|| "dist".into(), |it| it.0),
            profile: profile.map_or_else(|| "plugin".to_owned(), |it| it.0),
            builder: builder.map_or_else(|| "component build".to_owned(), |it| it.0),
            world,
            groups: [main].into_iter().chain(others).collect(),
            templates: templates.into_iter().map(several).collect(),
        })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            wit: "wit".into(),
            dist: "dist".into(),
            profile: "plugin".to_owned(),
            builder: "component build".to_owned(),
            world: None,
            groups: vec![Group { plugins: Pattern::defaults(), wit: None, folder: PathBuf::new() }],
            templates: BTreeMap::new(),
        }
    }
}

impl<'de> Deserialize<'de> for Below {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let path = PathBuf::deserialize(text)?;
        let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
        match is_below && path != Path::new("") {
            true => Ok(Self(path)),
            false => Err(D::Error::custom(format!(
                "`{}` is no folder in that of built plugins",
                ForeignText::of_path(&path)
            ))),
        }
    }
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let is_name = |name: &str| {
            !name.is_empty()
                && name.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-".contains(&it))
        };
        checked(text, is_name, "the name of a profile of cargo, such as `plugin`").map(Self)
    }
}

impl<'de> Deserialize<'de> for Builder {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let says = |words: &str| !words.trim().is_empty() && !words.contains('\n');
        checked(text, says, "words after `cargo`, such as `component build`").map(Self)
    }
}

fn checked<'de, D: Deserializer<'de>>(
    text: D,
    is_good: impl Fn(&str) -> bool,
    what: &str,
) -> Result<String, D::Error> {
    let text = String::deserialize(text)?;
    match is_good(&text) {
        true => Ok(text),
        false => Err(D::Error::custom(format!("`{}` is not {what}", ForeignText::from(text)))),
    }
}
