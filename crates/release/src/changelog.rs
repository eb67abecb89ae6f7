//! `CHANGELOG.md`, in the format of Keep a Changelog.

use anyhow::{Result, bail};
use semver::Version;

/// The heading of unreleased changes.
const UNRELEASED: &str = "## [Unreleased]";

/// The text between the heading with this beginning and the next heading of the same level.
fn below<'a>(text: &'a str, heading: &str) -> Option<&'a str> {
    let mut begin = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match begin {
            Some(begin) if line.starts_with("## ") => return text.get(begin..at),
            None if line.starts_with(heading) => begin = Some(end),
            _ => {}
        }
        at = end;
    }
    text.get(begin?..)
}

fn heading(version: &Version) -> String {
    format!("## [{version}]")
}

/// Whether the section has more than headings.
fn says_something(section: &str) -> bool {
    section.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

/// Checks that there are unreleased changes, and that the version has no section yet.
///
/// # Errors
///
/// Says what is wrong.
pub(crate) fn check(text: &str, version: &Version) -> Result<()> {
    match below(text, UNRELEASED) {
        None => {
            bail!("CHANGELOG.md has no heading `{UNRELEASED}`: add it above the last version")
        }
        Some(section) if !says_something(section) => bail!(
            "CHANGELOG.md has nothing under `{UNRELEASED}`: describe the changes since the last version"
        ),
        Some(_) => {}
    }
    if below(text, &heading(version)).is_some() {
        bail!("CHANGELOG.md already has a section `{}`: choose a later version", heading(version));
    }
    Ok(())
}

/// The changelog with the unreleased changes as the section of the version, with this date.
///
/// # Errors
///
/// As [`check`].
pub(crate) fn released(text: &str, version: &Version, day: &str) -> Result<String> {
    check(text, version)?;
    let sections = format!("{UNRELEASED}\n\n{} - {day}", heading(version));
    Ok(text.replacen(UNRELEASED, &sections, 1))
}

/// The section of the version, for the release notes. A dry run may use the unreleased changes instead.
///
/// # Errors
///
/// Says that there is no such section.
pub(crate) fn notes(text: &str, version: &Version, is_dry_run: bool) -> Result<String> {
    let section = below(text, &heading(version));
    match section.or_else(|| below(text, UNRELEASED).filter(|_| is_dry_run)) {
        Some(section) if says_something(section) => Ok(section.trim().to_owned() + "\n"),
        _ => bail!(
            "CHANGELOG.md has no section `{}`: run `just release {version}` to add it",
            heading(version)
        ),
    }
}
