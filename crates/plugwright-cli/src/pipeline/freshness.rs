//! Detects files that cargo should have recompiled but did not. Cargo relies on modification times, which mislead if a
//! clock went backwards or an older file replaced a newer one.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::sources::read;

/// A plugin as the last run of cargo left it.
pub(crate) struct Left<'a> {
    built: &'a Path,
    written: Option<SystemTime>,
}

impl<'a> Left<'a> {
    /// Notes the state of the file `built`, which may not exist yet.
    pub(crate) fn at(built: &'a Path) -> Self {
        Self { built, written: written(built) }
    }

    /// Returns the files that changed after the plugin was compiled, if cargo did not recompile it.
    pub(crate) fn missed(&self, root: &Path) -> Vec<PathBuf> {
        let Some(time) = self.written.filter(|_| written(self.built) == self.written) else {
            return Vec::new();
        };
        let is_in_the_future = time > SystemTime::now();
        let files = files_of(self.built, root).unwrap_or_default();
        let files = files.into_iter().map(|file| root.join(file));
        let is_later = |file: &PathBuf| changed(file).is_none_or(|it| it > time);
        files.filter(|file| is_in_the_future || is_later(file)).collect()
    }
}

/// Returns the files of this project that went into `built`, from the list that cargo writes beside it.
pub(crate) fn files_of(built: &Path, root: &Path) -> Result<Vec<String>> {
    let list = String::from_utf8(read(&built.with_extension("d"))?)?;
    let (_, files) = list.trim_end().split_once(": ").unwrap_or_default();
    // Leave out the output of build scripts: it is in the target folder, as the plugin itself is.
    let target = built.ancestors().nth(3).map(|target| root.join(target)).unwrap_or_default();
    let files = files.replace("\\ ", "\0");
    let files = files.split(' ').map(|file| file.replace('\0', " ")).map(PathBuf::from);
    // The project itself can be inside the target folder.
    let is_made = |file: &PathBuf| {
        file.starts_with(&target) && !(root.starts_with(&target) && file.starts_with(root))
    };
    let files = files.filter(|file| !is_made(file));
    Ok(files
        .filter_map(|file| Some(file.strip_prefix(root).ok()?.to_string_lossy().into_owned()))
        .collect())
}

fn written(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|file| file.modified()).ok()
}

/// Returns when the file's contents last changed, whatever its modification time says.
fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).ok().and_then(|file| of_system(&file))
}

fn of_system(file: &Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt as _;
    let seconds = u64::try_from(file.ctime()).ok()?;
    let rest = u32::try_from(file.ctime_nsec()).ok()?;
    UNIX_EPOCH.checked_add(Duration::new(seconds, rest))
}
