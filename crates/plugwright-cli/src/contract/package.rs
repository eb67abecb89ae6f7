//! A contract as it is on disk: a package of WIT, with those that it uses.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fs, slice};

use anyhow::{Context as _, Result, anyhow};
use plugwright::{FileKind, ForeignText};
use semver::Version;
use wit_parser::{PackageId, PackageName, Resolve, SourceMap, UnresolvedPackageGroup};

use super::types;
use crate::catch_panic::catch_panic;
use crate::folder_link::{real_path, refuse_loop};

const WIT: FileKind = FileKind::new("WIT file", 4 << 20);

/// How many files a contract has at most, with the packages that it uses, and how many MiB there are in them: many
/// times what is in those of WASI.
const MOST_FILES: usize = 1_000;
const MOST_MIB: usize = 16;

/// A contract.
pub struct Package {
    /// The folder or the file.
    pub path: PathBuf,
    /// All files of it.
    pub files: Vec<WitFile>,
    /// The file that says what the package is called.
    pub(crate) file: PathBuf,
    /// The package's version.
    pub version: Version,
    pub(crate) resolve: Resolve,
    pub(crate) package: PackageId,
}

/// A file of a contract.
pub struct WitFile {
    /// Where it is.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

impl Package {
    /// Reads the contract in the folder or file `path`.
    ///
    /// # Errors
    ///
    /// Says what cannot be read, is no WIT, or is not there.
    pub fn read(path: &Path) -> Result<Self> {
        let mut reader = Reader { contract: path, files: 0, bytes: 0 };
        let main = reader.wit_files(path)?;
        let mut dependencies = Vec::new();
        let folder = path.join("deps");
        if folder.is_dir() {
            let (contract, all) = (real_path(path)?, real_path(&folder)?);
            refuse_loop(&folder, &all, [&*contract])?;
            for dependency in entries(&folder)? {
                if dependency.is_dir() {
                    refuse_loop(&dependency, &real_path(&dependency)?, [&*contract, &*all])?;
                }
                dependencies.push(reader.wit_files(&dependency)?);
            }
        }
        Self::parse(path, main, dependencies)
    }

    /// Reads the contract in the files `main`, and the packages that it uses in those of `dependencies`.
    /// `path` is what errors call it.
    ///
    /// # Errors
    ///
    /// Says what is no WIT, or is not there.
    pub fn parse(path: &Path, main: Vec<WitFile>, dependencies: Vec<Vec<WitFile>>) -> Result<Self> {
        let resolved = catch_panic(|| resolve(&main, &dependencies));
        let (resolve, package) = resolved.unwrap_or_else(|said| {
            let mut files = dependencies.iter().flatten().chain(&main);
            let breaks = |it: &&WitFile| catch_panic(|| parse(slice::from_ref(it))).is_err();
            let file = files.find(breaks).map_or(path, |file| &file.path);
            Err(anyhow!(
                "the parser of WIT broke off at `{}`, which is a fault of the parser: {said}; write its WIT in another way",
                ForeignText::of_path(file)
            ))
        })?;
        let files: Vec<_> = main.into_iter().chain(dependencies.into_iter().flatten()).collect();
        let names = |it: &&WitFile| it.text.lines().any(|line| line.starts_with("package "));
        let file = files.iter().find(names).or(files.first());
        let file = file.map_or_else(|| path.to_owned(), |it| it.path.clone());
        let name = &resolve.packages[package].name;
        let version = name.version.clone().with_context(|| {
            format!(
                "the package `{name}` has no version: write `package {name}@0.1.0;` in `{}`",
                ForeignText::of_path(&file)
            )
        })?;
        Ok(Self { path: path.to_owned(), files, file, version, resolve, package })
    }

    /// The package's name, with its version.
    pub fn name(&self) -> String {
        self.id().to_string()
    }

    pub(crate) fn id(&self) -> &PackageName {
        &self.resolve.packages[self.package].name
    }
}

/// The package that the files `main` are, with all packages.
fn resolve(main: &[WitFile], dependencies: &[Vec<WitFile>]) -> Result<(Resolve, PackageId)> {
    let mut resolve = Resolve::default();
    let group = parse(main)?;
    let groups = dependencies.iter().filter(|files| !files.is_empty());
    let groups = groups.map(|files| parse(files)).collect::<Result<Vec<_>>>()?;
    let package = resolve
        .push_groups(group, groups)
        .map_err(|error| anyhow!(plain(error.render(&resolve.source_map))))?;
    match types::doubled(&resolve) {
        Some((doubled, span)) => Err(anyhow!(
            "{}: {doubled}: give one of them another name",
            resolve.source_map.render_location(span)
        )),
        None => Ok((resolve, package)),
    }
}

fn parse(files: &[WitFile]) -> Result<UnresolvedPackageGroup> {
    let mut sources = SourceMap::default();
    for WitFile { path, text } in files {
        // The parser panics at an empty comment, and one with a space in it means the same, also in other comments.
        let text = text.replace("/**/", "/* */");
        sources.push_str(&ForeignText::of_path(path).whole().to_string(), text);
    }
    sources.parse().map_err(|(sources, error)| anyhow!(plain(error.render(&sources))))
}

/// What the parser says. A character that there must not be is in it as Rust has it for debugging.
fn plain(said: String) -> String {
    let rest = said.split_once("EscapeUnicode(EscapeIterInner('");
    let parts = rest.and_then(|(before, rest)| Some((before, rest.split_once("'))")?)));
    match parts {
        Some((before, (character, after))) => format!("{before}`{character}`{after}"),
        None => said,
    }
}

/// Reads the files of one contract.
struct Reader<'a> {
    contract: &'a Path,
    files: usize,
    bytes: usize,
}

impl Reader<'_> {
    /// The WIT files of the folder, or the file itself.
    fn wit_files(&mut self, path: &Path) -> Result<Vec<WitFile>> {
        if !path.is_dir() {
            return Ok(vec![self.read(path.to_owned())?]);
        }
        let is_wit = |file: &PathBuf| file.extension() == Some(OsStr::new("wit")) && !file.is_dir();
        let files = entries(path)?.into_iter().filter(is_wit);
        let files = files.map(|file| self.read(file)).collect::<Result<Vec<_>>>()?;
        match files.is_empty() {
            true => Err(anyhow!("there is no WIT in the folder `{}`", ForeignText::of_path(path))),
            false => Ok(files),
        }
    }

    /// Reads one of the files. Links can make many of a few.
    fn read(&mut self, path: PathBuf) -> Result<WitFile> {
        let too_much = |most: String| {
            anyhow!(
                "the contract `{}` has more than {most} of WIT, the most with the packages that it uses: take out \
                 what it does not need",
                ForeignText::of_path(self.contract)
            )
        };
        self.files = self.files.saturating_add(1);
        if self.files > MOST_FILES {
            return Err(too_much(format!("{MOST_FILES} files")));
        }
        let text = WIT.read_text(&path)?;
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > MOST_MIB << 20 {
            return Err(too_much(format!("{MOST_MIB} MiB")));
        }
        Ok(WitFile { path, text })
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || format!("cannot read the folder `{}`", ForeignText::of_path(folder));
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).with_context(read)? {
        entries.push(entry.with_context(read)?.path());
    }
    entries.sort();
    Ok(entries)
}
