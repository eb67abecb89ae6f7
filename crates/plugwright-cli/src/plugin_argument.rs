//! A plugin as an argument: a file, or a name in the folder that `just build` filled.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::Context as _;
use plugwright::{
    AnyPlugin, Dist, ForeignText, Host, Limits, read_plugin, read_signature, signature_beside,
    symbols_beside,
};

use crate::exit::{self, Failed};
use crate::progress;

/// A plugin that was read and not loaded.
pub(crate) struct Read {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// Its signature, if it has one.
    signature: Option<String>,
    /// Where its symbols are, if it has some.
    symbols: PathBuf,
}

impl Read {
    fn new(name: String, bytes: Vec<u8>, path: &Path) -> Result<Self, Failed> {
        let signature = read_signature(path)?;
        Ok(Self { name, bytes, signature, symbols: symbols_beside(path) })
    }

    /// Its signature, if it has one.
    pub(crate) fn signature(&self) -> Option<&str> {
        self.signature.as_deref()
    }

    /// Loads it into `host`.
    pub(crate) fn load(&self, host: &Host) -> Result<AnyPlugin, Failed> {
        let signed = self.signature.as_ref().map(|signature| host.signed(&**signature));
        let host = signed.as_ref().unwrap_or(host);
        let what = format!("compiling {}", ForeignText::from(&*self.name));
        let plugin = progress::during(what, || host.load_any_bytes(&self.name, &self.bytes))?;
        Ok(plugin.with_symbols(&self.symbols))
    }
}

/// Reads the plugin that `argument` stands for, which is to be loaded within `limits`.
///
/// What has a folder in it, ends in `.wasm` or is not UTF-8 is a file, whose path begins in `folder`.
/// Anything else is a name in `dist`.
pub(crate) fn read(
    argument: &OsStr,
    folder: &Path,
    dist: &Path,
    limits: &Limits,
) -> Result<Read, Failed> {
    let (path, bytes) = bytes_of(argument, folder, dist, limits)?;
    Read::new(name_of(&path), bytes, &path)
}

/// The file that `argument` stands for, as in [`read`], and its bytes.
pub(crate) fn bytes_of(
    argument: &OsStr,
    folder: &Path,
    dist: &Path,
    limits: &Limits,
) -> Result<(PathBuf, Vec<u8>), Failed> {
    match argument.to_str().filter(|it| !is_file(it)) {
        Some(name) => {
            let dist = Dist::open(dist).map_err(exit::load)?;
            Ok((dist.path(name), dist.read(name).map_err(exit::load)?))
        }
        None => {
            let path = folder.join(argument);
            let bytes = bytes_of_file(&path, limits)?;
            Ok((path, bytes))
        }
    }
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

/// Reads the plugin in the file `path`, which is to be loaded within `limits`. If there is a manifest beside
/// it that lists it, it must be what that says.
pub(crate) fn read_file(path: &Path, limits: &Limits) -> Result<Read, Failed> {
    Read::new(name_of(path), bytes_of_file(path, limits)?, path)
}

fn bytes_of_file(path: &Path, limits: &Limits) -> Result<Vec<u8>, Failed> {
    let name = name_of(path);
    let dist = path.parent().and_then(|folder| Dist::open(folder).ok());
    let listed = dist.filter(|dist| dist.plugins().iter().any(|entry| entry.name == name));
    match listed {
        Some(dist) => dist.read(&name).map_err(exit::load),
        None => Ok(read_plugin(path, limits)?),
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

/// The name of the plugin in the file `path`.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Says whether an argument is a file, and not a name.
fn is_file(argument: &str) -> bool {
    let path = Path::new(argument);
    path.components().count() > 1 || path.extension().is_some_and(|it| it == "wasm")
}
