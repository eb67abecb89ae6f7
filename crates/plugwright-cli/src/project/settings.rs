//! The settings in `plugwright.toml`.

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

/// The subfolders of `dist` that every project has, whose names a group cannot take.
const OF_PLUGINS: [&str; 2] = ["symbols", "contracts"];

/// An example of each key, for error messages.
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
    "default = true",
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
    wit: Option<FolderOf>,
    folder: Option<Below>,
    default: Option<bool>,
}

/// A folder, relative to the project's folder.
struct Folder(PathBuf);

/// A folder whose path has a `*` for the name of a plugin.
struct FolderOf(String);

/// A folder below another one.
struct Below(PathBuf);

/// The name of a cargo profile.
struct Profile(String);

/// The words after `cargo` in the command that builds crates.
struct Builder(String);

/// One folder or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "it has to be a folder or a list of folders")]
enum Folders {
    One(Folder),
    Several(Vec<Folder>),
}

impl Settings {
    /// Reads the settings in `text`.
    ///
    /// # Errors
    ///
    /// Names the line that is not valid.
    pub(super) fn parse(text: &str) -> Result<Self, TomlError> {
        read_toml(text, FORMS).map(Self::of)
    }

    /// Fills in the defaults for keys that the file does not have.
    fn of(File { wit, dist, profile, builder, world, plugins, templates, groups }: File) -> Self {
        let main = Group {
            plugins: plugins.unwrap_or_else(Pattern::defaults),
            wit: None,
            folder: PathBuf::new(),
            is_default: true,
        };
        let others = groups.into_iter().map(|Entry { plugins, wit, folder, default }| Group {
            plugins,
            wit: wit.map(|it| it.0),
            folder: folder.map_or_else(PathBuf::new, |it| it.0),
            is_default: default.unwrap_or(true),
        });
        let several = |(key, folders)| match folders {
            Folders::One(folder) => (key, vec![folder.0]),
            Folders::Several(folders) => (key, folders.into_iter().map(|it| it.0).collect()),
        };
        Self {
            wit: wit.map_or_else(|| "wit".into(), |it| it.0),
            dist: dist.map_or_else(|| "dist".into(), |it| it.0),
            profile: profile.map_or_else(|| "plugin".to_owned(), |it| it.0),
            builder: builder.map_or_else(|| "component build".to_owned(), |it| it.0),
            world,
            groups: [main].into_iter().chain(others).collect(),
            templates: templates.into_iter().map(several).collect(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(File::default())
    }
}

impl<'de> Deserialize<'de> for Folder {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        checked(text, |path| !path.is_empty(), "a folder: the project's own folder is `.`")
            .map(|path| Self(path.into()))
    }
}

impl<'de> Deserialize<'de> for FolderOf {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let is_one = |path: &str| !path.is_empty() && path.matches('*').count() <= 1;
        checked(text, is_one, "a folder, with at most one `*` for the name of a plugin").map(Self)
    }
}

impl<'de> Deserialize<'de> for Below {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let path = PathBuf::deserialize(text)?;
        let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
        let refuse = |what: &str| {
            Err(D::Error::custom(format!("`{}` is {what}", ForeignText::of_path(&path))))
        };
        if !is_below || path == Path::new("") {
            return refuse("not a subfolder of the folder of built plugins");
        }
        if path.iter().any(|part| OF_PLUGINS.iter().any(|own| part == *own)) {
            return refuse("a folder that Plugwright uses itself: choose another name");
        }
        Ok(Self(path))
    }
}

impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        String::deserialize(text).and_then(|text| profile(text).map_err(D::Error::custom)).map(Self)
    }
}

impl<'de> Deserialize<'de> for Builder {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        String::deserialize(text).and_then(|text| builder(text).map_err(D::Error::custom)).map(Self)
    }
}

/// Returns the text if it is the name of a cargo profile.
///
/// # Errors
///
/// Fails if it is not.
pub(crate) fn profile(text: String) -> Result<String, String> {
    let is_name = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-".contains(&it));
    match is_name {
        true => Ok(text),
        false => Err(is_not(text, "the name of a cargo profile, such as `plugin`")),
    }
}

/// Returns the text if it is a subcommand for `cargo`.
///
/// # Errors
///
/// Fails if it is empty or has several lines.
pub(crate) fn builder(text: String) -> Result<String, String> {
    match !text.trim().is_empty() && !text.contains('\n') {
        true => Ok(text),
        false => Err(is_not(text, "a subcommand for `cargo`, such as `component build`")),
    }
}

fn is_not(text: String, what: &str) -> String {
    format!("`{}` is not {what}", ForeignText::from(text))
}

fn checked<'de, D: Deserializer<'de>>(
    text: D,
    is_good: impl Fn(&str) -> bool,
    what: &str,
) -> Result<String, D::Error> {
    let text = String::deserialize(text)?;
    match is_good(&text) {
        true => Ok(text),
        false => Err(D::Error::custom(is_not(text, what))),
    }
}
