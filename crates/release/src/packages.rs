//! Collects the packages of the crates to publish, each of the commit that is released.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use flate2::read::GzDecoder;
use serde_json::Value;
use tar::Archive;

use crate::crates::Package;
use crate::{files, package};

/// Copies the packaged crates into the folder `files`: those in the folder `packaged`, or else those that `just package`
/// makes below the folder `target`. Each must be packaged from one of the commits.
///
/// # Errors
///
/// Says which crate is missing, or comes from another commit.
pub(crate) fn collect(
    root: &Path,
    target: &Path,
    public: &[Package],
    packaged: Option<&Path>,
    commits: &[&str],
    files: &Path,
) -> Result<()> {
    if public.is_empty() {
        return Ok(());
    }
    let from = match packaged {
        Some(folder) => folder.to_owned(),
        None => package::package(root, target, public)?,
    };
    for package in public {
        let path = from.join(package.file());
        let commit = commit(&path, &package.folder()).with_context(|| {
            format!(
                "cannot use the package `{}`: make it with `just package` in a tree of the version {}",
                path.display(),
                package.version
            )
        })?;
        if !commits.contains(&&*commit) {
            bail!(
                "`{}` was packaged from {commit} instead of the commit {}: package it again with `just package`",
                path.display(),
                commits.join(" or ")
            );
        }
        files::copy(&path, &files.join(package.file()))?;
    }
    Ok(())
}

/// The commit that a package was made from, as cargo states it. This reads the package to its end.
fn commit(path: &Path, folder: &str) -> Result<String> {
    files::is_file(path)?;
    let mut archive = Archive::new(GzDecoder::new(File::open(path)?));
    let mut stated = None;
    for entry in archive.entries()? {
        let mut entry = entry?;
        if *entry.path()? == *Path::new(folder).join(".cargo_vcs_info.json") {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            stated = Some(serde_json::from_str::<Value>(&text)?);
        }
    }
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    let git = stated.as_ref().and_then(|it| it.get("git"));
    let id = git.and_then(|it| it.get("sha1")?.as_str()).context("it names no commit")?;
    let is_dirty = git.and_then(|it| it.get("dirty")?.as_bool()).unwrap_or_default();
    Ok(if is_dirty { format!("the changed commit {id}") } else { id.to_owned() })
}
