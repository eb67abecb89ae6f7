//! A plugin as an argument: a file, or a name in the folder that `plugwright build` filled.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, anyhow};
use plugwright::{
    Candidate, Dist, DistError, ForeignText, Host, Limits, Unverified, name_of, signature_beside,
};
use plugwright_contract::AnyPlugin;
use plugwright_contract::prelude::*;

use crate::exit::{self, Failed};
use crate::{progress, registry};

/// Loads the plugin `candidate` into `host`.
pub(crate) fn load(candidate: &Candidate<'_>, host: &Host) -> Result<AnyPlugin, Failed> {
    Ok(progress::during(&compiling(candidate), || host.load_any_candidate(candidate))?)
}

/// What is done when a plugin is loaded, in words.
pub(crate) fn compiling(candidate: &Candidate<'_>) -> String {
    format!("compiling {}", ForeignText::from(candidate.name()))
}

/// Reads the plugin that `argument` stands for, which is to be loaded within `limits`, and its signature.
///
/// What begins with `oci://` is a plugin of a registry. What has a folder in it, ends in `.wasm` or is not UTF-8 is a file,
/// whose path begins in `folder`. Anything else is a name in `dist`.
pub(crate) fn read(
    argument: &OsStr,
    folder: &Path,
    dist: &Path,
    limits: &Limits,
) -> Result<Unverified<'static>, Failed> {
    Ok(read_resolved(argument, folder, dist, limits)?.0)
}

/// Reads the plugin as [`read`] does, and gives its reference by its digest, too, if it is one of a registry.
pub(crate) fn read_resolved(
    argument: &OsStr,
    folder: &Path,
    dist: &Path,
    limits: &Limits,
) -> Result<(Unverified<'static>, Option<String>), Failed> {
    let unsigned = match argument.to_str() {
        Some(reference) if registry::is_meant(reference) => {
            let (plugin, resolved) = registry::read(reference, limits)?;
            return Ok((plugin, Some(resolved)));
        }
        Some(name) if !is_file(name) => {
            built(&Dist::listed_or_files(dist).map_err(exit::load)?, name, limits)
        }
        _ => unsigned_file(&folder.join(argument), limits),
    };
    Ok((unsigned?.signed_beside()?, None))
}

/// Reads a plugin that is to be signed, without its signature: a name is one that the pipeline listed.
pub(crate) fn read_to_sign(argument: &OsStr, dist: &Path) -> Result<Unverified<'static>, Failed> {
    match argument.to_str().filter(|it| !is_file(it)) {
        Some(name) => built(&Dist::open(dist).map_err(exit::load)?, name, &Limits::none()),
        None => unsigned_file(Path::new(argument), &Limits::none()),
    }
}

/// The plugin `name` of the folder `dist`, which is to be loaded within `limits`, without its signature.
fn built(dist: &Dist, name: &str, limits: &Limits) -> Result<Unverified<'static>, Failed> {
    let bytes = dist.read_within(name, limits).map_err(exit::load)?;
    Ok(Unverified::new(name.to_owned(), bytes).of_file(dist.path(name)))
}

/// The names of all plugins in the folder `dist`.
pub(crate) fn all_in(dist: &Path) -> Result<Vec<OsString>, Failed> {
    let dist = Dist::open(dist).map_err(exit::load)?;
    Ok(dist.plugins().iter().map(|entry| entry.name.clone().into()).collect())
}

/// The file of the plugin that `argument` stands for, and what says that it is the right one: its
/// signature, and the manifest that lists it, if they are there.
pub(crate) fn files(argument: &OsStr, dist: &Path) -> (PathBuf, [PathBuf; 2]) {
    let path = match argument.to_str().filter(|it| !is_file(it)) {
        Some(name) => dist.join(format!("{name}.wasm")),
        None => argument.into(),
    };
    let others = [signature_beside(&path), path.with_file_name(Dist::MANIFEST)];
    (path, others)
}

/// The plugins that `argument` names: one, or several with commas between them.
pub(crate) fn split(argument: &OsStr) -> Vec<&OsStr> {
    match argument.to_str().filter(|it| !Path::new(it).is_file()) {
        Some(names) => names.split(',').filter(|it| !it.is_empty()).map(OsStr::new).collect(),
        None => vec![argument],
    }
}

/// Reads the plugin in the file `path`, which is to be loaded within `limits`, and its signature. If there is a
/// manifest beside it that lists it, it must be what that says.
pub(crate) fn read_file(path: &Path, limits: &Limits) -> Result<Unverified<'static>, Failed> {
    Ok(unsigned_file(path, limits)?.signed_beside()?)
}

fn unsigned_file(path: &Path, limits: &Limits) -> Result<Unverified<'static>, Failed> {
    let name = name_of(path);
    let dist = match path.parent().map(Dist::open) {
        None | Some(Err(DistError::Missing { .. })) => None,
        Some(dist) => Some(dist.map_err(exit::load)?),
    };
    // A copy beside it, such as `quote.old`, is another file.
    let is_listed = |dist: &Dist| {
        dist.path(&name) == path && dist.plugins().iter().any(|entry| entry.name == name)
    };
    if let Some((scheme, _)) = path.to_str().and_then(|it| it.split_once("://")) {
        let scheme = ForeignText::from(scheme);
        return Err(exit::usage(anyhow!(
            "a plugin of a registry begins with `oci://`, not with `{scheme}://`"
        )));
    }
    match dist.filter(is_listed) {
        Some(dist) => built(&dist, &name, limits),
        None => Ok(Unverified::open(path, limits)?),
    }
}

/// The files of plugins in `folder`, in the order of their names. The pipeline writes beside, under names
/// that begin with a dot.
pub(crate) fn files_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let is_plugin = |path: &PathBuf| {
        let hidden = path.file_name().is_some_and(|it| it.as_encoded_bytes().starts_with(b"."));
        !hidden && path.extension().is_some_and(|extension| extension == "wasm")
    };
    let mut files = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>())
        .with_context(|| format!("cannot read the folder `{}`", ForeignText::of_path(folder)))?;
    files.retain(is_plugin);
    files.sort();
    Ok(files)
}

/// Says whether an argument looks like the name of a plugin, or several, and there is no file that is called so.
pub(crate) fn are_names(argument: &OsStr) -> bool {
    let is_name = |it: &OsStr| {
        Path::new(it).extension().is_none()
            && it.to_str().is_some_and(|it| it != "-" && !is_file(it))
    };
    !Path::new(argument).exists() && split(argument).into_iter().all(is_name)
}

/// Says whether an argument is a file, and not a name.
fn is_file(argument: &str) -> bool {
    let path = Path::new(argument);
    path.components().count() > 1 || path.extension().is_some_and(|it| it == "wasm")
}
