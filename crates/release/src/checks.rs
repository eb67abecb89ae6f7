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
    submodules(root)?;
    let tag = format!("v{version}");
    if !git::git(root, &["tag", "--list", &tag])?.is_empty() {
        bail!(
            "the tag `{tag}` already exists, and a released version never changes: choose a later version"
        );
    }
    files::is_file(&root.join("CHANGELOG.md"))?;
    changelog::check(&files::read(root, "CHANGELOG.md")?, &version)?;
    Ok(version)
}

fn parsed(text: &str) -> Result<Version> {
    let version = Version::parse(text).map_err(|error| {
        anyhow!("`{}` is not a version such as 0.2.0 or 1.0.0-rc.1: {error}", text.escape_debug())
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

/// Checks with `plugwright contract` that the contract keeps its promises, and that its version is stored as a release.
///
/// # Errors
///
/// Contains the error of that command, or says that the version is not stored.
pub(crate) fn contract(root: &Path, command: &Path) -> Result<()> {
    let command = root.join(command);
    if !command.is_file() {
        bail!(
            "cannot check the contract, because `{}` does not exist: run `just build`, or name the command with \
             `--plugwright`",
            command.display()
        );
    }
    run::output(Command::new(&command).arg("contract").current_dir(root))?;
    let version = version_of_contract(root)?;
    if !root.join("wit/releases").join(&version).is_dir() {
        bail!(
            "the contract in `wit` has the version {version}, which is not in `wit/releases`: store it with `plugwright \
             contract --release`, and commit it"
        );
    }
    Ok(())
}

/// Returns the version in the line `package NAME@VERSION;` of a file in `wit`.
fn version_of_contract(root: &Path) -> Result<String> {
    for name in files::names(&root.join("wit"))?.iter().filter(|name| name.ends_with(".wit")) {
        let text = files::read(root, &format!("wit/{name}"))?;
        let mut lines =
            text.lines().filter_map(|it| it.strip_prefix("package ")?.strip_suffix(';'));
        if let Some((_, version)) = lines.find_map(|line| line.split_once('@')) {
            return Ok(version.to_owned());
        }
    }
    bail!("no file in `wit` has a line such as `package NAME@1.0.0;`: add it")
}

/// Checks that the tag matches the version in Cargo.toml, and that it is the tag of this tree.
///
/// # Errors
///
/// Says that it does not match.
pub(crate) fn tag(root: &Path, tag: &str) -> Result<()> {
    let current = version::current(root)?;
    if tag != format!("v{current}") {
        bail!(
            "the tag is `{tag}`, but the version in Cargo.toml is {current}: remove the tag, and tag the commit that `just \
             release` prepared"
        );
    }
    clean(root)?;
    let tagged = format!("refs/tags/{tag}^{{commit}}");
    let tagged =
        git::git(root, &["rev-parse", "--quiet", "--verify", &tagged]).with_context(|| {
            format!("there is no tag `{tag}` in this clone: run `git fetch --tags`")
        })?;
    let here = git::commit(root)?.id;
    if tagged.trim_end() != here {
        bail!(
            "the tag `{tag}` is of the commit {}, but the commit here is {here}: run `git switch --detach {tag}`",
            tagged.trim_end()
        );
    }
    Ok(())
}

/// Checks that there is a branch to push.
///
/// # Errors
///
/// Says that there is none.
pub(crate) fn branch(root: &Path) -> Result<()> {
    if git::git(root, &["symbolic-ref", "--quiet", "HEAD"]).is_err() {
        bail!(
            "no branch is checked out, so the release commit could not be pushed: run `git switch BRANCH`"
        );
    }
    Ok(())
}

/// Checks that there are no submodules: the copy would not contain their files.
fn submodules(root: &Path) -> Result<()> {
    let listed = git::git(root, &["ls-files", "--stage", "-z"])?;
    let mut modules = listed.split_terminator('\0').filter(|line| line.starts_with("160000 "));
    if let Some((_, name)) = modules.next().and_then(|line| line.split_once('\t')) {
        bail!(
            "`{name}` is a submodule, and a release has only the files of this repository: replace it with its files"
        );
    }
    Ok(())
}

/// Checks that files in the folder do not change the tree: it is outside, or git ignores it.
///
/// # Errors
///
/// Says that git does not ignore it. `named` is what names the folder.
pub(crate) fn ignored(root: &Path, folder: &Path, named: &str) -> Result<()> {
    let folder = files::resolved(folder)?;
    if !folder.starts_with(files::resolved(root)?) {
        return Ok(());
    }
    // Patterns such as `out/` match only a folder, which may not exist yet.
    let file = folder.join("file");
    let mut git = git::command(root);
    let status = git.args(["check-ignore", "--quiet", "--"]).arg(file).status();
    if !status.context("cannot run `git`: put `./dev` in front of the command")?.success() {
        bail!(
            "`{}` is inside of this repository, and git does not ignore it: name another folder with {named}",
            folder.display()
        );
    }
    Ok(())
}
