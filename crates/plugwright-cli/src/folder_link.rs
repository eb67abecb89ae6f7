//! Links to folders, which can lead back to where they are.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use plugwright::ForeignText;

/// Where the folder really is.
///
/// # Errors
///
/// Says that it cannot be read.
pub fn real_path(folder: &Path) -> Result<PathBuf> {
    fs::canonicalize(folder)
        .with_context(|| format!("cannot read the folder `{}`", ForeignText::of_path(folder)))
}

/// Refuses a folder that is really at `real` if it is one of `open`, which are being read: whoever reads all that is in
/// there would read all of it again.
///
/// # Errors
///
/// Says which link leads back.
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
