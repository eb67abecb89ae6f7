//! The checks before a release.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, bail};
use semver::Version;

use crate::{changelog, files, git, run, version};

/// Checks that the tree can be released as this version, and returns the version.
///
/// # Errors
///
/// Says what is wrong, and what to do.
pub(crate) fn checks(root: &Path, text: &str) -> Result<Version> {
    let version = parsed(text)?;
    let current = version::current(root)?;
    if version < current {
        bail!(
            "{version} is lower than {current}, the version in Cargo.toml: choose {current} or a later version"
        );
    }
    clean(root)?;
    let tag = format!("v{version}");
    if !git::git(root, &["tag", "--list", &tag])?.is_empty() {
        bail!(
            "the tag `{tag}` already exists, and a released version never changes: choose a later version"
        );
    }
    changelog::check(&files::read(root, "CHANGELOG.md")?, &version)?;
    Ok(version)
}

fn parsed(text: &str) -> Result<Version> {
    let version = Version::parse(text).map_err(|error| {
        anyhow!("`{text}` is not a version such as 0.2.0 or 1.0.0-rc.1: {error}")
    })?;
    if !version.build.is_empty() {
        bail!(
            "`{text}` has the build metadata `+{}`, which registries ignore: leave it out",
            version.build
        );
    }
    Ok(version)
}

/// Checks that there are no uncommitted changes.
///
/// # Errors
///
/// Lists the changed files.
pub(crate) fn clean(root: &Path) -> Result<()> {
    let status = git::git(root, &["status", "--porcelain"])?;
    if !status.is_empty() {
        bail!(
            "the working tree has uncommitted changes:\n{}\ncommit them, or put them aside with `git stash --include-untracked`",
            status.trim_end()
        );
    }
    Ok(())
}

/// Checks with `plugwright contract` that the contract is the same as its last release.
///
/// # Errors
///
/// Contains the output of that command, or says that the contract is not released yet.
pub(crate) fn contract(root: &Path, gate: &Path) -> Result<()> {
    let gate = root.join(gate);
    if !gate.is_file() {
        bail!(
            "cannot compare the contract with its last release, because `{}` does not exist: run `just build`, or name the \
             command with `--gate`",
            gate.display()
        );
    }
    let said = run::output(Command::new(&gate).arg("contract").current_dir(root))
        .context("the contract in `wit` differs from its last release")?;
    if !said.trim_end().ends_with(", as released") {
        bail!(
            "the contract in `wit` is newer than its last release: keep it with `plugwright contract --release`:\n{}",
            said.trim_end()
        );
    }
    Ok(())
}

/// Checks that the tag matches the version in Cargo.toml.
///
/// # Errors
///
/// Says that it does not match.
pub(crate) fn tag_of_version(root: &Path, tag: &str) -> Result<()> {
    let current = version::current(root)?;
    if tag != format!("v{current}") {
        bail!(
            "the tag is `{tag}`, but the version in Cargo.toml is {current}: remove the tag, and tag the commit that `just \
             release` prepared"
        );
    }
    Ok(())
}
