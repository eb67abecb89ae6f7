//! `plugwright contract`: checks whether a contract may follow its last release.

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

/// The folder of the releases, in the folder of the contract. WIT tools only read the files of a folder and of its
/// `deps`, so they ignore it.
const RELEASES: &str = "releases";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The contract, as a folder of WIT files or a single file [default: the project's, `wit`]
    #[arg(value_name = "WIT", value_hint = ValueHint::AnyPath)]
    contract: Option<PathBuf>,

    /// The contract to compare with, instead of the last release in the folder `releases` of the contract
    #[arg(long, value_name = "WIT", value_hint = ValueHint::AnyPath)]
    since: Option<PathBuf>,

    /// Stores the contract as a release, if it passes the check
    #[arg(long, conflicts_with = "since")]
    release: bool,
}

pub(crate) fn contract(
    Arguments { contract, since, release }: &Arguments,
    of_project: &Path,
) -> Result<(), Failed> {
    let wit = contract.as_deref().unwrap_or(of_project);
    if !wit.exists() {
        return Err(exit::file(anyhow!(
            "there is no contract `{}`: name its folder or file, or run this in the folder of a project",
            ForeignText::of_path(wit)
        )));
    }
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
            "{}: {} has no release: `plugwright contract --release` stores this as the first\n",
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

/// Returns the release with the highest version, if there is one.
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
        // A release that is being written has a temporary name, which begins with a dot.
        if name.starts_with('.') {
            continue;
        }
        let version: Version = name.parse().map_err(|error| {
            anyhow!(
                "the name of `{}` is not a version: {error}",
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
            "`{}` contains {}: a release must be in the folder of its version and must not change",
            ForeignText::of_path(release.path()),
            release.name()
        );
    }
    Ok(Some(release))
}

/// Refuses a link as the folder of releases or of one release: contracts would be written and read elsewhere.
fn must_be_own(folder: &Path) -> Result<()> {
    if folder.is_symlink() {
        bail!(
            "`{}` is a link: replace it with a folder, because releases are kept in the contract's own folder",
            ForeignText::of_path(folder)
        );
    }
    Ok(())
}

/// Refuses files of the contract that are links to other folders: a release would contain whatever they lead to.
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
            "links lead out of the folder `{}`:{elsewhere}\nreplace the links with the files, because a release only \
             contains files in the folder",
            ForeignText::of_path(wit)
        );
    }
    Ok(())
}

/// Stores the contract in the folder of its version.
fn keep(wit: &Path, package: &Contract) -> Result<()> {
    if !wit.is_dir() {
        bail!("`{}` is a file: only a folder can have releases", ForeignText::of_path(wit));
    }
    let folder = wit.join(RELEASES);
    let release = folder.join(version(package)?.to_string());
    if release.exists() {
        bail!("`{}` already exists, and a release must not change", ForeignText::of_path(&release));
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
        format!("{}: {}, stored as a release\n", ForeignText::of_path(&release), package.name());
    output::tell(&kept)
}
