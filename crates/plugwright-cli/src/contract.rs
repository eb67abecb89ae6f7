//! Checks whether a contract may follow its last release.

#[expect(clippy::indexing_slicing, reason = "an arena contains the item of each of its ids")]
mod changes;
#[expect(clippy::indexing_slicing, reason = "an arena contains the item of each of its ids")]
pub(crate) mod types;

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use plugwright::{Contract, ForeignText};
use semver::Version;

use self::changes::{Change, changes};

/// Describes the changes between two contracts.
///
/// # Errors
///
/// Fails if the contracts have different names, or if the new version does not allow the changes.
pub fn judge(old: &Contract, new: &Contract) -> Result<String> {
    let path = ForeignText::of_path(new.path());
    if unversioned(old) != unversioned(new) {
        bail!(
            "`{path}` is the package `{}`, but the release is `{}`: a contract must keep its name",
            new.name(),
            old.name()
        );
    }
    let changes = changes(old, new);
    let (was, is) = (version(old)?, version(new)?);
    if is < was {
        bail!(
            "`{path}` has the version {is}, but {was} is already released: give it a later version"
        );
    }
    let breaking = changes.iter().any(|change| change.breaks.is_some());
    if breaking && is_compatible(was, is) {
        bail!(
            "`{path}` breaks plugins built for {}, but its version {is} promises compatibility:{}\n{}; or \
             leave the released parts unchanged, and put new parts into a new interface and world",
            old.name(),
            listed(&changes, true),
            advice(next_breaking(was).as_ref(), new),
        );
    }
    if !changes.is_empty() && is == was {
        bail!(
            "`{path}` differs from the release {}, which has the same version:{}\nplugins built for the release still \
             fit: {}",
            old.name(),
            listed(&changes, false),
            advice(next_compatible(was).as_ref(), new),
        );
    }
    let name = new.name();
    Ok(match (changes.is_empty(), breaking) {
        (true, _) if is == was => format!("{path}: {name}, as released\n"),
        (true, _) => format!("{path}: {name}, unchanged since {was}\n"),
        (false, true) => {
            let listed = listed(&changes, false);
            format!("{path}: {name}, which breaks plugins built for {was}:{listed}\n")
        }
        (false, false) => {
            let listed = listed(&changes, false);
            format!("{path}: {name}, which is compatible with plugins built for {was}:{listed}\n")
        }
    })
}

/// Returns the changes between two contracts, breaking ones first. A breaking change has the reason why it breaks
/// plugins.
pub fn changed(old: &Contract, new: &Contract) -> Vec<(String, Option<&'static str>)> {
    changes(old, new).into_iter().map(|Change { what, breaks }| (what, breaks)).collect()
}

/// Returns the contract's version.
///
/// # Errors
///
/// Fails if the contract has no version, and says how to write one.
pub fn version(contract: &Contract) -> Result<&Version> {
    contract.version().with_context(|| {
        let name = contract.name();
        format!(
            "the package `{name}` has no version: write `package {name}@0.1.0;` in `{}`",
            ForeignText::of_path(contract.main_file())
        )
    })
}

/// Returns the package's name without its version.
fn unversioned(contract: &Contract) -> String {
    let name = contract.name();
    name.split('@').next().unwrap_or_default().to_owned()
}

/// Returns whether two versions are compatible by semantic versioning, which the linker follows.
fn is_compatible(one: &Version, other: &Version) -> bool {
    let track = |version: &Version| match version {
        Version { pre, .. } if !pre.is_empty() => version.to_string(),
        Version { major: 0, minor: 0, patch, .. } => format!("0.0.{patch}"),
        Version { major: 0, minor, .. } => format!("0.{minor}"),
        Version { major, .. } => major.to_string(),
    };
    track(one) == track(other)
}

/// Returns the next version for a contract with breaking changes.
fn next_breaking(version: &Version) -> Option<Version> {
    Some(match (version.major, version.minor, version.patch) {
        (0, 0, patch) => Version::new(0, 0, patch.checked_add(1)?),
        (0, minor, _) => Version::new(0, minor.checked_add(1)?, 0),
        (major, ..) => Version::new(major.checked_add(1)?, 0, 0),
    })
}

/// Returns the next version for a contract with compatible changes.
fn next_compatible(version: &Version) -> Option<Version> {
    Some(match (version.major, version.minor, version.patch) {
        (0, minor, patch) => Version::new(0, minor, patch.checked_add(1)?),
        (major, minor, _) => Version::new(major, minor.checked_add(1)?, 0),
    })
}

/// Returns how to release the changes as the version `next`.
fn advice(next: Option<&Version>, new: &Contract) -> String {
    let file = ForeignText::of_path(new.main_file());
    match next {
        Some(next) => format!("give the package the version {next} in `{file}`"),
        None => format!("there is no later version: give the package another name in `{file}`"),
    }
}

/// Returns a list of changes, each on a line of its own.
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
