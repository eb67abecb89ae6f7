//! Files that scripts read. They must be in the script's folder.

use std::path::{Component, Path};

use plugwright::{FileKind, ForeignText};

/// The kind of files that a script passes to a plugin.
const FILE: FileKind = FileKind::new("file of a script", 64 << 20);

/// Reads the file `path` in the folder.
///
/// # Errors
///
/// Fails if the file cannot be read, or if it is outside the folder.
pub(crate) fn read(folder: &Path, path: &str) -> Result<Vec<u8>, String> {
    let relative = Path::new(path);
    let is_inside =
        relative.components().all(|it| matches!(it, Component::CurDir | Component::Normal(_)));
    let outside = || {
        format!(
            "`{}` is not in the script's folder: give a path relative to that folder",
            ForeignText::from(path)
        )
    };
    if path.is_empty() || !is_inside {
        return Err(outside());
    }
    // The folder of a bare file name is an empty path, which the system does not accept.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let file = folder.join(relative);
    let why = |error: &dyn std::fmt::Display| {
        format!("cannot read `{}`: {error}", ForeignText::from(path))
    };
    // A link can lead anywhere.
    let (folder, file) = match (folder.canonicalize(), file.canonicalize()) {
        (Ok(folder), Ok(file)) => (folder, file),
        (Err(error), _) | (_, Err(error)) => return Err(why(&error)),
    };
    if !file.starts_with(folder) {
        return Err(outside());
    }
    FILE.read(file).map_err(|error| match std::error::Error::source(&error) {
        Some(source) => why(&source),
        None => why(&error),
    })
}
