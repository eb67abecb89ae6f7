//! Reads from git, and makes commits in the copy of a dry run.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run;

/// These settings replace the user's own configuration: no hook of the user runs, and the copy's commit is the same for all.
const SETTINGS: [(&str, &str); 4] = [
    ("core.hooksPath", "/dev/null"),
    ("user.name", "release"),
    ("user.email", "release@localhost"),
    ("commit.gpgSign", "false"),
];

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

/// Git in the folder, without any variable that could change what it does.
pub(crate) fn command(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder);
    for (name, _) in env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"GIT_") {
            git.env_remove(name);
        }
    }
    git.env("GIT_CONFIG_COUNT", SETTINGS.len().to_string());
    for (at, (key, value)) in SETTINGS.iter().enumerate() {
        git.env(format!("GIT_CONFIG_KEY_{at}"), key).env(format!("GIT_CONFIG_VALUE_{at}"), value);
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
    // A template may contain hooks.
    git.args(["clone", "--quiet", "--shared", "--no-tags", "--template="]).arg(root).arg(folder);
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
    git.args(["commit", "--quiet", "--all", "--no-verify", "--message", message]);
    run::output(&mut git).map(drop)
}
