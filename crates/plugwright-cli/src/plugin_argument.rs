//! A plugin as an argument: a file, or a name in the folder that `just build` filled.

use std::fs;
use std::path::Path;

use plugwright::{Dist, LoadError};

use crate::exit::{self, Failed};

/// Reads the plugin that `argument` stands for: its name and its bytes.
///
/// What has a folder in it or ends in `.wasm` is a file. Anything else is a name in `dist`, whose
/// manifest says what the file must be.
pub(crate) fn read(argument: &str, dist: &Path) -> Result<(String, Vec<u8>), Failed> {
    let path = Path::new(argument);
    let is_file = path.components().count() > 1 || path.extension().is_some_and(|it| it == "wasm");
    if is_file {
        let bytes =
            fs::read(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok((name, bytes))
    } else {
        let bytes = Dist::open(dist).and_then(|dist| dist.read(argument)).map_err(exit::load)?;
        Ok((argument.to_owned(), bytes))
    }
}
