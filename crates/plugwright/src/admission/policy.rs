//! The operator's policy: which plugins are loaded, and what each of them is granted.

#![warn(clippy::arithmetic_side_effects)]

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::admission::candidate::Unverified;
use crate::admission::denial::{Denial, DenialReason};
use crate::admission::inspection::{Inspection, is_sha256};
use crate::admission::load_error::LoadError;
use crate::admission::signature::{self, PublicKey};
use crate::permission::given_file::{FileError, FileKind};
use crate::permission::grant_error::GrantError;
use crate::permission::grant_syntax::Grant;
use crate::permission::grants::Grants;
use crate::permission::limits::{Limit, Limits};
use crate::permission::requested_grant::RequestedGrant;
use crate::text::foreign_text::{ForeignText, brief};
use crate::text::toml_text::{TomlError, read_toml};

/// Says which plugins a host loads, with which grants and limits. An operator writes it as one TOML file.
///
/// Each table `[[plugin]]` is a rule. It sets at least one of `name`, `sha256` and `key`, the public key of a
/// signature, and everything that it sets must match. `grants` lists what `plugwright run --grant` takes, with paths
/// relative to the file. `deny` lists requested grants that the plugin does not get. `limits` replaces the defaults and
/// the `limits` above all rules. The first rule that matches a plugin applies.
///
/// A plugin is not loaded if no rule matches it, if it asks for a grant that its rule neither grants nor denies, or if
/// it declares limits above those of its rule: see [`Policy::decide`].
///
/// ```
/// # fn main() -> Result<(), plugwright::TomlError> {
/// let policy = plugwright::Policy::parse(
///     r#"
///     limits = ["deadline=5s"]
///
///     [[plugin]]
///     name = "template"
///     grants = ["folder=templates:/templates"]
///     limits = ["memory=128MiB"]
///     "#,
///     "/etc/plugins",
/// )?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The policy's file, if it was read from one.
    file: Option<PathBuf>,
    /// The folder that relative paths begin in.
    folder: PathBuf,
    limits: Limits,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    line: usize,
    name: Option<String>,
    sha256: Option<String>,
    key: Option<PublicKey>,
    grants: Vec<Grant>,
    deny: Vec<RequestedGrant>,
    limits: Limits,
}

/// The decision that a plugin may be loaded, with its grants and limits.
#[derive(Debug, Clone)]
pub struct Allowed<'a> {
    policy: &'a Policy,
    rule: &'a Rule,
}

/// A part of a policy that applies to none of the plugins.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}: remove it")]
pub struct UnusedRule {
    /// The line of the rule, counted from 1.
    pub line: usize,
    /// What is unused.
    pub what: ForeignText,
}

/// The reason why a policy cannot be used.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] FileError),
    /// The file is not a policy.
    #[error("`{}` is not a policy", ForeignText::of_path(path))]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        source: TomlError,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(default)]
    limits: Vec<Spanned<String>>,
    #[serde(default, rename = "plugin")]
    rules: Vec<Spanned<ReadRule>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadRule {
    name: Option<String>,
    sha256: Option<Spanned<String>>,
    key: Option<Spanned<String>>,
    #[serde(default)]
    grants: Vec<Spanned<String>>,
    #[serde(default)]
    deny: Vec<Spanned<String>>,
    #[serde(default)]
    limits: Vec<Spanned<String>>,
}

/// Examples of what a policy contains, for errors.
const FORMS: &[&str] = &[
    "[[plugin]]",
    r#"name = "template""#,
    r#"sha256 = "DIGEST""#,
    r#"key = "PUBLIC KEY""#,
    r#"grants = ["folder=templates:/templates"]"#,
    r#"deny = ["random"]"#,
    r#"limits = ["deadline=2s"]"#,
];

impl Policy {
    /// Reads a policy from TOML. Relative paths in it begin in `folder`. No files are read.
    ///
    /// # Errors
    ///
    /// [`TomlError`] if the text is not TOML, has an unknown key or an invalid value, or has a rule that an earlier one
    /// always shadows.
    pub fn parse(text: &str, folder: impl Into<PathBuf>) -> Result<Self, TomlError> {
        let Read { limits, rules: read } = read_toml(text, FORMS)?;
        let above = limits_of(text, &limits, Limits::default())?;
        let (mut rules, mut earlier) = (Vec::<Rule>::new(), Earlier::default());
        // Rules come in the order in which they are written, so lines are counted from one to the next.
        let (mut line, mut counted): (usize, usize) = (1, 0);
        for item in read {
            let span = item.span();
            let between = text.get(counted..span.start).unwrap_or_default();
            line = line.saturating_add(between.matches('\n').count());
            counted = span.start;
            let rule = Rule::parse(text, &span, line, item.into_inner(), above)?;
            if let Some(line) = earlier.for_all_of(&rule) {
                let why = format!(
                    "the rule in line {line} matches every plugin that this rule matches: remove one of the two, or put \
                     this one first"
                );
                return Err(TomlError::at(text, &span, why));
            }
            earlier.add(&rule);
            rules.push(rule);
        }
        Ok(Self { file: None, folder: folder.into(), limits: above, rules })
    }

