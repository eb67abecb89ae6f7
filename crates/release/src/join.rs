//! Completes a release: adds the crates, the plugins, the notes, the provenance statement and the checksums to the archives.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use semver::Version;

use crate::crates::{self, Package};
use crate::files::{self, Digested};
use crate::git::{self, Commit};
use crate::{Joined, changelog, contents, packages, plugins, statement, version};

const NOTES: &str = "release-notes.md";
const SUMS: &str = "SHA256SUMS";

/// What is accepted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct How {
    /// The changelog may not have the version yet.
    pub(crate) is_dry_run: bool,
    /// There must be an archive for each system.
    pub(crate) all_systems: bool,
}

/// A complete release.
pub(crate) struct Release {
    /// Its version.
    pub(crate) version: Version,
    /// The crates to publish, in order.
    pub(crate) crates: Vec<Package>,
    /// The folder of its files.
    folder: PathBuf,
    files: Vec<Digested>,
}

/// Completes the release of this commit in the folder.
///
/// # Errors
///
/// Says what is missing, or cannot be read or written.
pub(crate) fn join(
    root: &Path,
    target: &Path,
    commit: &Commit,
    folder: &Path,
    joined: &Joined,
    how: How,
) -> Result<Release> {
    let version = version::current(root)?;
    let notes = changelog::notes(&files::read(root, "CHANGELOG.md")?, &version, how.is_dry_run)?;
    let public = crates::public(root, &version)?;
    let stated = format!("plugwright-{version}.intoto.json");
    let mut others: Vec<_> = public.iter().map(Package::file).collect();
    others.extend([NOTES.to_owned(), SUMS.to_owned(), stated.clone()]);
    others.extend(joined.plugins.iter().map(|_| format!("{}.tar.gz", plugins::top(&version))));
    contents::check(root, folder, &version, &others, how.all_systems)?;
    // In a dry run, the packages may be those of the commit, or of its copy.
    let copied = git::commit(root)?.id;
    let commits: &[&str] = if copied == commit.id { &[&commit.id] } else { &[&commit.id, &copied] };
    let packaged = joined.crates.as_deref();
    packages::collect(root, target, &public, packaged, commits, folder)?;
    if let Some(dist) = &joined.plugins {
        plugins::pack(root, target, dist, &version, commit.time, folder)?;
    }
    files::write(folder, NOTES, &notes)?;
    // An earlier call may have left these files, which must not list themselves.
    let names = files::names(folder)?.into_iter().filter(|name| *name != SUMS && *name != stated);
    let mut all: Vec<_> =
        names.map(|name| files::digested(folder, &name)).collect::<Result<_>>()?;
    let text = statement::statement(root, &version, commit, &joined.built_by, &all)?;
    files::write(folder, &stated, &text)?;
    all.push(files::digested(folder, &stated)?);
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let mut sums = String::new();
    for Digested { name, sha256, .. } in &all {
        // The format of `sha256sum`, which `shasum` also reads.
        sums += &format!("{sha256}  {name}\n");
    }
    files::write(folder, SUMS, &sums)?;
    all.push(files::digested(folder, SUMS)?);
    Ok(Release { version, crates: public, folder: folder.to_owned(), files: all })
}

impl Release {
    /// The tag, the crates and the files, for people.
    pub(crate) fn shown(&self) -> String {
        let Self { version, crates, folder, files } = self;
        let mut text = format!("tag    v{version}\n");
        if crates.is_empty() {
            text += "crates none: all of them have `publish = false`\n";
        }
        for (at, package) in crates.iter().enumerate() {
            let label = if at == 0 { "crates" } else { "" };
            let _ = writeln!(text, "{label:<6} {}. {} {version}", at + 1, package.name);
        }
        let _ = writeln!(text, "files  in {}", folder.display());
        for Digested { name, size, sha256 } in files {
            let _ = writeln!(text, "  {sha256}  {size:>10} bytes  {name}");
        }
        text
    }
}
