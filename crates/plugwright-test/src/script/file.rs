//! Files that scripts name: those in the script's folder, and no others.

use std::path::{Component, Path};

use plugwright::{FileKind, ForeignText};

/// A file that a script gives to a plugin.
const FILE: FileKind = FileKind::new("file of a script", 64 << 20);

/// Reads the file `path` in the folder.
///
/// # Errors
///
/// Says that it is not there, or that it would be outside of the folder.
pub(crate) fn read(folder: &Path, path: &str) -> Result<Vec<u8>, String> {
    let relative = Path::new(path);
    let is_inside =
        relative.components().all(|it| matches!(it, Component::CurDir | Component::Normal(_)));
    let outside = || {
        format!(
            "`{}` is not in the script's folder: name a file by its place in that",
            ForeignText::from(path)
        )
    };
    if path.is_empty() || !is_inside {
        return Err(outside());
    }
    // The folder of a path that is a name alone is empty, which is none to the system.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let file = folder.join(relative);
    let why = |error: &dyn std::fmt::Display| {
        format!("cannot read `{}`: {error}", ForeignText::from(path))
    };
    // A link leads anywhere.
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