    /// Reads the policy in the file `path`. Relative paths in it begin in the folder of this file.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] if the file cannot be read, or is not a policy.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, PolicyError> {
        let path = path.as_ref().to_owned();
        let folder = path.parent().unwrap_or(Path::new(""));
        match Self::parse(&FileKind::POLICY.read_text(&path)?, folder) {
            Ok(policy) => Ok(Self { file: Some(path), ..policy }),
            Err(source) => Err(PolicyError::Toml { path, source }),
        }
    }

    /// Returns the key, among the keys of all rules, that the plugin `bytes` is signed with. `signature` is the text of
    /// the file [beside](crate::signature_beside) the plugin, if there is one.
    pub fn signer(&self, bytes: &[u8], signature: Option<&str>) -> Option<&PublicKey> {
        signature::verify(self.keys(), "", bytes, signature).ok()
    }

    /// Returns the key of a rule that the plugin is signed with. `known` is the key that was verified before, if any.
    pub(crate) fn verify(
        &self,
        plugin: &Unverified<'_>,
        known: Option<&PublicKey>,
    ) -> Result<&PublicKey, LoadError> {
        let unsigned = || LoadError::Unsigned { plugin: plugin.name().into() };
        let mut keys = self.keys().peekable();
        match known {
            // The verified key is the only one to compare.
            Some(known) => keys.find(|key| *key == known).ok_or_else(unsigned),
            // Without keys in the rules, signatures do not matter.
            None if keys.peek().is_none() => Err(unsigned()),
            None => plugin.signer_of(keys),
        }
    }

    /// Decides whether the plugin named `plugin`, which is the name of its file, may be loaded. `signer` is the result
    /// of [`Policy::signer`].
    ///
    /// # Errors
    ///
    /// [`Denial`] with all reasons, and the changes to the policy that would allow the plugin.
    pub fn decide(
        &self,
        plugin: &str,
        inspection: &Inspection,
        signer: Option<&PublicKey>,
    ) -> Result<Allowed<'_>, Denial> {
        let refused = |reasons| {
            let grants: Vec<String> = match &inspection.manifest {
                Some(manifest) => manifest.grants.iter().map(RequestedGrant::form).collect(),
                None => inspection.grants.iter().map(|kind| (*kind).to_owned()).collect(),
            };
            Denial::new(self.file.as_deref(), plugin, &inspection.sha256, &grants, reasons)
        };
        let rule = self.rule(plugin, &inspection.sha256, signer);
        let rule = rule.map_err(|reason| refused(vec![reason]))?;
        let line = rule.line;
        let mut reasons = Vec::new();
        match &inspection.manifest {
            Some(manifest) => {
                let decided = |request: &&RequestedGrant| {
                    rule.grants.iter().any(|grant| request.is_met_by(grant))
                        || rule.deny.contains(request)
                };
                let open = manifest.grants.iter().filter(|request| !decided(request));
                reasons.extend(open.map(|request| {
                    let (grant, form) = (request.to_string().into(), request.form().into());
                    DenialReason::Undecided { line, grant, form }
                }));
                reasons.extend(Limit::ALL.iter().copied().filter_map(|limit| {
                    let (expected, allowed) =
                        (manifest.limits.get(limit)?, rule.limits.get(limit)?);
                    (expected > allowed).then_some(DenialReason::Limit {
                        line,
                        limit,
                        expected,
                        allowed,
                    })
                }));
            }
            None => {
                let granted = |kind: &&&str| rule.grants.iter().any(|it| it.kind() == **kind);
                let open = inspection.grants.iter().filter(|kind| !granted(kind));
                reasons.extend(open.map(|kind| DenialReason::Undecided {
                    line,
                    grant: (*kind).into(),
                    form: (*kind).into(),
                }));
            }
        }
        if reasons.is_empty() { Ok(Allowed { policy: self, rule }) } else { Err(refused(reasons)) }
    }

    /// Refuses a plugin that no rule matches, before anything in its bytes is read.
    pub(crate) fn admit(
        &self,
        plugin: &str,
        sha256: &str,
        signer: Option<&PublicKey>,
    ) -> Result<(), Denial> {
        self.rule(plugin, sha256, signer)
            .map(drop)
            .map_err(|reason| Denial::new(self.file.as_deref(), plugin, sha256, &[], vec![reason]))
    }

    /// Returns the rule for the plugin of this name and digest, or the reason why there is none.
    fn rule(
        &self,
        plugin: &str,
        sha256: &str,
        signer: Option<&PublicKey>,
    ) -> Result<&Rule, DenialReason> {
        let mut rules = self.rules.iter();
        if let Some(rule) = rules.find(|rule| rule.is_for(plugin, sha256, signer)) {
            return Ok(rule);
        }
        let of_name = self.rules.iter().find(|rule| rule.name.as_deref() == Some(plugin));
        Err(match of_name {
            Some(Rule { line, sha256: Some(allowed), .. }) if allowed != sha256 => {
                DenialReason::Digest { line: *line, allowed: allowed.clone() }
            }
            Some(Rule { line, key: Some(key), .. }) => {
                DenialReason::Key { line: *line, key: key.id() }
            }
            _ => DenialReason::Unlisted,
        })
    }

    /// Returns the unused parts of the policy: rules that match none of `plugins`, and grants and denials that none of
    /// a rule's plugins asks for. A plugin has the name of its file here, and its [signer](Policy::signer).
    pub fn idle<'a>(
        &self,
        plugins: impl IntoIterator<Item = (&'a str, &'a Inspection, Option<&'a PublicKey>)>,
    ) -> Vec<UnusedRule> {
        let mut plugins_of: Vec<Vec<&Inspection>> = vec![Vec::new(); self.rules.len()];
        for (name, inspection, signer) in plugins {
            let rules = self.rules.iter().zip(&mut plugins_of);
            let mut of = rules.filter(|(rule, _)| rule.is_for(name, &inspection.sha256, signer));
            if let Some((_, plugins)) = of.next() {
                plugins.push(inspection);
            }
        }
        let mut idle = Vec::new();
        for (rule, plugins) in self.rules.iter().zip(plugins_of) {
            let mut add =
                |what: String| idle.push(UnusedRule { line: rule.line, what: what.into() });
            if plugins.is_empty() {
                add("the rule matches none of the plugins".to_owned());
                continue;
            }
            let asked = |is: &dyn Fn(&RequestedGrant) -> bool| {
                plugins.iter().any(|plugin| match &plugin.manifest {
                    Some(manifest) => manifest.grants.iter().any(is),
                    None => true,
                })
            };
            for grant in &rule.grants {
                if !asked(&|request| request.is_for(grant)) {
                    add(format!("none of its plugins asks for the grant `{grant}`"));
                }
            }
            for denied in &rule.deny {
                if !asked(&|request| request == denied) {
                    add(format!("none of its plugins asks for `{denied}`, which it denies"));
                }
            }
        }
        idle
    }

    /// Returns the loosest limits of all rules, which are the upper bounds for the limits of the host.
    pub(crate) fn most(&self) -> Limits {
        Limits::loosest(self.rules.iter().map(|rule| rule.limits).chain([self.limits]))
    }

    /// Returns the keys in the rules. If there are none, the policy ignores signatures.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.rules.iter().filter_map(|rule| rule.key.as_ref())
    }
}

