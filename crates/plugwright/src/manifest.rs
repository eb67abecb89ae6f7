//! A plugin's manifest: its world, what it asks to be granted, what it stays within, and how large it may be.

#![warn(clippy::arithmetic_side_effects)]

use std::collections::BTreeSet;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize, Serializer};
use toml::Spanned;
use wasm_encoder::{ComponentSection as _, CustomSection};
use wasmparser::{BinaryReader, BinaryReaderError};

use crate::amount::{self, Unit};
use crate::candidate::{Candidate, on_stack};
use crate::contract::WorldType;
use crate::doctor;
use crate::foreign_text::brief;
use crate::inspect::Surface;
use crate::wasi::{self, Offer};
use crate::world::Known;
use crate::{
    ForeignText, Grants, Limit, Limits, LoadError, Mismatch, Request, TomlError, read_toml,
};

/// What a plugin declares of itself: `plugin.toml` beside its source, and a custom section of the component
/// that is built of it.
///
/// The file can have a table `guest` as well, which says how a plugin in another language than Rust is built. It
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
    pub grants: BTreeSet<Request>,
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
    #[serde(default, rename = "guest")]
    _guest: Option<IgnoredAny>,
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
        let mut requests = BTreeSet::<Request>::new();
        for item in &grants {
            let request: Request =
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

    /// The component `plugin` with this manifest in it, in the place of any that it had, once it is known to be
    /// true of it. The world is one of `known`, and its name becomes the whole one.
    ///
    /// # Errors
    ///
    /// [`LoadError::UnknownWorld`] if the world is none of those, or two of them have its name. [`LoadError::Untrue`] says
    /// each thing that the component is not, or needs and does not ask for, and [`LoadError::Contract`] which type is
    /// another one than in the contract. Before that,
    /// [`LoadError::Structure`] and [`LoadError::Damaged`] are what [`Candidate::inspect`] says of the component, and
    /// [`LoadError::Thread`] that the system gives no thread to look into it on.
    pub fn embed(&self, plugin: &Candidate<'_>, known: &[WorldType]) -> Result<Vec<u8>, LoadError> {
        plugin.validate()?;
        let (name, surface) = (plugin.name(), plugin.surface());
        let declared: Vec<_> = known.iter().filter(|world| world.is_called(&self.world)).collect();
        let packages: BTreeSet<_> = declared.iter().map(|world| world.package_name()).collect();
        if packages.len() != 1 {
            let of = if declared.is_empty() { known.iter().collect() } else { declared };
            let worlds: BTreeSet<_> = of.into_iter().map(|it| it.name().to_owned()).collect();
            return Err(LoadError::UnknownWorld {
                plugin: name.into(),
                declared: (&*self.world).into(),
                is_ambiguous: !packages.is_empty(),
                known: worlds.into_iter().map(ForeignText::from).collect(),
            });
        }
        self.check(name, surface, known)?;
        let world = declared.into_iter().find(|world| surface.exports_all_of(world));
        if let Some(world) = world {
            on_stack(name, || doctor::compare_types(plugin, world, &Known::of_type(world, known)))?;
        }
        let world = world.map_or(&*self.world, WorldType::name).to_owned();
        let whole = Self { world, ..self.clone() };
        let mut component = without(Self::SECTION, plugin.bytes())
            .map_err(|error| LoadError::damaged(name, &error))?;
        let (name, data) = (Self::SECTION.into(), whole.to_toml().into_bytes().into());
        CustomSection { name, data }.append_to_component(&mut component);
        Ok(component)
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

    /// Refuses a manifest that is not true of the component.
    pub(crate) fn check<'w>(
        &self,
        plugin: &str,
        surface: &Surface,
        known: impl IntoIterator<Item = &'w WorldType, IntoIter: Clone>,
    ) -> Result<(), LoadError> {
        let mismatches = self.mismatches(surface, known);
        if mismatches.is_empty() {
            return Ok(());
        }
        Err(LoadError::Untrue { plugin: plugin.into(), mismatches })
    }

    /// What is not true of the component, as far as worlds are known: of one that is not, nothing is said.
    pub(crate) fn mismatches<'w>(
        &self,
        surface: &Surface,
        known: impl IntoIterator<Item = &'w WorldType, IntoIter: Clone>,
    ) -> Vec<Mismatch> {
        let known = known.into_iter();
        let mut declared = known.clone().filter(|world| world.is_called(&self.world)).peekable();
        let mut mismatches = Vec::new();
        if declared.peek().is_some() && !declared.any(|world| surface.exports_all_of(world)) {
            let declared = ForeignText::from(&*self.world);
            let found = surface.richest(known).map(|world| world.name().into());
            mismatches.push(Mismatch::World { declared, found });
        }
        // By kind, of which there are few: a manifest can have thousands of grants, and a component as many imports.
        let asked: BTreeSet<_> = self.grants.iter().map(Request::kind).collect();
        for import in surface.called() {
            if let Offer::Grantable(grant) = wasi::offer(import, &Grants::none())
                && !asked.contains(grant)
            {
                mismatches.push(Mismatch::Undeclared { name: import.into(), grant });
            }
        }
        let used = |kind: &&&str| surface.called().any(|import| wasi::is_for(kind, import));
        let used: BTreeSet<_> = asked.iter().filter(used).copied().collect();
        let idle = self.grants.iter().filter(|request| !used.contains(request.kind()));
        mismatches.extend(idle.map(|request| Mismatch::Idle { grant: request.to_string().into() }));
        mismatches
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
}

/// The component without its outermost custom sections of that name.
fn without(name: &str, component: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    // What comes before the first section: the magic bytes and the version.
    const PREAMBLE: usize = 8;
    let mut reader = BinaryReader::new(component, 0);
    let mut left = reader.read_bytes(PREAMBLE)?.to_vec();
    while !reader.eof() {
        let begin = reader.current_position();
        let (id, length) = (reader.read_u8()?, reader.read_var_u32()?);
        let data = reader.read_bytes(length as usize)?;
        let is_named = || BinaryReader::new(data, 0).read_string().is_ok_and(|found| found == name);
        if id != 0 || !is_named() {
            let section = component.get(begin..reader.current_position());
            left.extend_from_slice(section.unwrap_or_default());
        }
    }
    Ok(left)
}
