//! The licences of the crates that are linked into the command, for its archive.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::{files, run};

/// The manifest of the command.
const MANIFEST: &str = "crates/plugwright-cli/Cargo.toml";

/// The features of the command in an archive, as in the recipe `install`.
const FEATURES: &str = "compose,registry,report";

/// How the names of files with a licence begin, in capitals.
const BEGINS: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    license_file: Option<PathBuf>,
    manifest_path: PathBuf,
    /// Crates of this workspace have no source.
    source: Option<String>,
}

/// Lists the crates with their licences, and each text once.
///
/// # Errors
///
/// Contains the error of cargo, or says which licence cannot be read.
pub(crate) fn licences(root: &Path, host: &str) -> Result<String> {
    let words = ["tree", "--edges=normal,build", "--prefix=none", "--format={p}", "--target", host];
    let said = run::output(&mut cargo(root, &words))?;
    let linked: BTreeSet<_> = said.lines().filter_map(named).collect();
    let words = ["metadata", "--format-version=1", "--filter-platform", host];
    let said = run::output(&mut cargo(root, &words))?;
    let Metadata { mut packages } =
        serde_json::from_str(&said).context("`cargo metadata` has unexpected output")?;
    packages.retain(|it| it.source.is_some() && linked.contains(&(&*it.name, &*it.version)));
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));

    let mut list = String::new();
    let mut texts = BTreeMap::<String, Vec<String>>::new();
    for package in &packages {
        let Package { name, version, license, .. } = package;
        let license = license.as_deref().unwrap_or("in the text below");
        let found = package.texts()?;
        let missing = if found.is_empty() { " (its package has no text)" } else { "" };
        let _ = writeln!(list, "{name} {version}: {license}{missing}");
        for (file, text) in found {
            texts.entry(text).or_default().push(format!("{name} {version}: {file}"));
        }
    }
    // In the order of the crates.
    let mut texts: Vec<_> = texts.into_iter().map(|(text, of)| (of, text)).collect();
    texts.sort();
    let mut all = format!(
        "The command contains these crates, besides those of Plugwright. Their packages have the texts below.\n\n{list}"
    );
    for (of, text) in texts {
        let _ = write!(all, "\n{}\n{}\n\n{}\n", "-".repeat(80), of.join("\n"), text.trim_end());
    }
    Ok(all)
}

fn cargo(root: &Path, words: &[&str]) -> Command {
    let mut cargo = run::cargo(root);
    cargo.args(words).args(["--locked", "--manifest-path", MANIFEST, "--features", FEATURES]);
    cargo
}

/// The name and the version in a line of `cargo tree`.
fn named(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once(" v")?;
    Some((name, rest.split(' ').next()?))
}

impl Package {
    /// The files with its licences, by name.
    fn texts(&self) -> Result<BTreeMap<String, String>> {
        let folder = self.manifest_path.parent().context("a package has no folder")?;
        let mut names = files::names(folder)?;
        names.retain(|name| BEGINS.iter().any(|it| name.to_uppercase().starts_with(it)));
        names.extend(self.license_file.iter().map(|it| it.display().to_string()));
        let mut texts = BTreeMap::new();
        for name in names {
            let path = folder.join(&name);
            // Some packages have a folder of licences.
            let inner = if path.is_dir() { files::names(&path)? } else { Vec::new() };
            let inner = inner.into_iter().map(|inner| format!("{name}/{inner}"));
            let all = if path.is_dir() { inner.collect() } else { vec![name.clone()] };
            for name in all {
                let bytes = fs::read(folder.join(&name)).with_context(|| {
                    format!("cannot read `{name}` of the crate `{}`", self.name)
                })?;
                let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
                texts.insert(name, text);
            }
        }
        if self.license.is_none() && texts.is_empty() {
            bail!("the crate `{}` has no licence: ask its authors for one", self.name);
        }
        Ok(texts)
    }
}
