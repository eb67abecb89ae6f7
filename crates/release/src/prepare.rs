//! The changes of a release commit: the version, and the section of the changelog.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use semver::Version;

use crate::{changelog, checks, files, run, version};

/// A description of the changes.
pub(crate) const CHANGED: &str =
    "the version in Cargo.toml and in the lock files, and the headings of CHANGELOG.md";

/// Makes the changes in the tree.
///
/// # Errors
///
/// Names the file that cannot be read or written.
pub(crate) fn prepare(root: &Path, version: &Version, day: &str) -> Result<()> {
    let changelog = changelog::released(&files::read(root, "CHANGELOG.md")?, version, day)?;
    let mut changes = version::changes(root, version)?;
    changes.push(("CHANGELOG.md".to_owned(), changelog));
    files::replace(root, &changes)
}

/// Makes the changes in the working tree with the date of today, and returns the remaining steps.
///
/// # Errors
///
/// As [`prepare`].
pub(crate) fn in_place(root: &Path, version: &Version) -> Result<String> {
    checks::branch(root)?;
    let today = run::output(Command::new("date").args(["-u", "+%Y-%m-%d"]))
        .context("cannot find the date")?;
    prepare(root, version, today.trim_end())?;
    Ok(format!(
        "changed {CHANGED}. Nothing is committed yet. The remaining steps:

  just build
  bash digests/check --accept    writes digests/{version}.sha256
  just test                      shows the snapshots that name the version
  git diff
  git add digests
  git commit --all --message 'release: {version}'
  just ci
  git tag v{version}
  git push --atomic origin HEAD refs/tags/v{version}

The workflow `Release` then builds and publishes the release. To undo these changes, run `git restore .`.
"
    ))
}
