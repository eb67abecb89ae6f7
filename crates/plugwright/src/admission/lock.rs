//! The lock file: the plugins that an operator agreed to, by digest, and what each of them asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::admission::candidate::Candidate;
use crate::admission::load_error::LoadError;
use crate::admission::more::More;
use crate::admission::signature::PublicKey;
use crate::admission::wants::Wants;
use crate::permission::given_file::{FileError, FileKind};
use crate::permission::limits::Limits;
use crate::permission::requested_grant::RequestedGrant;
use crate::permission::wasi_names;
use crate::text::foreign_text::ForeignText;
use crate::text::toml_text::{TomlError, read_toml};

/// Records what an operator agreed to, in the file `plugwright.lock`. A host with a lock loads no other plugins.
///
/// The [policy](crate::Policy) says what is allowed. The lock says what was agreed to: where each plugin comes from,
/// its digest, the key that signed it, and what it asks for. A plugin that asks for more is refused, and the error says
/// what the difference is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// The plugins, by name.
    pub plugins: BTreeMap<String, LockedPlugin>,
}

/// A plugin that an operator agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedPlugin {
    /// Where the plugin comes from, as it was given to `plugwright add`.
    pub reference: Option<String>,
    /// The reference with the digest that it resolved to, if the plugin comes from a registry.
    pub resolved: Option<String>,
    /// The SHA-256 digest of the plugin's bytes, in lowercase hexadecimal digits.
    pub sha256: String,
    /// The public key that the plugin is signed with, as the line of a minisign key file.
    pub key: Option<String>,
    /// What the plugin asks for.
    pub wants: Wants,
}

/// The reason why a lock file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is not a lock file.
    #[error("`{}` is not a lock file", ForeignText::of_path(path))]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        source: TomlError,
    },
}

#[derive(Serialize)]
struct Written {
    version: u32,
    plugin: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    version: Spanned<u32>,
    #[serde(default)]
    plugin: Vec<Spanned<Entry>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<String>,
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    world: Option<String>,
    #[serde(default)]
    imports: BTreeSet<String>,
    #[serde(default)]
    grants: BTreeSet<String>,
    #[serde(default)]
    limits: Vec<String>,
}

/// Examples of what a lock file contains, for errors.
const FORMS: &[&str] = &[
    "version = 1",
    "[[plugin]]",
    r#"name = "geo""#,
    r#"reference = "oci://registry.example.org/plugins/geo:1.4.0""#,
    r#"resolved = "oci://registry.example.org/plugins/geo@sha256:48710898…""#,
    r#"sha256 = "48710898…""#,
    r#"key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3""#,
    r#"world = "example:maps/projection@1.0.0""#,
    r#"imports = ["example:maps/tiles@1.0.0"]"#,
    r#"grants = ["folder=/templates"]"#,
    r#"limits = ["memory=64MiB"]"#,
];

/// The version of the file format.
const VERSION: u32 = 1;

/// The first line of a lock file.
const HEAD: &str = "# The plugins that were agreed to, and what each of them asks for.\n";

