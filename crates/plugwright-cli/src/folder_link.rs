//! Links to folders, which can lead back to where they are.

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use plugwright::ForeignText;

/// Refuses a link to a folder that it is in: whoever reads all that is in there would read all of it again.
///
/// # Errors
///
/// Says which link it is.
pub fn refuse_loop(folder: &Path) -> Result<()> {
    let around = folder.parent().filter(|around| *around != Path::new(""));
    let around = fs::canonicalize(around.unwrap_or(Path::new(".")));
    match (around, fs::canonicalize(folder)) {
        (Ok(around), Ok(target)) if folder.is_symlink() && around.starts_with(&target) => {
            Err(anyhow!(
                "`{}` is a link to a folder that it is in: remove the link",
                ForeignText::of_path(folder)
            ))
        }
        _ => Ok(()),
    }
}
