//! A plugin's manifest: its world, what it asks to be granted, what it stays within, and how large it may be.

#![warn(clippy::arithmetic_side_effects)]

use std::collections::BTreeSet;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize, Serializer};
use toml::Spanned;

use crate::admission::load_error::LoadError;
use crate::permission::limits::{Limit, Limits};
use crate::permission::requested_grant::RequestedGrant;
use crate::text::amount::{self, Unit};
use crate::text::foreign_text::brief;
use crate::text::toml_text::{TomlError, read_toml};

/// What a plugin declares of itself: `plugin.toml` beside its source, and a custom section of the component
/// that is built of it.
///
/// The file can have a table `build` as well, which says how a plugin in another language than Rust is built. It
/// is for the pipeline, and not looked at here.
///
/// It asks, and gives nothing: what the plugin gets is what it asks for *and* was granted, and its calls stay
/// within the stricter of its own limits and the host's. A component whose manifest is not true of it is
/// not loaded.
///
/// ```
/// # fn main() -> Result<(), plugwright::TomlError> {
/// let manifest = plugwright::Manifest::parse(
///     r#"
///     world = "transformer"
///     grants = ["folder=/templates"]
///     limits = ["memory=64MiB", "deadline=2s"]
///     budget = "900KiB"
///     "#,
/// )?;
/// assert_eq!(manifest.limits.get(plugwright::Limit::Memory), Some(64 << 20));
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The world that it implements: its name alone, or with its package and version. In a component that
    /// the pipeline built it is the whole name.
    pub world: String,
    /// What it asks to be granted.
    pub grants: BTreeSet<RequestedGrant>,
    /// What a call of it stays within; [`Limits::none`] for what it does not say.
    pub limits: Limits,
    /// How large the component may be, in bytes.
    pub budget: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    world: Spanned<String>,
    #[serde(default)]
    grants: Vec<Spanned<String>>,
    #[serde(default)]
    limits: Vec<Spanned<String>>,
    budget: Option<Spanned<String>>,
    /// How it is built, which is for who builds it.
    #[serde(default, rename = "build")]
    _build: Option<IgnoredAny>,
    /// What it is compiled to, if it is a crate: for who builds it, too.
    #[serde(default, rename = "target-features")]
    _target_features: Option<IgnoredAny>,
}

/// How what is in it is written.
const FORMS: &[&str] = &[
    r#"world = "transformer""#,
    r#"grants = ["folder=/templates"]"#,
    r#"limits = ["deadline=2s"]"#,
    r#"budget = "900KiB""#,
];

#[derive(Serialize)]
struct Written<'a> {
    world: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    grants: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    limits: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<String>,
}

impl Manifest {
    /// The name of the custom section that holds it.
    pub const SECTION: &str = "plugwright:manifest";

    /// More than this is not read from a component.
    const MOST: usize = 64 << 10;

    /// Reads a manifest from TOML.
    ///
    /// # Errors
    ///
    /// [`TomlError`] if it is not TOML, has a key or a value that means nothing, or asks for something
    /// twice.
    pub fn parse(text: &str) -> Result<Self, TomlError> {
        let Read { world, grants, limits, budget, .. } = read_toml(text, FORMS)?;
        let wrong = |item: &Spanned<String>, what: &str, why: &dyn std::fmt::Display| {
            let message = format!("the {what} `{}`: {why}", brief(item.get_ref()));
            TomlError::at(text, &item.span(), message)
        };
        if !is_name(world.get_ref()) {
            return Err(wrong(
                &world,
                "world",
                &"that is no name of a world, such as `transformer`",
            ));
        }
        let mut requests = BTreeSet::<RequestedGrant>::new();
        for item in &grants {
            let request: RequestedGrant =
                item.get_ref().parse().map_err(|error| wrong(item, "grant", &error))?;
            if request.is_asked_in(&requests) {
                return Err(wrong(item, "grant", &"it is asked for twice"));
            }
            requests.insert(request);
        }
        let mut all = Limits::none();
        for item in &limits {
            let one = Limits::none().with_text(item.get_ref());
            let one = one.map_err(|error| wrong(item, "limit", &error))?;
            let Some(limit) = Limit::ALL.iter().copied().find(|limit| one.get(*limit).is_some())
            else {
                return Err(wrong(
                    item,
                    "limit",
                    &"a plugin says what it stays within: leave it out",
                ));
            };
            if matches!(limit, Limit::Stack | Limit::Fuel | Limit::ComponentSize) {
                let why = "it is the same for all plugins of a host, which alone can set it";
                return Err(wrong(item, "limit", &why));
            }
            if all.get(limit).is_some() {
                return Err(wrong(item, "limit", &"it is set twice"));
            }
            all = all.strictest(one);
        }
        let budget = match budget {
            Some(item) => Some(
                amount::read(item.get_ref(), Unit::Bytes)
                    .map_err(|error| TomlError::at(text, &item.span(), error.to_string()))?,
            ),
            None => None,
        };
        Ok(Self { world: world.into_inner(), grants: requests, limits: all, budget })
    }

    /// The manifest as TOML, in its one normal form: sorted, amounts in their largest unit.
    pub fn to_toml(&self) -> String {
        #[expect(clippy::expect_used, reason = "lists and texts can be written")]
        toml::to_string(&self.written()).expect("lists and texts can be written")
    }

    /// Reads the manifest from the data of custom sections, if there is one.
    pub(crate) fn of(plugin: &str, sections: &[&[u8]]) -> Result<Option<Self>, LoadError> {
        let nowhere = |message: &str| TomlError { line: 1, column: 1, message: message.into() };
        let read = match sections {
            [] => return Ok(None),
            [data] if data.len() > Self::MOST => Err(nowhere("it is too long for a manifest")),
            [data] => match std::str::from_utf8(data) {
                Ok(text) => Self::parse(text),
                Err(_) => Err(nowhere("it is not UTF-8 text")),
            },
            _ => Err(nowhere("there is another one")),
        };
        let unreadable = |source| LoadError::Manifest { plugin: plugin.into(), source };
        read.map(Some).map_err(unreadable)
    }

    fn written(&self) -> Written<'_> {
        Written {
            world: &self.world,
            grants: self.grants.iter().map(ToString::to_string).collect(),
            limits: self.limits.texts().collect(),
            budget: self.budget.map(|bytes| amount::write(bytes, Unit::Bytes)),
        }
    }
}

impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.written().serialize(serializer)
    }
}

/// The longest name of a world, in bytes.
const LONGEST_WORLD: usize = 256;

/// Says whether it may be the name of a world: words of WIT, with a package and a version or not.
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-:/@.+".contains(c);
    text.len() <= LONGEST_WORLD
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(plain)
        && text
            .split_once('@')
            .is_none_or(|(_, version)| version.parse::<semver::Version>().is_ok())
}
