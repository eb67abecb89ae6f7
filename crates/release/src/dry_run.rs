//! A whole release on one machine, from a copy of the last commit. It does not change the tree, and pushes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use semver::Version;

use crate::git::Commit;
use crate::join::How;
use crate::{Built, Joined, Whole, archive, checks, crates, files, git, join, prepare, run};

/// The file that says what a folder is.
const MARK: &str = "made-by-just-release";

/// Makes all files of the release, and returns what would be pushed.
///
/// # Errors
///
/// Says what is wrong, or does not build.
pub(crate) fn dry_run(
    root: &Path,
    target: &Path,
    version: &Version,
    whole: &Whole,
) -> Result<String> {
    let built = Built {
        command: whole.built.command.as_ref().map(|it| root.join(it)),
        adapters: root.join(&whole.built.adapters),
    };
    let joined = Joined {
        crates: whole.joined.crates.as_ref().map(|it| root.join(it)),
        plugins: whole.joined.plugins.as_ref().map(|it| root.join(it)),
        ..whole.joined.clone()
    };
    if let Some(command) = &built.command {
        archive::is_given(command, version)?;
    }
    let output = output(root, target, version, whole.output.as_deref())?;
    let (source, folder) = (output.join("source"), output.join("files"));
    files::create_folder(&folder)?;
    let commit = Commit { changed: Some(prepare::CHANGED), ..git::commit(root)? };
    run::say(&format!(
        "copying the commit {} and setting the version {version} in the copy",
        commit.id
    ));
    git::copy(root, &source)?;
    prepare::prepare(&source, version, &git::day(root)?)?;
    git::commit_all(&source, &format!("release: {version}"), commit.time)?;
    // This needs no build, so it comes first.
    crates::public(&source, version)?;
    archive::archive(&source, target, &folder, &built)?;
    let release = join::join(&source, target, &commit, &folder, &joined, How::default())?;
    Ok(format!(
        "dry run of plugwright {version} from the commit {}, which would push:\n\n{}\n\
         nothing was pushed, and the tree was not changed. The sources are in {}\n",
        commit.id,
        release.shown(),
        source.display()
    ))
}

/// Makes the folder for the results. A named folder must not exist, because its files are not those of the release.
fn output(root: &Path, target: &Path, version: &Version, named: Option<&Path>) -> Result<PathBuf> {
    let folder = match named {
        Some(named) => root.join(named),
        None => target.join("releases").join(version.to_string()),
    };
    checks::ignored(root, &folder, "`--output`")?;
    if folder.to_string_lossy().contains(['*', '?', '[']) {
        bail!(
            "`{}` contains a character that cargo takes for a pattern: choose a folder without `*`, `?` and `[`",
            folder.display()
        );
    }
    if named.is_none() && folder.exists() {
        remove(&folder)?;
    }
    if folder.exists() {
        bail!(
            "`{}` already exists: remove it, or choose another folder with `--output`",
            folder.display()
        );
    }
    files::create_folder(&folder)?;
    files::write(&folder, MARK, "`just release --dry-run` made this folder, and replaces it.\n")?;
    Ok(folder)
}

/// Removes the results of an earlier dry run, and nothing else.
fn remove(folder: &Path) -> Result<()> {
    let names = files::names(folder)?;
    let is_ours = |name: &&String| [MARK, "files", "source"].contains(&&***name);
    if !names.iter().any(|name| name == MARK) || !names.iter().all(|name| is_ours(&name)) {
        bail!(
            "`{}` has files that are not of a dry run: move them away, and remove the folder",
            folder.display()
        );
    }
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove `{}`", folder.display()))
}
