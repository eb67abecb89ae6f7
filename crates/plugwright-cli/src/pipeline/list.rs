//! The folder of built plugins and its index: removes plugins whose source is gone, and finds out whether the index is
//! out of date.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use plugwright::{Dist, ForeignText, signature_beside};

use super::sbom;
use crate::statement::Statement;
use crate::{log, plugin_argument};

/// The suffix of a provenance file's name.
const STATEMENT: &str = ".provenance.json";

/// Removes all files of plugins that no longer exist in the project: those that have a provenance file in the folder,
/// are not in `names`, and were built for this project according to `is_own`. All other files stay.
///
/// # Errors
///
/// Fails if a file cannot be read or removed.
pub(crate) fn remove_gone(
    folder: &Path,
    names: &BTreeSet<&str>,
    is_own: impl Fn(&str) -> bool,
) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let cannot = || format!("cannot read the folder `{}`", ForeignText::of_path(folder));
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let file = entry.with_context(cannot)?.file_name();
        let name = file.to_str().and_then(|file| file.strip_suffix(STATEMENT));
        let name = name.filter(|name| !names.contains(name) && is_own(name));
        let Some(name) = name else { continue };
        let plugin = folder.join(format!("{name}.wasm"));
        let symbols = symbols(&plugin);
        let shown = ForeignText::of_path(&plugin);
        log::show_text(&format!("removing `{shown}`, whose plugin is no longer in the project\n"));
        // Remove the provenance file last: the other files are found by it.
        let files = [
            signature_beside(&plugin),
            plugin,
            symbols,
            sbom::path(folder, name),
            Statement::path(folder, name),
        ];
        for gone in files {
            match fs::remove_file(&gone) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                removed => removed
                    .with_context(|| format!("cannot remove `{}`", ForeignText::of_path(&gone)))?,
            }
        }
    }
    Ok(())
}

/// Returns whether the folder's index lists other plugins than the folder has, or is missing.
pub(crate) fn is_outdated(folder: &Path) -> bool {
    let Ok(files) = plugin_argument::files_in(folder) else { return false };
    let there: BTreeSet<_> = files.iter().filter(|it| is_built(it)).map(|it| stem(it)).collect();
    match Dist::open(folder) {
        Ok(list) => {
            list.plugins().iter().map(|entry| OsStr::new(&entry.name)).collect::<BTreeSet<_>>()
                != there
        }
        Err(_) => !there.is_empty(),
    }
}

/// Returns whether the pipeline built the file. Only then are there symbols for it.
pub(crate) fn is_built(plugin: &Path) -> bool {
    symbols(plugin).is_file()
}

fn symbols(plugin: &Path) -> PathBuf {
    plugin.with_file_name("symbols").join(plugin.file_name().unwrap_or_default())
}

fn stem(file: &Path) -> &OsStr {
    file.file_stem().unwrap_or_default()
}
