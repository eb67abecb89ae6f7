//! The tools of plugins in languages other than Rust. A tool on the `PATH` is used if it has exactly the right version.
//! Other tools are installed from the registry of the plugin's lock file, into a folder that all plugins with the same
//! lock file share.

use std::env::consts::{ARCH, OS};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, path};

use anyhow::{Context as _, Result};
use plugwright::{FileKind, ForeignText, sha256};

use super::lock::Lock;
use super::run::{Run, Said};
use crate::begun::cannot_write;
use crate::{log, output};

/// A lock file of tools.
const LOCK: FileKind = FileKind::new("lock file of tools", 16 << 20);

/// The manifest of an npm package.
const PACKAGE: FileKind = FileKind::new("npm manifest", 1 << 20);

/// The lock files, each with how its tools are installed.
const LOCKS: [(&str, &str); 2] = [
    (
        "requirements.txt",
        "installing it from the Python Package Index with python3 and its module venv",
    ),
    ("package-lock.json", "installing it with npm"),
];

/// Returns a `PATH` with all of `tools`, each given as a name and a version, for the plugin in `folder`. If a tool is
/// missing, returns a text that says which.
///
/// # Errors
///
/// Fails if a file cannot be read or written, or a program cannot be run.
pub(crate) fn path_with(
    tools: &[String],
    folder: &Path,
    run: Run,
) -> Result<Result<OsString, String>> {
    let mut search = env::var_os("PATH").unwrap_or_default();
    let mut is_extended = false;
    for tool in tools {
        let (name, version) = tool.split_once(' ').unwrap_or((tool, ""));
        if is_there(name, version, &search) {
            continue;
        }
        if !is_extended && let Some(extended) = installed(folder, &search, run)? {
            (search, is_extended) = (extended, true);
            if is_there(name, version, &search) {
                continue;
            }
        }
        return Ok(Err(missing(tool, folder)));
    }
    Ok(Ok(search))
}

/// Returns a text that says that the tool is missing, and how it would be installed.
fn missing(tool: &str, folder: &Path) -> String {
    let lock = LOCKS.iter().rev().find(|(lock, _)| folder.join(lock).is_file());
    let how = match lock {
        Some((_, registry)) => format!("{registry} failed: see the output above"),
        None => "the plugin's folder has no lock file that names it".to_owned(),
    };
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    format!(
        "`{}` needs {}: it is not on the PATH, and {how}",
        ForeignText::from(name),
        ForeignText::from(tool)
    )
}

/// Returns whether the command `name` exists and it, or its npm package, reports `version`.
fn is_there(name: &str, version: &str, search: &OsStr) -> bool {
    let Some(path) = env::split_paths(search).map(|it| it.join(name)).find(|it| it.is_file())
    else {
        return false;
    };
    let says = |argument: &str| {
        let mut command = Command::new(&path);
        command.arg(argument).env("PATH", search).stdin(Stdio::null()).stderr(Stdio::null());
        let output = command.output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let package = || {
        let package = path.parent()?.parent()?.join(name).join("package.json");
        let text = PACKAGE.read_text(package).ok()?;
        text.lines().find(|line| line.contains("\"version\": ")).map(str::to_owned)
    };
    let said = says("--version").or_else(|| says("version")).or_else(package);
    said.is_some_and(|said| has_version(&said, version))
}

/// Returns whether the text contains the version, and not only as a part of another version.
fn has_version(text: &str, version: &str) -> bool {
    text.match_indices(version).any(|(at, _)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at.saturating_add(version.len())..).and_then(|it| it.chars().next());
        !before.is_some_and(|it| it.is_ascii_digit() || it == '.')
            && !after.is_some_and(|it| it.is_ascii_digit())
    })
}

/// Installs the tools in the lock files in `folder`, unless they are installed already, and returns a `PATH` with them.
/// Returns `None` if there is no lock file, or the installation fails.
fn installed(folder: &Path, search: &OsStr, run: Run) -> Result<Option<OsString>> {
    let mut paths: Vec<PathBuf> = env::split_paths(search).collect();
    let mut is_any = false;
    for (lock, _) in LOCKS {
        let file = folder.join(lock);
        if !file.is_file() {
            continue;
        }
        let mut digest = sha256(&LOCK.read(&file)?);
        digest.truncate(16);
        let place = cache()?.join(format!("{digest}-{OS}-{ARCH}"));
        let tools = place.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(tools).with_context(|| cannot_write(tools))?;
        let name = ForeignText::of_path(folder);
        let lock_of_place = place.with_extension("lock");
        let _lock = Lock::of(&lock_of_place, || {
            format!("waiting for another build to install the tools of `{name}`")
        })?;
        let complete = place.join(".complete");
        if !complete.is_file() {
            let shown = ForeignText::of_path(&place);
            log::show_text(&format!(
                "installing the tools of `{name}` into {shown}, once on this machine\n"
            ));
            fs::create_dir_all(&place).with_context(|| cannot_write(&place))?;
            let file = path::absolute(&file).context("cannot determine the current folder")?;
            let is_done = if lock == "requirements.txt" {
                python(&place, &file, run)
            } else {
                npm(&place, &file, run)
            }?;
            if !is_done {
                return Ok(None);
            }
            fs::write(&complete, "").with_context(|| cannot_write(&complete))?;
        }
        paths.splice(0..0, [place.join("bin"), place.join("node_modules/.bin")]);
        is_any = true;
    }
    if !is_any {
        return Ok(None);
    }
    Ok(Some(env::join_paths(paths).context("cannot extend the PATH")?))
}

/// Returns the folder of installed tools, which all projects of a user share.
pub(crate) fn cache() -> Result<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").filter(|it| !it.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| Some(env::home_dir()?.join(".cache")));
    let cache = cache.context("`HOME` is not set: set it to your home folder")?;
    Ok(cache.join("plugwright/languages"))
}

fn python(place: &Path, lock: &Path, run: Run) -> Result<bool> {
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"]).arg(place);
    if !succeeds(venv, run) {
        return Ok(false);
    }
    let mut pip = Command::new(place.join("bin/python"));
    // The hashes are those of built packages, so no code of a package runs during the installation.
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement"])
        .arg(lock);
    if !succeeds(pip, run) {
        return Ok(false);
    }
    // The package `ziglang` contains the compiler but no command `zig`.
    let lib = place.join("lib");
    for python in fs::read_dir(&lib).into_iter().flatten().flatten() {
        let zig = python.path().join("site-packages/ziglang/zig");
        if zig.is_file() {
            let link = place.join("bin/zig");
            symlink(&zig, &link).with_context(|| cannot_write(&link))?;
        }
    }
    Ok(true)
}

fn npm(place: &Path, lock: &Path, run: Run) -> Result<bool> {
    for name in ["package.json", "package-lock.json"] {
        let (from, to) = (lock.with_file_name(name), place.join(name));
        output::copy_beside(&from, &to)?;
    }
    let mut npm = Command::new("npm");
    npm.arg("ci").arg("--prefix").arg(place);
    npm.args(["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    Ok(succeeds(npm, run))
}

/// Runs the client of a registry, and returns whether it succeeded. A client that is missing counts as failed.
fn succeeds(client: Command, run: Run) -> bool {
    run.run(client, Said::AtOnce).unwrap_or_else(|error| {
        log::show_text(&format!("{error:#}\n"));
        false
    })
}
