//! The archive of the plugins, which is the same for all systems.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use semver::Version;
use serde_json::Value;

use crate::files;

/// Optional files that are published with a plugin, by their suffix.
const BESIDE: [&str; 2] = ["cdx.json", "wasm.minisig"];

/// Packs the plugins in the folder `dist` into an archive in the folder `folder`.
///
/// # Errors
///
/// Says what is missing, or that a provenance statement does not match its plugin.
pub(crate) fn pack(dist: &Path, version: &Version, time: u64, folder: &Path) -> Result<()> {
    let top = format!("plugwright-plugins-{version}");
    let stage = tempfile::tempdir_in(folder).context("cannot make a temporary folder")?;
    let staged = stage.path().join(&top);
    files::create_folder(&staged.join("symbols"))?;
    let names = files::names(dist)?;
    let plugins: Vec<_> = names.iter().filter_map(|name| name.strip_suffix(".wasm")).collect();
    if plugins.is_empty() {
        bail!("there are no built plugins in `{}`: run `just build`", dist.display());
    }
    for plugin in plugins {
        let (file, statement) = (format!("{plugin}.wasm"), format!("{plugin}.provenance.json"));
        is_stated(dist, &file, &statement)?;
        let beside = BESIDE.map(|end| format!("{plugin}.{end}"));
        let beside = beside.into_iter().filter(|name| names.contains(name));
        let all = [format!("symbols/{file}"), statement, file].into_iter().chain(beside);
        for name in all {
            fs::copy(dist.join(&name), staged.join(&name)).with_context(|| {
                format!("cannot copy `{}`: run `just build`", dist.join(&name).display())
            })?;
        }
    }
    files::pack(stage.path(), &top, time, &folder.join(format!("{top}.tar.gz")))
}

/// Checks that the provenance statement matches the plugin.
fn is_stated(dist: &Path, file: &str, statement: &str) -> Result<()> {
    let path = dist.join(statement);
    let text = fs::read(&path)
        .with_context(|| format!("cannot read `{}`: run `just build`", path.display()))?;
    let said: Value = serde_json::from_slice(&text)
        .with_context(|| format!("`{}` is not a provenance statement", path.display()))?;
    let sha256 = files::digested(dist, file)?.sha256;
    if said.pointer("/subject/0/digest/sha256").and_then(Value::as_str) != Some(&*sha256) {
        bail!("`{}` does not match `{file}`: run `just build`", path.display());
    }
    Ok(())
}