impl Allowed<'_> {
    /// Returns the line of the rule that allows the plugin, counted from 1.
    pub fn line(&self) -> usize {
        self.rule.line
    }

    /// Returns what the rule grants. The plugin gets the part of it that its manifest asks for.
    ///
    /// # Errors
    ///
    /// [`GrantError`] if something cannot be granted now, such as a folder that does not exist.
    pub fn grants(&self) -> Result<Grants, GrantError> {
        let Self { policy, rule } = self;
        let none = Ok(Grants::none());
        rule.grants.iter().fold(none, |grants, grant| grants?.with(grant, &policy.folder))
    }

    /// Returns the limits for each call of the plugin.
    pub fn limits(&self) -> Limits {
        self.rule.limits
    }
}

impl Rule {
    /// Reads the rule that begins at `place`, in line `line`. It inherits the limits `above` that it does not set
    /// itself.
    fn parse(
        text: &str,
        place: &Range<usize>,
        line: usize,
        read: ReadRule,
        above: Limits,
    ) -> Result<Self, TomlError> {
        let ReadRule { name, sha256, key, grants: granted, deny: denied, limits } = read;
        if name.is_none() && sha256.is_none() && key.is_none() {
            let why = "a rule needs the `name` of a plugin, its `sha256`, or the `key` that it is signed with";
            return Err(TomlError::at(text, place, why));
        }
        let key = match &key {
            Some(item) => Some(
                item.get_ref()
                    .parse()
                    .map_err(|error| TomlError::at(text, &item.span(), format!("{error}")))?,
            ),
            None => None,
        };
        if let Some(item) = &sha256
            && !is_sha256(item.get_ref())
        {
            let why =
                "a digest is 64 digits from 0 to 9 and a to f, as `plugwright inspect` shows it";
            return Err(TomlError::at(text, &item.span(), why));
        }
        let wrong = |item: &Spanned<String>, why: &dyn std::fmt::Display| {
            TomlError::at(
                text,
                &item.span(),
                format!("the grant `{}`: {why}", brief(item.get_ref())),
            )
        };
        let mut grants = Vec::<Grant>::new();
        for item in &granted {
            let grant = item.get_ref().parse().map_err(|error| wrong(item, &error))?;
            if grants.contains(&grant) {
                return Err(wrong(item, &"it is granted twice"));
            }
            grants.push(grant);
        }
        let mut deny = Vec::<RequestedGrant>::new();
        for item in &denied {
            let request: RequestedGrant =
                item.get_ref().parse().map_err(|error| wrong(item, &error))?;
            if deny.contains(&request) {
                return Err(wrong(item, &"it is denied twice"));
            }
            if grants.iter().any(|grant| request.is_met_by(grant)) {
                return Err(wrong(item, &"it is both granted and denied"));
            }
            deny.push(request);
        }
        if let Some(item) = limits.iter().find(|item| item.get_ref().starts_with("stack=")) {
            let why = "all plugins of a host have the same stack: set it above all rules";
            return Err(TomlError::at(text, &item.span(), why));
        }
        let limits = limits_of(text, &limits, above)?;
        let sha256 = sha256.map(Spanned::into_inner);
        Ok(Self { line, name, sha256, key, grants, deny, limits })
    }

