//! `plugwright contract`: whether a contract may be what it is, after what was released of it.

mod changes;
mod package;
mod types;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, ValueHint};
use semver::Version;

use self::changes::{Change, changes};
use self::package::Package;
use crate::exit::{self, Failed};
use crate::output;

/// Where releases are, in the folder of the contract. Whoever reads WIT reads the files of a folder and
/// its `deps`, and no others.
const RELEASES: &str = "releases";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The contract: a folder of WIT files, or a file
    #[arg(default_value = "wit", value_hint = ValueHint::AnyPath)]
    wit: PathBuf,

    /// The contract before, in the place of the last release in the folder `releases` of the contract
    #[arg(long, value_name = "WIT", value_hint = ValueHint::AnyPath)]
    since: Option<PathBuf>,

    /// Keeps the contract as a release, if it may be one
    #[arg(long, conflicts_with = "since")]
    release: bool,
}

pub(crate) fn contract(Arguments { wit, since, release }: &Arguments) -> Result<(), Failed> {
    let new = Package::read(wit).map_err(exit::contract)?;
    let old = match since {
        Some(old) => Some(Package::read(old).map_err(exit::contract)?),
        None => last_release(wit).map_err(exit::contract)?,
    };
    let text = match &old {
        None if *release => String::new(),
        Some(old) => judge(old, &new).map_err(exit::contract)?,
        None => format!(
            "{}: {}, of which nothing is released: `plugwright contract --release` keeps this as the first\n",
            wit.display(),
            new.name()
        ),
    };
    output::write(None, text.as_bytes()).map_err(exit::usage)?;
    match release {
        true => keep(wit, &new).map_err(exit::usage),
        false => Ok(()),
    }
}

/// Says what changed between two contracts, or why it must not have.
fn judge(old: &Package, new: &Package) -> Result<String> {
    let path = new.path.display();
    if (&old.id().namespace, &old.id().name) != (&new.id().namespace, &new.id().name) {
        bail!(
            "`{path}` is the package `{}`, and `{}` was released: a contract keeps its name",
            new.name(),
            old.name()
        );
    }
    let changes = changes(old, new);
    let (was, is) = (&old.version, &new.version);
    if is < was {
        bail!("`{path}` has the version {is}, and {was} is released: give it a later one");
    }
    let breaking = changes.iter().any(|change| change.breaks.is_some());
    if breaking && is_compatible(was, is) {
        bail!(
            "`{path}` breaks plugins that were built for {}, and its version {is} promises not to:{}\ngive \
             the package the version {} in `{}`; or leave what is released as it is, and put what is new \
             into an interface and a world of its own",
            old.name(),
            listed(&changes, true),
            next_breaking(was),
            new.file.display(),
        );
    }
    if !changes.is_empty() && is == was {
        bail!(
            "`{path}` is not {} any more, which was released:{}\nplugins that were built for it do not \
             mind: give the package the version {} in `{}`",
            old.name(),
            listed(&changes, false),
            next_compatible(was),
            new.file.display(),
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

/// The release with the highest version, if there is any.
fn last_release(wit: &Path) -> Result<Option<Package>> {
    let folder = wit.join(RELEASES);
    if !folder.is_dir() {
        return Ok(None);
    }
    let read = || format!("cannot read the folder `{}`", folder.display());
    let mut last = None;
    for entry in fs::read_dir(&folder).with_context(read)? {
        let name = entry.with_context(read)?.file_name().to_string_lossy().into_owned();
        // What is being kept is beside, under a name that begins with a dot.
        if name.starts_with('.') {
            continue;
        }
        let version: Version = name.parse().map_err(|error| {
            anyhow!("`{}` has no version for a name: {error}", folder.join(&name).display())
        })?;
        last = last.max(Some(version));
    }
    let Some(version) = last else { return Ok(None) };
    let release = Package::read(&folder.join(version.to_string()))?;
    if release.version != version {
        bail!(
            "`{}` is {}: a release is in the folder of its version, and stays as it is",
            release.path.display(),
            release.name()
        );
    }
    Ok(Some(release))
}

/// Keeps the contract in the folder of its version.
fn keep(wit: &Path, package: &Package) -> Result<()> {
    if !wit.is_dir() {
        bail!("`{}` is a file: only a folder has releases in it", wit.display());
    }
    let folder = wit.join(RELEASES);
    let release = folder.join(package.version.to_string());
    if release.exists() {
        bail!("`{}` is there already, and a release stays as it is", release.display());
    }
    let cannot = || format!("cannot write the folder `{}`", release.display());
    fs::create_dir_all(&folder).with_context(cannot)?;
    let beside =
        tempfile::Builder::new().prefix(".new-").tempdir_in(&folder).with_context(cannot)?;
    for file in &package.files {
        let name = file.strip_prefix(wit).unwrap_or(file);
        let copy = beside.path().join(name);
        fs::create_dir_all(copy.parent().unwrap_or(beside.path())).with_context(cannot)?;
        fs::copy(file, copy).with_context(cannot)?;
    }
    fs::rename(beside.path(), &release).with_context(cannot)?;
    let kept = format!("{}: {}, kept as a release\n", release.display(), package.name());
    output::write(None, kept.as_bytes())
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
fn next_breaking(version: &Version) -> Version {
    match (version.major, version.minor, version.patch) {
        (0, 0, patch) => Version::new(0, 0, patch + 1),
        (0, minor, _) => Version::new(0, minor + 1, 0),
        (major, ..) => Version::new(major + 1, 0, 0),
    }
}

/// The next version that a contract has that breaks none.
fn next_compatible(version: &Version) -> Version {
    match (version.major, version.minor, version.patch) {
        (0, minor, patch) => Version::new(0, minor, patch + 1),
        (major, minor, _) => Version::new(major, minor + 1, 0),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_go_on_as_semantic_versioning_has_it() {
        let version = |text: &str| text.parse::<Version>().expect(text);
        for (was, breaking, compatible) in
            [("0.0.3", "0.0.4", "0.0.4"), ("0.1.2", "0.2.0", "0.1.3"), ("1.4.2", "2.0.0", "1.5.0")]
        {
            let (was, breaking, compatible) =
                (version(was), version(breaking), version(compatible));
            assert_eq!((next_breaking(&was), next_compatible(&was)), (breaking, compatible));
            assert!(!is_compatible(&was, &next_breaking(&was)));
        }
        assert!(is_compatible(&version("0.1.0"), &version("0.1.9")));
        assert!(is_compatible(&version("1.0.0"), &version("1.9.0")));
        assert!(!is_compatible(&version("0.2.0-rc.1"), &version("0.2.0")));
    }
}
