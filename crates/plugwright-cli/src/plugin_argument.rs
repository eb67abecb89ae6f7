//! A plugin as an argument: a file, or a name in the folder that `just build` filled.

use std::fs;
use std::path::Path;

use plugwright::{Dist, LoadError};

use crate::exit::{self, Failed};

/// Reads the plugin that `argument` stands for: its name and its bytes.
///
/// What has a folder in it or ends in `.wasm` is a file. Anything else is a name in `dist`.
pub(crate) fn read(argument: &str, dist: &Path) -> Result<(String, Vec<u8>), Failed> {
    let path = Path::new(argument);
    let is_file = path.components().count() > 1 || path.extension().is_some_and(|it| it == "wasm");
    if is_file {
        return read_file(path);
    }
    let bytes = Dist::open(dist).and_then(|dist| dist.read(argument)).map_err(exit::load)?;
    Ok((argument.to_owned(), bytes))
}

/// Reads the plugin in the file `path`: its name and its bytes. If there is a manifest beside it that
/// lists it, it must be what that says.
pub(crate) fn read_file(path: &Path) -> Result<(String, Vec<u8>), Failed> {
    let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let dist = path.parent().and_then(|folder| Dist::open(folder).ok());
    let listed = dist.filter(|dist| dist.plugins().iter().any(|entry| entry.name == name));
    let bytes = match listed {
        Some(dist) => dist.read(&name).map_err(exit::load)?,
        None => {
            fs::read(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })?
        }
    };
    Ok((name, bytes))
}
