//! `plugwright contract`: whether a contract may be what it is, after what was released of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::contract::{judge, version};
use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, ValueHint};
use plugwright::{Contract, ForeignText, WitFile};
use semver::Version;

use crate::begun::BegunFolder;
use crate::exit::{self, Failed};
use crate::output;

/// Where releases are, in the folder of the contract. Whoever reads WIT reads the files of a folder and
/// its `deps`, and no others.
const RELEASES: &str = "releases";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The contract: a folder of WIT files, or a file [default: the project's, `wit`]
    #[arg(value_name = "WIT", value_hint = ValueHint::AnyPath)]
    contract: Option<PathBuf>,

    /// The contract before, in the place of the last release in the folder `releases` of the contract
    #[arg(long, value_name = "WIT", value_hint = ValueHint::AnyPath)]
    since: Option<PathBuf>,

    /// Keeps the contract as a release, if it may be one
    #[arg(long, conflicts_with = "since")]
    release: bool,
}

pub(crate) fn contract(
    Arguments { contract, since, release }: &Arguments,
    of_project: &Path,
) -> Result<(), Failed> {
    let wit = contract.as_deref().unwrap_or(of_project);
    let new = Contract::read(wit).map_err(exit::contract)?;
    version(&new).map_err(exit::contract)?;
    let old = match since {
        Some(old) => Some(Contract::read(old).map_err(exit::contract)?),
        None => last_release(wit).map_err(exit::contract)?,
    };
    let text = match &old {
        None if *release => String::new(),
        Some(old) => judge(old, &new).map_err(exit::contract)?,
        None => format!(
            "{}: {}, of which nothing is released: `plugwright contract --release` keeps this as the first\n",
            ForeignText::of_path(wit),
            new.name()
        ),
    };
    output::tell(&text).map_err(exit::usage)?;
    match release {
        true => keep(wit, &new).map_err(exit::usage),
        false => Ok(()),
    }
}

/// The release with the highest version, if there is any.
pub(crate) fn last_release(wit: &Path) -> Result<Option<Contract>> {
    let folder = wit.join(RELEASES);
    must_be_own(&folder)?;
    if !folder.is_dir() {
        return Ok(None);
    }
    let read = || format!("cannot read the folder `{}`", ForeignText::of_path(&folder));
    let mut last = None;
    for entry in fs::read_dir(&folder).with_context(read)? {
        let name = entry.with_context(read)?.file_name().to_string_lossy().into_owned();
        // What is being kept is beside, under a name that begins with a dot.
        if name.starts_with('.') {
            continue;
        }
        let version: Version = name.parse().map_err(|error| {
            anyhow!(
                "`{}` has no version for a name: {error}",
                ForeignText::of_path(folder.join(&name))
            )
        })?;
        last = last.max(Some(version));
    }
    let Some(version) = last else { return Ok(None) };
    let release = folder.join(version.to_string());
    must_be_own(&release)?;
    let release = Contract::read(&release)?;
    if release.version() != Some(&version) {
        bail!(
            "`{}` is {}: a release is in the folder of its version, and stays as it is",
            ForeignText::of_path(release.path()),
            release.name()
        );
    }
    Ok(Some(release))
}

/// Refuses a link in the place of releases, or of one: it would be kept and read wherever that leads.
fn must_be_own(folder: &Path) -> Result<()> {
    if folder.is_symlink() {
        bail!(
            "`{}` is a link: releases are in the contract's own folder, so put the folder itself there",
            ForeignText::of_path(folder)
        );
    }
    Ok(())
}

/// Refuses files of the contract that are elsewhere: a release would have whatever links lead to.
fn must_have_own(wit: &Path, package: &Contract) -> Result<()> {
    let read = |path: &Path| {
        fs::canonicalize(path)
            .with_context(|| format!("cannot read `{}`", ForeignText::of_path(path)))
    };
    let (own, mut elsewhere) = (read(wit)?, String::new());
    for WitFile { path, .. } in package.files() {
        if !read(path)?.starts_with(&own) {
            elsewhere += &format!("\n  - `{}`", ForeignText::of_path(path));
        }
    }
    if !elsewhere.is_empty() {
        bail!(
            "links lead out of the folder `{}`:{elsewhere}\na release is of what is in the folder: put the files \
             themselves there",
            ForeignText::of_path(wit)
        );
    }
    Ok(())
}

/// Keeps the contract in the folder of its version.
fn keep(wit: &Path, package: &Contract) -> Result<()> {
    if !wit.is_dir() {
        bail!("`{}` is a file: only a folder has releases in it", ForeignText::of_path(wit));
    }
    let folder = wit.join(RELEASES);
    let release = folder.join(version(package)?.to_string());
    if release.exists() {
        bail!(
            "`{}` is there already, and a release stays as it is",
            ForeignText::of_path(&release)
        );
    }
    must_have_own(wit, package)?;
    let cannot = || format!("cannot write the folder `{}`", ForeignText::of_path(&release));
    fs::create_dir_all(&folder).with_context(cannot)?;
    let beside = BegunFolder::new(&folder).with_context(cannot)?;
    for WitFile { path, text } in package.files() {
        let copy = beside.path().join(path.strip_prefix(wit).unwrap_or(path));
        fs::create_dir_all(copy.parent().unwrap_or(beside.path())).with_context(cannot)?;
        fs::write(copy, text).with_context(cannot)?;
    }
    fs::rename(beside.path(), &release).with_context(cannot)?;
    let kept =
        format!("{}: {}, kept as a release\n", ForeignText::of_path(&release), package.name());
    output::tell(&kept)
}
