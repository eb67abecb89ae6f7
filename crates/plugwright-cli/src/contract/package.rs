//! A contract as it is on disk: a package of WIT, with those that it uses.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use semver::Version;
use wit_parser::{PackageId, PackageName, Resolve, SourceMap, UnresolvedPackageGroup};

/// A contract.
pub(crate) struct Package {
    /// The folder or the file.
    pub(crate) path: PathBuf,
    /// All files of it.
    pub(crate) files: Vec<PathBuf>,
    /// The file that says what the package is called.
    pub(crate) file: PathBuf,
    pub(crate) version: Version,
    pub(crate) resolve: Resolve,
    pub(crate) package: PackageId,
}

impl Package {
    /// Reads the contract in the folder or file `path`.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let mut files = wit_files(path)?;
        let mut resolve = Resolve::default();
        let main = parse(&files)?;
        let mut dependencies = Vec::new();
        let folder = path.join("deps");
        if folder.is_dir() {
            for dependency in entries(&folder)? {
                let found = wit_files(&dependency)?;
                if !found.is_empty() {
                    dependencies.push(parse(&found)?);
                    files.extend(found);
                }
            }
        }
        let names = |file: &&PathBuf| {
            let text = fs::read_to_string(file).unwrap_or_default();
            text.lines().any(|line| line.starts_with("package "))
        };
        let file = files.iter().find(names).unwrap_or(&files[0]).clone();
        let package = resolve
            .push_groups(main, dependencies)
            .map_err(|error| anyhow!("{}", error.render(&resolve.source_map)))?;
        let name = &resolve.packages[package].name;
        let version = name.version.clone().with_context(|| {
            format!(
                "the package `{name}` has no version: write `package {name}@0.1.0;` in `{}`",
                file.display()
            )
        })?;
        Ok(Self { path: path.to_owned(), files, file, version, resolve, package })
    }

    /// The package's name, with its version.
    pub(crate) fn name(&self) -> String {
        self.id().to_string()
    }

    pub(crate) fn id(&self) -> &PackageName {
        &self.resolve.packages[self.package].name
    }
}

fn parse(files: &[PathBuf]) -> Result<UnresolvedPackageGroup> {
    let mut sources = SourceMap::default();
    for file in files {
        let text = fs::read_to_string(file)
            .with_context(|| format!("cannot read `{}`", file.display()))?;
        sources.push_str(&file.to_string_lossy(), text);
    }
    sources.parse().map_err(|(sources, error)| anyhow!("{}", error.render(&sources)))
}

/// The WIT files of the folder, or the file itself.
fn wit_files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let is_wit = |file: &PathBuf| file.is_file() && file.extension() == Some(OsStr::new("wit"));
    let files: Vec<_> = entries(path)?.into_iter().filter(is_wit).collect();
    match files.is_empty() {
        true => Err(anyhow!("there is no WIT in the folder `{}`", path.display())),
        false => Ok(files),
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || format!("cannot read the folder `{}`", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).with_context(read)? {
        entries.push(entry.with_context(read)?.path());
    }
    entries.sort();
    Ok(entries)
}
