//! Reads from git, and makes commits in the copy of a dry run.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run;

/// A commit.
#[derive(Debug, Clone)]
pub(crate) struct Commit {
    /// Its hash.
    pub(crate) id: String,
    /// Its time, in seconds since 1970.
    pub(crate) time: u64,
    /// Changes between the commit and the build.
    pub(crate) changed: Option<&'static str>,
}

/// Runs git in the folder, even if a hook set variables for another repository.
///
/// # Errors
///
/// Contains the error of git.
pub(crate) fn git(folder: &Path, words: &[&str]) -> Result<String> {
    run::output(command(folder).args(words))
}

fn command(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
        git.env_remove(name);
    }
    git
}

/// The current commit.
///
/// # Errors
///
/// Says that there is no commit.
pub(crate) fn commit(folder: &Path) -> Result<Commit> {
    let said = git(folder, &["log", "--max-count=1", "--format=%H %ct"])
        .context("cannot read the last commit")?;
    let (id, time) = said.trim_end().split_once(' ').context("git does not print the commit")?;
    let time = time.parse().context("git does not print the time of the commit")?;
    Ok(Commit { id: id.to_owned(), time, changed: None })
}

/// The day of the commit in UTC, which is the same on all machines.
///
/// # Errors
///
/// Contains the error of git.
pub(crate) fn day(folder: &Path) -> Result<String> {
    let words = ["log", "--max-count=1", "--date=format-local:%Y-%m-%d", "--format=%cd"];
    let said = run::output(command(folder).env("TZ", "UTC").args(words))?;
    Ok(said.trim_end().to_owned())
}

/// Copies the last commit of the repository into a new folder, as a separate repository.
///
/// # Errors
///
/// Contains the error of git.
pub(crate) fn copy(root: &Path, folder: &Path) -> Result<()> {
    let mut git = command(root);
    git.args(["clone", "--quiet", "--shared", "--no-tags"]).arg(root).arg(folder);
    run::output(&mut git).map(drop)
}

/// Commits all changes in the copy, with the time of its last commit, so that the same changes make the same commit.
///
/// # Errors
///
/// Contains the error of git.
pub(crate) fn commit_all(copy: &Path, message: &str, time: u64) -> Result<()> {
    let time = format!("{time} +0000");
    let mut git = command(copy);
    git.env("GIT_AUTHOR_DATE", &time).env("GIT_COMMITTER_DATE", &time);
    // These replace the user's own configuration.
    for setting in ["user.name=release", "user.email=release@localhost", "commit.gpgSign=false"] {
        git.args(["-c", setting]);
    }
    git.args(["commit", "--quiet", "--all", "--no-verify", "--message", message]);
    run::output(&mut git).map(drop)
}