    fn is_for(&self, plugin: &str, digest: &str, signer: Option<&PublicKey>) -> bool {
        let Self { name, sha256, key, .. } = self;
        name.as_ref().is_none_or(|name| name == plugin)
            && sha256.as_ref().is_none_or(|it| it == digest)
            && key.as_ref().is_none_or(|key| Some(key) == signer)
    }
}

/// What earlier rules match, and the line of the first rule for each. A map, because a policy can have many rules.
#[derive(Default)]
struct Earlier(HashMap<For, usize>);

/// The name, the digest and the key of a rule, where it sets them.
type For = (Option<String>, Option<String>, Option<PublicKey>);

impl Earlier {
    fn add(&mut self, Rule { line, name, sha256, key, .. }: &Rule) {
        self.0.entry((name.clone(), sha256.clone(), key.clone())).or_insert(*line);
    }

    /// Returns the line of the first rule that matches every plugin that `rule` matches: it sets the same values as
    /// `rule`, or only some of them.
    fn for_all_of(&self, Rule { name, sha256, key, .. }: &Rule) -> Option<usize> {
        let some = |which: u8| {
            let (name, sha256, key) = (
                name.clone().filter(|_| which & 1 == 0),
                sha256.clone().filter(|_| which & 2 == 0),
                key.clone().filter(|_| which & 4 == 0),
            );
            self.0.get(&(name, sha256, key)).copied()
        };
        (0..8).filter_map(some).min()
    }
}

/// Returns `limits` with the values that the texts set. Each limit may be set only once.
fn limits_of(
    text: &str,
    items: &[Spanned<String>],
    mut limits: Limits,
) -> Result<Limits, TomlError> {
    let mut names = Vec::new();
    for item in items {
        let wrong = |why: &dyn std::fmt::Display| {
            let message = format!("the limit `{}`: {why}", brief(item.get_ref()));
            TomlError::at(text, &item.span(), message)
        };
        limits = limits.with_text(item.get_ref()).map_err(|error| wrong(&error))?;
        let name = item.get_ref().split('=').next();
        if names.contains(&name) {
            return Err(wrong(&"it is set twice"));
        }
        names.push(name);
    }
    Ok(limits)
}
