//! A plugin's manifest: its world, the grants that it asks for, its limits, and its maximum size.

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

/// What a plugin declares: the file `plugin.toml` beside its source, and a custom section of the component that is
/// built from it.
///
/// The file can also have a table `build`, which says how a plugin in a language other than Rust is built. Only the
/// pipeline reads it.
///
/// A manifest only asks, it grants nothing: the plugin gets what it asks for *and* was granted, and the stricter of
/// its own limits and the host's applies. A component that does not match its manifest is not loaded.
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
    /// The world that the plugin implements: its name alone, or with its package and version. In a component that the
    /// pipeline built, this is the full name.
    pub world: String,
    /// The grants that the plugin asks for.
    pub grants: BTreeSet<RequestedGrant>,
    /// The limits of a call. A limit that the manifest does not set is unlimited, as in [`Limits::none`].
    pub limits: Limits,
    /// The maximum size of the component, in bytes.
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
    /// How the plugin is built. Only the pipeline reads it.
    #[serde(default, rename = "build")]
    _build: Option<IgnoredAny>,
    /// The target features that a crate is compiled with. Only the pipeline reads them.
    #[serde(default, rename = "target-features")]
    _target_features: Option<IgnoredAny>,
}

/// Examples of what a manifest contains, for errors.
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
    /// The name of the custom section that holds the manifest.
    pub const SECTION: &str = "plugwright:manifest";

    /// The most bytes of a manifest that are read from a component.
    const MOST: usize = 64 << 10;

    /// Reads a manifest from TOML.
    ///
    /// # Errors
    ///
    /// [`TomlError`] if the text is not TOML, has an unknown key or an invalid value, or asks for something
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
                &"it is not the name of a world, such as `transformer`",
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
                    &"a manifest can set a limit, but not lift one: remove it",
                ));
            };
            if matches!(limit, Limit::Stack | Limit::Fuel | Limit::ComponentSize) {
                let why = "it is the same for all plugins of a host, and only the host can set it";
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

    /// Returns the manifest as TOML, in its normal form: sorted, with amounts in the largest unit that fits.
    pub fn to_toml(&self) -> String {
        #[expect(clippy::expect_used, reason = "lists and texts can be written")]
        toml::to_string(&self.written()).expect("lists and texts can be written")
    }

    /// Reads the manifest from the data of the custom sections `sections`, if there is one.
    pub(crate) fn of(plugin: &str, sections: &[&[u8]]) -> Result<Option<Self>, LoadError> {
        let nowhere = |message: &str| TomlError { line: 1, column: 1, message: message.into() };
        let read = match sections {
            [] => return Ok(None),
            [data] if data.len() > Self::MOST => Err(nowhere("it is too long for a manifest")),
            [data] => match std::str::from_utf8(data) {
                Ok(text) => Self::parse(text),
                Err(_) => Err(nowhere("it is not UTF-8 text")),
            },
            _ => Err(nowhere("there is more than one manifest")),
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

/// The most bytes of the name of a world.
const LONGEST_WORLD: usize = 256;

/// Says whether `text` may be the name of a world: words of WIT, with or without a package and a version.
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-:/@.+".contains(c);
    text.len() <= LONGEST_WORLD
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(plain)
        && text
            .split_once('@')
            .is_none_or(|(_, version)| version.parse::<semver::Version>().is_ok())
}
