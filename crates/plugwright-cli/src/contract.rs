//! Whether a contract may be what it is, after what was released of it.

#[expect(clippy::indexing_slicing, reason = "a number of an arena is of something in it")]
mod changes;
#[expect(clippy::indexing_slicing, reason = "a number of an arena is of something in it")]
pub(crate) mod types;

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use plugwright::{Contract, ForeignText};
use semver::Version;

use self::changes::{Change, changes};

/// Says what changed between two contracts, or why it must not have.
///
/// # Errors
///
/// Says that they have other names, or what the version of the new one promises and it does not keep.
pub fn judge(old: &Contract, new: &Contract) -> Result<String> {
    let path = ForeignText::of_path(new.path());
    if unversioned(old) != unversioned(new) {
        bail!(
            "`{path}` is the package `{}`, and `{}` was released: a contract keeps its name",
            new.name(),
            old.name()
        );
    }
    let changes = changes(old, new);
    let (was, is) = (version(old)?, version(new)?);
    if is < was {
        bail!("`{path}` has the version {is}, and {was} is released: give it a later one");
    }
    let breaking = changes.iter().any(|change| change.breaks.is_some());
    if breaking && is_compatible(was, is) {
        bail!(
            "`{path}` breaks plugins that were built for {}, and its version {is} promises not to:{}\n{}; or \
             leave what is released as it is, and put what is new into an interface and a world of its own",
            old.name(),
            listed(&changes, true),
            advice(next_breaking(was).as_ref(), new),
        );
    }
    if !changes.is_empty() && is == was {
        bail!(
            "`{path}` is not {} any more, which was released:{}\nplugins that were built for it do not \
             mind: {}",
            old.name(),
            listed(&changes, false),
            advice(next_compatible(was).as_ref(), new),
        );
    }
    let name = new.name();
    Ok(match (changes.is_empty(), breaking) {
        (true, _) if is == was => format!("{path}: {name}, as released\n"),
        (true, _) => format!("{path}: {name}, which is what {was} was\n"),
        (false, true) => {
            let listed = listed(&changes, false);
            format!("{path}: {name}, which breaks plugins that were built for {was}:{listed}\n")
        }
        (false, false) => {
            let listed = listed(&changes, false);
            format!("{path}: {name}, which plugins fit that were built for {was}:{listed}\n")
        }
    })
}

/// What changed between two contracts, each with the reason why it breaks plugins, if it does; those that do first.
pub fn changed(old: &Contract, new: &Contract) -> Vec<(String, Option<&'static str>)> {
    changes(old, new).into_iter().map(|Change { what, breaks }| (what, breaks)).collect()
}

/// The contract's version.
///
/// # Errors
///
/// Says that it has none, and how it is written.
pub fn version(contract: &Contract) -> Result<&Version> {
    contract.version().with_context(|| {
        let name = contract.name();
        format!(
            "the package `{name}` has no version: write `package {name}@0.1.0;` in `{}`",
            ForeignText::of_path(contract.main_file())
        )
    })
}

/// The package's name without its version.
fn unversioned(contract: &Contract) -> String {
    let name = contract.name();
    name.split('@').next().unwrap_or_default().to_owned()
}

/// Says whether semantic versioning, and with it the linker, takes one version for the other.
fn is_compatible(one: &Version, other: &Version) -> bool {
    let track = |version: &Version| match version {
        Version { pre, .. } if !pre.is_empty() => version.to_string(),
        Version { major: 0, minor: 0, patch, .. } => format!("0.0.{patch}"),
        Version { major: 0, minor, .. } => format!("0.{minor}"),
        Version { major, .. } => major.to_string(),
    };
    track(one) == track(other)
}

/// The next version that a contract has that breaks plugins.
fn next_breaking(version: &Version) -> Option<Version> {
    Some(match (version.major, version.minor, version.patch) {
        (0, 0, patch) => Version::new(0, 0, patch.checked_add(1)?),
        (0, minor, _) => Version::new(0, minor.checked_add(1)?, 0),
        (major, ..) => Version::new(major.checked_add(1)?, 0, 0),
    })
}

/// The next version that a contract has that breaks none.
fn next_compatible(version: &Version) -> Option<Version> {
    Some(match (version.major, version.minor, version.patch) {
        (0, minor, patch) => Version::new(0, minor, patch.checked_add(1)?),
        (major, minor, _) => Version::new(major, minor.checked_add(1)?, 0),
    })
}

/// What to do to release what changed, as that version.
fn advice(next: Option<&Version>, new: &Contract) -> String {
    let file = ForeignText::of_path(new.main_file());
    match next {
        Some(next) => format!("give the package the version {next} in `{file}`"),
        None => format!("there is no later version: give the package another name in `{file}`"),
    }
}

/// Changes, each on a line of its own.
fn listed(changes: &[Change], only_breaking: bool) -> String {
    let mut text = String::new();
    for Change { what, breaks } in changes {
        // Writing to a string cannot fail.
        let _ = match breaks {
            Some(why) => write!(text, "\n  - {what}: {why}"),
            None if only_breaking => Ok(()),
            None => write!(text, "\n  - {what}"),
        };
    }
    text
}