impl Lock {
    /// Reads the lock in the file `path`.
    ///
    /// # Errors
    ///
    /// [`LockError`] if the file cannot be read or is not a lock file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LockError> {
        let path = path.as_ref();
        let text = FileKind::LOCK.read_text(path)?;
        Self::parse(&text).map_err(|source| LockError::Toml { path: path.to_owned(), source })
    }

    /// Reads a lock from TOML.
    ///
    /// # Errors
    ///
    /// [`TomlError`] if the text is not TOML, or has an unknown key or an invalid value.
    pub fn parse(text: &str) -> Result<Self, TomlError> {
        let Read { version, plugin } = read_toml(text, FORMS)?;
        if *version.get_ref() != VERSION {
            let why = format!("version {} is not supported, only {VERSION} is", version.get_ref());
            return Err(TomlError::at(text, &version.span(), why));
        }
        let mut plugins = BTreeMap::new();
        for entry in plugin {
            let span = entry.span();
            let (name, plugin) = entry.into_inner().read().map_err(|(name, why)| {
                let name = ForeignText::from(name);
                TomlError::at(text, &span, format!("plugin `{name}`: {why}"))
            })?;
            let shown = ForeignText::from(&*name);
            let twice = || TomlError::at(text, &span, format!("plugin `{shown}` is listed twice"));
            if plugins.contains_key(&name) {
                return Err(twice());
            }
            plugins.insert(name, plugin);
        }
        Ok(Self { plugins })
    }

    /// Returns the lock as TOML, in its normal form.
    pub fn to_toml(&self) -> String {
        let entry = |(name, plugin): (&String, &LockedPlugin)| Entry {
            name: name.clone(),
            reference: plugin.reference.clone(),
            resolved: plugin.resolved.clone(),
            sha256: plugin.sha256.clone(),
            key: plugin.key.clone(),
            world: plugin.wants.world.clone(),
            imports: plugin.wants.imports.clone(),
            grants: plugin.wants.grants.clone(),
            limits: plugin.wants.limits.texts().collect(),
        };
        let file = Written { version: VERSION, plugin: self.plugins.iter().map(entry).collect() };
        #[expect(clippy::expect_used, reason = "lists and texts can be written")]
        let text = toml::to_string(&file).expect("lists and texts can be written");
        format!("{HEAD}{text}")
    }

    /// Says whether any plugin must be signed.
    pub(crate) fn has_keys(&self) -> bool {
        self.plugins.values().any(|plugin| plugin.key.is_some())
    }

    /// Refuses what was not agreed to.
    pub(crate) fn admit(&self, candidate: &Candidate<'_>) -> Result<(), LoadError> {
        let more = self.more(candidate)?;
        let plugin = || ForeignText::from(candidate.name());
        if more.is_empty() { Ok(()) } else { Err(LoadError::Locked { plugin: plugin(), more }) }
    }

    /// Returns what the candidate has beyond what was agreed to.
    ///
    /// # Errors
    ///
    /// As [`Candidate::inspect`].
    pub fn more(&self, candidate: &Candidate<'_>) -> Result<Vec<More>, LoadError> {
        let Some(agreed) = self.plugins.get(candidate.name()) else {
            return Ok(vec![More::Unlisted]);
        };
        let inspection = candidate.inspect(&[])?;
        let mut more = Vec::new();
        if inspection.sha256 != agreed.sha256 {
            more.push(More::Bytes { sha256: inspection.sha256.clone() });
        }
        if let Some(key) = &agreed.key {
            let key = key.parse();
            let is_signed = key.is_ok_and(|key| candidate.given().signer_of([&key]).is_ok());
            if !is_signed {
                more.push(More::Unsigned);
            }
        }
        more.extend(Wants::of(&inspection).more_than(&agreed.wants));
        Ok(more)
    }
}

impl Entry {
    /// Returns the plugin with its name, or the name and what is wrong.
    fn read(self) -> Result<(String, LockedPlugin), (String, String)> {
        let wants = match self.wants() {
            Ok(wants) => wants,
            Err(why) => return Err((self.name, why)),
        };
        let Self { name, reference, resolved, sha256, key, .. } = self;
        Ok((name, LockedPlugin { reference, resolved, sha256, key, wants }))
    }

    /// Returns what the plugin asks for, after checking all fields of the entry.
    fn wants(&self) -> Result<Wants, String> {
        let is_digit = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
        if self.sha256.len() != 64 || !self.sha256.bytes().all(is_digit) {
            return Err("`sha256` must be 64 hexadecimal digits, in lower case".to_owned());
        }
        if let Some(key) = &self.key {
            key.parse::<PublicKey>().map_err(|error| format!("`key`: {error}"))?;
        }
        // For a plugin without a manifest, only the kind of each grant is known.
        for grant in self.grants.iter().filter(|grant| !wasi_names::is_grantable(grant)) {
            grant.parse::<RequestedGrant>().map_err(|error| format!("grant: {error}"))?;
        }
        let limits = self.limits.iter().try_fold(Limits::none(), |all, text| all.with_text(text));
        let (world, imports) = (self.world.clone(), self.imports.clone());
        let limits = limits.map_err(|error| error.to_string())?;
        Ok(Wants { world, imports, grants: self.grants.clone(), limits })
    }
}
