//! A case: a file of input for one plugin, or a front file that says more.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use plugwright::{Dist, Grant, Grants, Limit, Limits, LoadError, Plugin, RequestedGrant, World};
use plugwright_contract::prelude::*;
use plugwright_contract::{
    AnyPlugin, Attribute, Document, Head, Person, Setting, Streamer, Transformer,
};
use serde::Deserialize;

use crate::paths::{folder_names, host, root};
use crate::plugins::{load, manifest};
use crate::{Outcome, outcome};

/// One case for one plugin: a file of input, or a front file, `NAME.case`.
#[derive(Debug, Clone)]
pub struct Case {
    /// The plugin's name: that of the folder.
    pub plugin: String,
    /// The case's name: that of the file.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    front: Front,
}

/// What a front file says, in TOML.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Front {
    /// The file of input, as seen from the front file.
    input: PathBuf,
    /// Where the input is from.
    #[serde(default, rename = "source")]
    _source: String,
    /// What the input is, if its name does not say it.
    media_type: Option<String>,
    /// What else is known of the input, each `KEY=VALUE`.
    #[serde(default)]
    attributes: Vec<String>,
    /// Options, each `KEY=VALUE`.
    #[serde(default)]
    options: Vec<String>,
    /// Grants, as `plugwright run --grant` takes them. Paths begin at the front file.
    #[serde(default)]
    grants: Vec<String>,
    /// Limits, as `plugwright run --limit` takes them.
    #[serde(default)]
    limits: Vec<String>,
    /// What is to come out, whatever the snapshot says.
    expect: Option<Expectation>,
}

/// What a case comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// The plugin gives something.
    Result,
    /// The plugin refuses, which is a failure of the contract.
    Failure,
    /// The call traps.
    Trap,
    /// The call goes beyond a limit.
    Limit,
}

/// All cases of today's plugins, sorted by plugin and name.
///
/// # Panics
///
/// As [`cases_in`].
pub fn cases() -> Vec<Case> {
    cases_in(&root().join("tests/cases"))
}

/// All cases in `folder`, which has a folder for each plugin, sorted by plugin and name.
///
/// # Panics
///
/// If the folder of cases cannot be read, or a front file is not one.
pub fn cases_in(folder: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for plugin in folder_names(folder) {
        for file in fs::read_dir(folder.join(&plugin)).into_iter().flatten().flatten() {
            // What is in folders is for the cases: more input, or what they grant.
            if file.path().is_file() {
                cases.push(Case::new(&plugin, file.path()));
            }
        }
    }
    cases.sort_by(|one, other| (&one.plugin, &one.name).cmp(&(&other.plugin, &other.name)));
    cases
}

impl Case {
    /// The case in the file `path`.
    ///
    /// # Panics
    ///
    /// If it is a front file that is none.
    pub fn new(plugin: &str, path: PathBuf) -> Self {
        let (plugin, name) = (plugin.to_owned(), file_name(&path));
        let front = match path.extension() {
            Some(extension) if extension == "case" => {
                let text = fs::read_to_string(&path).map_err(|error| error.to_string());
                text.and_then(|text| toml::from_str(&text).map_err(|error| error.to_string()))
                    .unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
            }
            _ => Front { input: path.clone(), ..Front::default() },
        };
        Self { plugin, name, path, front }
    }

    /// Loads the case's plugin from `dist`, with what the case grants, and no more than it allows.
    ///
    /// # Panics
    ///
    /// If it cannot be loaded, or the front file has a grant or limit that is none.
    pub fn load(&self, dist: &Dist) -> AnyPlugin {
        let limits = self.limits();
        let declared = manifest(dist, &self.plugin).limits;
        for &limit in Limit::ALL {
            let (here, there) = (limits.get(limit), declared.get(limit));
            assert!(
                here.is_none() || there.is_none() || here < there,
                "`{}`: the limit `{limit}` is no stricter than the one in the manifest of `{}`",
                self.path.display(),
                self.plugin
            );
        }
        let plugin = self.load_with(dist, &self.front.grants);
        self.with_limits(&plugin.unwrap_or_else(|error| panic!("{error}")), &limits)
    }

    /// Loads the case's plugin from `bytes`, with what the case allows; it grants nothing.
    ///
    /// # Panics
    ///
    /// As [`Case::load`].
    pub fn load_bytes(&self, bytes: &[u8]) -> AnyPlugin {
        assert!(self.front.grants.is_empty(), "`{}` grants something", self.path.display());
        let plugin = host().load_any_bytes(&self.plugin, bytes);
        self.with_limits(&plugin.unwrap_or_else(|error| panic!("{error}")), &self.limits())
    }

    fn limits(&self) -> Limits {
        let limits = self.front.limits.iter();
        limits.fold(Limits::none(), |limits, text| {
            let wrong = |error| panic!("`{}`: `{text}`: {error}", self.path.display());
            limits.with_text(text).unwrap_or_else(wrong)
        })
    }

    fn with_limits(&self, plugin: &AnyPlugin, limits: &Limits) -> AnyPlugin {
        let limited = plugin.with_limits(limits);
        limited.unwrap_or_else(|error| panic!("`{}`: {error}", self.path.display()))
    }

    /// Loads the case's plugin as [`Case::load`] does, but without the grant that `request` asks for; absent
    /// if the case does not grant it.
    ///
    /// # Errors
    ///
    /// What the host says of a plugin that it does not load without the grant.
    ///
    /// # Panics
    ///
    /// As [`Case::load`].
    pub fn load_denied(
        &self,
        dist: &Dist,
        request: &RequestedGrant,
    ) -> Option<Result<AnyPlugin, LoadError>> {
        let is_for = |text: &&String| text.parse().is_ok_and(|grant| request.is_for(&grant));
        let (denied, granted): (Vec<_>, Vec<_>) = self.front.grants.iter().partition(is_for);
        (!denied.is_empty()).then(|| self.load_with(dist, granted))
    }

