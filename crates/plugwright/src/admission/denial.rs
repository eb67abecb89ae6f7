//! Why a policy refuses a plugin, and how to change the policy so that it allows the plugin.

use std::fmt;
use std::path::Path;

use crate::permission::limits::Limit;
use crate::text::foreign_text::ForeignText;
use crate::text::toml_text::quoted;

/// The most reasons that a message shows, because a plugin decides how much it asks for.
const SHOWN: usize = 50;

/// The reasons why a [`Policy`](crate::Policy) refuses a plugin.
///
/// Its text lists the reasons, and then the changes to the policy that would allow the plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The reasons. There is at least one.
    pub reasons: Vec<DenialReason>,
    /// The policy's file, for messages.
    policy: String,
    /// The rule that would allow the plugin, in TOML.
    rule: String,
}

/// One reason to refuse a plugin.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DenialReason {
    /// No rule matches the plugin.
    Unlisted,
    /// A rule has the plugin's name, but the digest of another file.
    Digest {
        /// The line of the rule.
        line: usize,
        /// The digest in the rule.
        allowed: String,
    },
    /// A rule has the plugin's name, but the plugin is not signed with the rule's key.
    Key {
        /// The line of the rule.
        line: usize,
        /// The key's ID, in hexadecimal digits.
        key: String,
    },
    /// The plugin asks for a grant that its rule neither grants nor denies.
    Undecided {
        /// The line of the rule.
        line: usize,
        /// The grant that it asks for.
        grant: ForeignText,
        /// The text that grants it, as `grants` of a rule takes it.
        form: ForeignText,
    },
    /// The plugin declares a limit above the one that its rule sets.
    Limit {
        /// The line of the rule.
        line: usize,
        /// Which limit.
        limit: Limit,
        /// The value that the plugin declares, in the unit that [`Limit`] names.
        expected: u64,
        /// The value that the rule allows.
        allowed: u64,
    },
}

impl Denial {
    pub(crate) fn new(
        policy: Option<&Path>,
        plugin: &str,
        sha256: &str,
        grants: &[String],
        reasons: Vec<DenialReason>,
    ) -> Self {
        let mut rule = format!(
            "\n  [[plugin]]\n  name = {name}\n  sha256 = \"{sha256}\"",
            name = quoted(plugin)
        );
        if !grants.is_empty() {
            let grants: Vec<_> = grants.iter().map(|grant| quoted(grant)).collect();
            rule += &format!("\n  grants = [{}]", grants.join(", "));
        }
        let policy =
            policy.map_or("the policy".to_owned(), |it| format!("`{}`", ForeignText::of_path(it)));
        Self { reasons, policy, rule }
    }
}

impl fmt::Display for DenialReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlisted => f.write_str("there is no rule for it"),
            Self::Digest { line, allowed } => {
                write!(f, "the rule in line {line} allows another file, whose digest is {allowed}")
            }
            Self::Key { line, key } => {
                write!(f, "it is not signed with the key {key} of the rule in line {line}")
            }
            Self::Undecided { line, grant, .. } => write!(
                f,
                "it asks for `{grant}`, which the rule in line {line} neither grants nor denies"
            ),
            Self::Limit { line, limit, expected, allowed } => write!(
                f,
                "it declares `{}`, but the rule in line {line} allows `{}`",
                limit.text(*expected),
                limit.text(*allowed)
            ),
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reasons, policy, rule } = self;
        for reason in reasons.iter().take(SHOWN) {
            write!(f, "\n  - {reason}")?;
        }
        match reasons.len().saturating_sub(SHOWN) {
            0 => {}
            more => write!(f, "\n  - and {more} more")?,
        }
        for reason in reasons.iter().take(SHOWN) {
            match reason {
                DenialReason::Unlisted => write!(f, "\nto allow it, add to {policy}:{rule}")?,
                DenialReason::Digest { line, .. } => {
                    write!(
                        f,
                        "\nto allow it, replace the rule in line {line} of {policy} with this:{rule}"
                    )?;
                }
                DenialReason::Key { line, .. } => write!(
                    f,
                    "\nto allow it, have it signed with that key and put the signature beside it, or replace the \
                     rule in line {line} of {policy} with this:{rule}"
                )?,
                DenialReason::Undecided { line, grant, form } => write!(
                    f,
                    "\nto allow it, add {} to `grants` of the rule in line {line} of {policy}, or \
                     {} to its `deny`",
                    quoted(form.exact()),
                    quoted(grant.exact())
                )?,
                DenialReason::Limit { line, limit, expected, .. } => write!(
                    f,
                    "\nto allow it, add {:?} to `limits` of the rule in line {line} of {policy}",
                    limit.text(*expected)
                )?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_that_asks_for_a_lot_is_refused_in_few_lines() {
        let reason = |number: usize| DenialReason::Undecided {
            line: 1,
            grant: format!("variable={number}").into(),
            form: format!("variable={number}").into(),
        };
        let refused = |count| {
            let reasons = (0..count).map(reason).collect();
            Denial::new(None, "plugin", "", &[], reasons).to_string()
        };
        assert_eq!(refused(SHOWN).lines().count(), 1 + 2 * SHOWN);
        let many = refused(10_000);
        assert_eq!(many.lines().count(), 2 + 2 * SHOWN);
        assert!(many.contains("\n  - and 9950 more\n"), "{many}");
    }
}
