//! Links to folders, which can lead back to a folder that contains them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use plugwright::ForeignText;

/// Returns the path of the folder without links.
///
/// # Errors
///
/// Fails if the folder cannot be read.
pub fn real_path(folder: &Path) -> Result<PathBuf> {
    fs::canonicalize(folder)
        .with_context(|| format!("cannot read the folder `{}`", ForeignText::of_path(folder)))
}

/// Refuses a folder with the real path `real` if it is one of `open`, the folders being read. Reading it would never
/// end.
///
/// # Errors
///
/// Fails with the link that leads back.
pub fn refuse_loop<'a>(
    folder: &Path,
    real: &Path,
    open: impl IntoIterator<Item = &'a Path>,
) -> Result<()> {
    match open.into_iter().any(|open| open == real) {
        true => Err(anyhow!(
            "`{}` is a link to a folder that contains it: remove the link",
            ForeignText::of_path(folder)
        )),
        false => Ok(()),
    }
}
