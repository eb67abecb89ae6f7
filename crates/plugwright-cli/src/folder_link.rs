//! Links to folders, which can lead back to where they are.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use plugwright::ForeignText;

/// Where the folder really is, unless it leads back to one that is being read: whoever reads all that is in there would
/// read all of it again.
///
/// # Errors
///
/// Says which link it is, or what cannot be read.
pub fn real_path(folder: &Path, leads_back: impl FnOnce(&Path) -> bool) -> Result<PathBuf> {
    let shown = || ForeignText::of_path(folder);
    let real = fs::canonicalize(folder)
        .with_context(|| format!("cannot read the folder `{}`", shown()))?;
    match leads_back(&real) {
        true => Err(anyhow!("`{}` is a link to a folder that it is in: remove the link", shown())),
        false => Ok(real),
    }
}