    /// Loads the case's plugin with these of its grants, which the plugin has to ask for.
    fn load_with<'a>(
        &self,
        dist: &Dist,
        grants: impl IntoIterator<Item = &'a String>,
    ) -> Result<AnyPlugin, LoadError> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let wrong = |text: &str, error: &dyn fmt::Display| -> ! {
            panic!("`{}`: `{text}`: {error}", self.path.display())
        };
        let mut grants = grants.into_iter().peekable();
        if grants.peek().is_none() {
            return load(dist, &self.plugin);
        }
        let requests = manifest(dist, &self.plugin).grants;
        let grants = grants.fold(Grants::none(), |grants, text| {
            let grant: Grant = text.parse().unwrap_or_else(|error| wrong(text, &error));
            if !requests.iter().any(|request| request.is_for(&grant)) {
                wrong(
                    text,
                    &"the plugin does not ask for it: say so in its `plugin.toml`, or leave it out",
                );
            }
            grants.with(&grant, folder).unwrap_or_else(|error| wrong(text, &error))
        });
        let bytes = dist.read(&self.plugin).unwrap_or_else(|error| panic!("{error}"));
        host().with_grants(grants).load_any_bytes(&self.plugin, &bytes)
    }

    /// The same case for another plugin.
    pub fn of(&self, plugin: &str) -> Self {
        Self { plugin: plugin.to_owned(), ..self.clone() }
    }

    /// What is known to come out: the snapshot's text.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn snapshot(&self) -> String {
        let path = root().join(self.snapshot_path());
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("cannot read `{}`: {error}", path.display()));
        // What is above the second line of hyphens says where the snapshot is from.
        let text = text.splitn(3, "---\n").nth(2);
        text.unwrap_or_else(|| panic!("`{}` is no snapshot", path.display())).to_owned()
    }

    /// Where the snapshot is, from the project's folder.
    pub fn snapshot_path(&self) -> String {
        format!("tests/snapshots/{}/{}.snap", self.plugin, self.name)
    }

    /// What is to come out, if the case says it.
    pub fn expectation(&self) -> Option<Expectation> {
        self.front.expect
    }

    /// The file of input.
    pub fn input(&self) -> PathBuf {
        self.path.with_file_name(&self.front.input)
    }

    /// Runs the case and tells what came out of it.
    ///
    /// # Panics
    ///
    /// If the file of input cannot be read.
    pub fn run(&self, plugin: &AnyPlugin) -> Outcome {
        match plugin {
            AnyPlugin::Prettify(plugin) => {
                let document = self.document();
                let text = String::from_utf8_lossy(&document.body);
                if document.name.ends_with(".person") {
                    let mut lines = text.lines().map(str::to_owned);
                    let person = Person {
                        first_name: lines.next().unwrap_or_default(),
                        last_name: lines.next().unwrap_or_default(),
                    };
                    outcome::of(|| {
                        let replica = plugin.replica(&person)?;
                        assert_eq!(replica, person, "the plugin keeps another person");
                        plugin.greet(&person).map(Into::into)
                    })
                } else {
                    let words: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
                    outcome::of(|| plugin.prettify(&words).map(Into::into))
                }
            }
            AnyPlugin::Transformer(plugin) => self.transform(plugin),
            AnyPlugin::Streamer(plugin) => self.transform(plugin),
        }
    }

    /// Runs the case through a session, in pieces of the length `length`, and tells what came out of
    /// it.
    ///
    /// # Panics
    ///
    /// If the file cannot be read.
    pub fn run_in_pieces(&self, plugin: &Plugin<Streamer>, length: usize) -> Outcome {
        let options = self.options();
        let Document { name, media_type, body: whole, .. } = self.document();
        outcome::of(|| {
            let mut session = plugin.session(&Head::new(name, media_type), &options)?;
            let Head { name, media_type, .. } = session.head().clone();
            let mut body = Vec::new();
            for piece in whole.chunks(length) {
                body.extend(session.push(piece)?);
            }
            let (rest, head) = session.finish()?;
            assert_eq!((&name, &media_type), (&head.name, &head.media_type));
            body.extend(rest);
            Ok(head.with_body(body).into())
        })
    }

    fn transform<W: World<Data = ()> + AsRef<Transformer>>(&self, plugin: &Plugin<W>) -> Outcome {
        Outcome::of_transform(plugin, &self.document(), &self.options())
    }

    /// The document of input.
    ///
    /// # Panics
    ///
    /// If it cannot be read, or one of its attributes has no value.
    pub fn document(&self) -> Document {
        let input = self.input();
        let document = Document::from_file(&input)
            .unwrap_or_else(|error| panic!("cannot read `{}`: {error}", input.display()));
        let attributes = self.front.attributes.iter().map(|text| {
            let (key, value) = self.pair("attribute", text);
            Attribute { key: key.to_owned(), value: value.to_owned() }
        });
        let attributes = attributes.collect();
        let media_type = self.front.media_type.clone().unwrap_or(document.media_type);
        Document { media_type, attributes, ..document }
    }

    /// The options.
    ///
    /// # Panics
    ///
    /// If one of them has no value.
    pub fn options(&self) -> Vec<Setting> {
        let options = self.front.options.iter().map(|text| {
            let (key, value) = self.pair("option", text);
            Setting::new(key, value)
        });
        options.collect()
    }

    fn pair<'a>(&self, what: &str, text: &'a str) -> (&'a str, &'a str) {
        let none = || panic!("`{}`: the {what} `{text}` has no value", self.path.display());
        text.split_once('=').unwrap_or_else(none)
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
