//! The folder of templates, if the host grants it.

use std::path::Path;
use std::{fs, io};

use minijinja::{Error, ErrorKind};
use plugwright_guest::debug;

use crate::source;

/// The name of the folder in the plugin.
const FOLDER: &str = "/templates";

/// Reads the template `name`. Returns nothing if the folder does not have it.
///
/// # Errors
///
/// Fails if the name leads out of the folder, if the folder is not granted, or if the file cannot be read as text.
pub(crate) fn read(name: &str) -> Result<Option<String>, Error> {
    // This is not a missing template, which `ignore missing` would skip.
    let refused =
        |reason: String| Err(Error::new(ErrorKind::BadInclude, format!("`{name}` {reason}")));
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
    if !name.split('/').all(plain) {
        return refused(format!(
            "is not the name of a template: it is a path within the folder `{FOLDER}`, such as \
             `parts/header.html`, without `.` and `..`"
        ));
    }
    if !Path::new(FOLDER).is_dir() {
        return refused(format!(
            "is needed, and no folder `{FOLDER}` is granted: grant it, as with `--grant \
             folder=PATH:{FOLDER}`"
        ));
    }
    match fs::read_to_string(Path::new(FOLDER).join(name)) {
        Ok(source) => {
            source::check(&source)?;
            debug!("a template was read", name = name);
            Ok(Some(source))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            refused("is not text in UTF-8".to_owned())
        }
        Err(error) => refused(format!("cannot be read: {error}")),
    }
}
