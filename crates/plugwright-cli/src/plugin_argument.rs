//! A plugin as an argument: a name in the folder of built plugins, a file, or a reference to a registry.

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

/// Returns the progress text for loading a plugin.
pub(crate) fn compiling(candidate: &Candidate<'_>) -> String {
    format!("compiling {}", ForeignText::from(candidate.name()))
}

/// Reads the plugin that `argument` names, to be loaded within `limits`, with its signature.
///
/// An argument that begins with `oci://` is a plugin in a registry. An argument that contains a folder, ends in `.wasm`
/// or is not UTF-8 is a file, relative to `folder`. Anything else is a name in `dist`.
pub(crate) fn read(
    argument: &OsStr,
    folder: &Path,
    dist: &Path,
    limits: &Limits,
) -> Result<Unverified<'static>, Failed> {
    Ok(read_resolved(argument, folder, dist, limits)?.0)
}

/// Reads the plugin as [`read`] does. For a plugin in a registry, also returns its reference by digest.
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

/// Reads a plugin to be signed, without its signature. A name must be in the list that the pipeline wrote.
pub(crate) fn read_to_sign(argument: &OsStr, dist: &Path) -> Result<Unverified<'static>, Failed> {
    match argument.to_str().filter(|it| !is_file(it)) {
        Some(name) => built(&Dist::open(dist).map_err(exit::load)?, name, &Limits::none()),
        None => unsigned_file(Path::new(argument), &Limits::none()),
    }
}

/// Reads the plugin `name` in the folder `dist`, to be loaded within `limits`, without its signature.
fn built(dist: &Dist, name: &str, limits: &Limits) -> Result<Unverified<'static>, Failed> {
    let bytes = dist.read_within(name, limits).map_err(exit::load)?;
    Ok(Unverified::new(name.to_owned(), bytes).of_file(dist.path(name)))
}

/// Returns the names of all plugins in the folder `dist`.
pub(crate) fn all_in(dist: &Path) -> Result<Vec<OsString>, Failed> {
    let dist = Dist::open(dist).map_err(exit::load)?;
    Ok(dist.plugins().iter().map(|entry| entry.name.clone().into()).collect())
}

/// Returns the file of the plugin that `argument` names, and the files that prove its identity: its signature, and the
/// list of plugins. These may not exist.
pub(crate) fn files(argument: &OsStr, dist: &Path) -> (PathBuf, [PathBuf; 2]) {
    let path = match argument.to_str().filter(|it| !is_file(it)) {
        Some(name) => dist.join(format!("{name}.wasm")),
        None => argument.into(),
    };
    let others = [signature_beside(&path), path.with_file_name(Dist::MANIFEST)];
    (path, others)
}

/// Returns the plugins that `argument` names: one, or several separated by commas.
pub(crate) fn split(argument: &OsStr) -> Vec<&OsStr> {
    match argument.to_str().filter(|it| !Path::new(it).is_file()) {
        Some(names) => names.split(',').filter(|it| !it.is_empty()).map(OsStr::new).collect(),
        None => vec![argument],
    }
}

/// Reads the plugin in the file `path`, to be loaded within `limits`, with its signature. If a `plugins.json` beside it
/// lists the plugin, the file must match that list.
pub(crate) fn read_file(path: &Path, limits: &Limits) -> Result<Unverified<'static>, Failed> {
    Ok(unsigned_file(path, limits)?.signed_beside()?)
}

fn unsigned_file(path: &Path, limits: &Limits) -> Result<Unverified<'static>, Failed> {
    let name = name_of(path);
    let dist = match path.parent().map(Dist::open) {
        None | Some(Err(DistError::Missing { .. })) => None,
        Some(Ok(dist)) => Some(dist),
        Some(Err(error)) => {
            // Whoever cannot read the plugin either is told about the plugin, which is what they named.
            let unread = Unverified::open(path, limits).err();
            return Err(unread.map_or_else(|| exit::load(error), Failed::from));
        }
    };
    // A copy of a plugin beside it, such as `quote.old`, is not the listed file.
    let is_listed = |dist: &Dist| {
        dist.path(&name) == path && dist.plugins().iter().any(|entry| entry.name == name)
    };
    if let Some((scheme, _)) = path.to_str().and_then(|it| it.split_once("://")) {
        let scheme = ForeignText::from(scheme);
        return Err(exit::usage(anyhow!(
            "a reference to a registry begins with `oci://`, not with `{scheme}://`"
        )));
    }
    match dist.filter(is_listed) {
        Some(dist) => built(&dist, &name, limits),
        None => Ok(Unverified::open(path, limits)?),
    }
}

/// Returns the files of plugins in `folder`, in the order of their names. Files whose names begin with a dot are
/// temporary files of the pipeline.
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

/// Returns whether an argument looks like the name of a plugin, or several names, and is not an existing file.
pub(crate) fn are_names(argument: &OsStr) -> bool {
    let is_name = |it: &OsStr| {
        Path::new(it).extension().is_none()
            && it.to_str().is_some_and(|it| it != "-" && !is_file(it))
    };
    !Path::new(argument).exists() && split(argument).into_iter().all(is_name)
}

/// Returns whether an argument is a file, and not a name.
fn is_file(argument: &str) -> bool {
    let path = Path::new(argument);
    path.components().count() > 1 || path.extension().is_some_and(|it| it == "wasm")
}
