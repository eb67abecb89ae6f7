//! The archive of the plugins, which is the same for all systems.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use semver::Version;
use serde_json::Value;

use crate::files;

/// Optional files that are published with a plugin, by their suffix.
const BESIDE: [&str; 2] = ["cdx.json", "wasm.minisig"];

/// The licences of the plugins.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// The name of the archive, without its suffix.
pub(crate) fn top(version: &Version) -> String {
    format!("plugwright-plugins-{version}")
}

/// Packs the plugins in the folder `dist` into an archive in the folder `folder`, by way of the folder `target`.
///
/// # Errors
///
/// Says what is missing, that a plugin has another version, or that a provenance statement does not match its plugin.
pub(crate) fn pack(
    root: &Path,
    target: &Path,
    dist: &Path,
    version: &Version,
    time: u64,
    folder: &Path,
) -> Result<()> {
    let top = top(version);
    let stage = files::stage(target)?;
    let staged = stage.path().join(&top);
    files::create_folder(&staged.join("symbols"))?;
    let names = files::names(dist)?;
    let plugins: Vec<_> = names.iter().filter_map(|name| name.strip_suffix(".wasm")).collect();
    if plugins.is_empty() {
        bail!("there are no built plugins in `{}`: run `just build`", dist.display());
    }
    let listed = listed(dist)?;
    for plugin in plugins {
        let (file, statement) = (format!("{plugin}.wasm"), format!("{plugin}.provenance.json"));
        is_of(dist, plugin, &listed, version)?;
        is_stated(dist, &file, &statement)?;
        let beside = BESIDE.map(|end| format!("{plugin}.{end}"));
        let beside = beside.into_iter().filter(|name| names.contains(name));
        let all = [format!("symbols/{file}"), statement, file].into_iter().chain(beside);
        for name in all {
            files::copy(&dist.join(&name), &staged.join(&name))
                .context("cannot pack the plugins: run `just build`")?;
        }
    }
    for licence in LICENCES {
        files::copy(&root.join(licence), &staged.join(licence))?;
    }
    files::pack(stage.path(), &top, time, &folder.join(format!("{top}.tar.gz")))
}

/// The list of plugins that `just build` writes.
fn listed(dist: &Path) -> Result<Vec<Value>> {
    let path = dist.join("plugins.json");
    let cannot =
        || format!("cannot read the list of plugins `{}`: run `just build`", path.display());
    serde_json::from_reader(File::open(&path).with_context(cannot)?).with_context(cannot)
}

/// Checks that the plugin has this version.
fn is_of(dist: &Path, plugin: &str, listed: &[Value], version: &Version) -> Result<()> {
    let text = |it: &Value, key: &str| it.get(key).and_then(Value::as_str).map(str::to_owned);
    let entry = listed.iter().find(|it| text(it, "name").as_deref() == Some(plugin));
    let has = entry.and_then(|it| text(it, "version")).unwrap_or_else(|| "no version".to_owned());
    if has != version.to_string() {
        bail!(
            "the plugin `{plugin}` has {has} instead of {version} in `{}`: run `just build` in a tree of that version",
            dist.join("plugins.json").display()
        );
    }
    Ok(())
}

/// Checks that the provenance statement matches the plugin.
fn is_stated(dist: &Path, file: &str, statement: &str) -> Result<()> {
    let path = dist.join(statement);
    files::is_file(&path)
        .with_context(|| format!("`{file}` has no provenance statement: run `just build`"))?;
    let text = fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let said: Value = serde_json::from_slice(&text)
        .with_context(|| format!("`{}` is not a provenance statement", path.display()))?;
    let sha256 = files::digested(dist, file)?.sha256;
    if said.pointer("/subject/0/digest/sha256").and_then(Value::as_str) != Some(&*sha256) {
        bail!("`{}` does not match `{file}`: run `just build`", path.display());
    }
    Ok(())
}
