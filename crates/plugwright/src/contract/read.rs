//! Reads a contract's WIT: the files of a folder, and the packages that they use.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{fs, slice};

use wit_parser::{PackageId, Resolve, SourceMap, Span, TypeDefKind, UnresolvedPackageGroup};

use super::catch_panic::catch_panic;
use super::error::ContractError;
use crate::permission::given_file::FileKind;
use crate::text::foreign_text::ForeignText;

const WIT: FileKind = FileKind::new("WIT file", 4 << 20);

/// The most files of a contract, including the packages that it uses, and the most MiB in them: many times as much as
/// in WASI.
const MOST_FILES: usize = 1_000;
const MOST_MIB: usize = 16;

/// The file of a contract that is encoded as a component.
pub(super) const ENCODED: FileKind = FileKind::new("contract", 2 << 20);

/// The most folders that are searched for contracts.
const MOST_FOLDERS: usize = 1_000;

/// The folder in a contract's folder that holds the packages that the contract uses.
pub(super) const DEPENDENCIES: &str = "deps";

/// A file of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitFile {
    /// The path.
    pub path: PathBuf,
    /// The content.
    pub text: String,
}

/// The files of a contract, and the files of each package that it uses.
pub(super) type Files = (Vec<WitFile>, Vec<Vec<WitFile>>);

/// Reads the files of the contract in the folder or file `path`.
pub(super) fn files(path: &Path) -> Result<Files, ContractError> {
    let mut reader = Reader { contract: path, files: 0, bytes: 0 };
    let main = reader.wit_files(path)?;
    let mut dependencies = Vec::new();
    let folder = path.join(DEPENDENCIES);
    if folder.is_dir() {
        let mut open = vec![real_path(path)?];
        refuse_loop(&folder, &mut open)?;
        for dependency in entries(&folder)? {
            if dependency.is_dir() {
                refuse_loop(&dependency, &mut open.clone())?;
            }
            dependencies.push(reader.wit_files(&dependency)?);
        }
    }
    Ok((main, dependencies))
}

/// Returns the package in the files `main`, with all packages that it uses. Errors call it `path`.
pub(super) fn parse(
    path: &Path,
    (main, dependencies): &Files,
) -> Result<(Resolve, PackageId), ContractError> {
    catch_panic(|| resolve(main, dependencies)).unwrap_or_else(|said| {
        let mut files = dependencies.iter().flatten().chain(main);
        let breaks = |it: &&WitFile| catch_panic(|| group(slice::from_ref(it))).is_err();
        let file = files.find(breaks).map_or(path, |file| &file.path).to_owned();
        Err(ContractError::Panic { file, said })
    })
}

/// Returns the files and folders in `folder`, sorted by name.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, ContractError> {
    let unread = |source| ContractError::Folder { folder: folder.to_owned(), source };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(unread)? {
        entries.push(entry.map_err(unread)?.path());
    }
    entries.sort();
    Ok(entries)
}

fn resolve(
    main: &[WitFile],
    dependencies: &[Vec<WitFile>],
) -> Result<(Resolve, PackageId), ContractError> {
    let mut resolve = Resolve::default();
    let parsed = group(main)?;
    let groups = dependencies.iter().filter(|files| !files.is_empty());
    let groups = groups.map(|files| group(files)).collect::<Result<Vec<_>, _>>()?;
    let package = resolve
        .push_groups(parsed, groups)
        .map_err(|error| wrong(main, plain(error.render(&resolve.source_map))))?;
    match doubled(&resolve) {
        Some((doubled, span)) => Err(ContractError::Wit(format!(
            "{}: {doubled}: give one of them another name",
            resolve.source_map.render_location(span)
        ))),
        None => Ok((resolve, package)),
    }
}

fn group(files: &[WitFile]) -> Result<UnresolvedPackageGroup, ContractError> {
    let mut sources = SourceMap::default();
    for WitFile { path, text } in files {
        // The parser panics at an empty comment. A comment with a space means the same, even inside another comment.
        let text = text.replace("/**/", "/* */");
        sources.push_str(&ForeignText::of_path(path).whole().to_string(), text);
    }
    sources.parse().map_err(|(sources, error)| wrong(files, plain(error.render(&sources))))
}

/// Returns the parser's error for these files.
fn wrong(files: &[WitFile], mut said: String) -> ContractError {
    // The parser does not say how to use a keyword as a name.
    let after = said.split_once("expected an identifier or string, found keyword `");
    if let Some(keyword) = after.and_then(|(_, rest)| rest.split('`').next()) {
        said += &format!("\nto use the keyword as a name, write `%{keyword}`");
    }
    let place = files.first().map(|file| match files {
        [_] => &*file.path,
        _ => file.path.parent().unwrap_or(&file.path),
    });
    match place.filter(|_| !said.contains(" --> ")) {
        // An error without a position is shown with the folder of the files.
        Some(place) => ContractError::Wit(format!("`{}`: {said}", ForeignText::of_path(place))),
        None => ContractError::Wit(said),
    }
}

/// Describes a type that uses one name for two of its parts, and returns its position. The parser accepts such a type,
/// but no component can have it.
fn doubled(resolve: &Resolve) -> Option<(String, Span)> {
    resolve.types.iter().find_map(|(_, ty)| {
        let (part, names): (_, Vec<&str>) = match &ty.kind {
            TypeDefKind::Record(record) => ("fields", names(&record.fields, |it| &it.name)),
            TypeDefKind::Variant(variant) => ("cases", names(&variant.cases, |it| &it.name)),
            TypeDefKind::Enum(all) => ("cases", names(&all.cases, |it| &it.name)),
            TypeDefKind::Flags(flags) => ("flags", names(&flags.flags, |it| &it.name)),
            _ => return None,
        };
        let mut known = HashSet::new();
        let name = names.into_iter().find(|name| !known.insert(*name))?;
        let (kind, called) = (ty.kind.as_str(), ty.name.as_deref().unwrap_or_default());
        Some((format!("the {kind} `{called}` has two {part} named `{name}`"), ty.span))
    })
}

fn names<T>(parts: &[T], name: impl Fn(&T) -> &String) -> Vec<&str> {
    parts.iter().map(|part| &**name(part)).collect()
}

/// Returns the parser's message, cut to a bounded length, because it quotes text from the files. An invalid character
/// is shown as it is escaped, without the Rust debug syntax around it.
fn plain(said: String) -> String {
    const LINES: usize = 50;
    const COLUMNS: usize = 500;
    let said = match said.lines().count() <= LINES && said.lines().all(|line| line.len() <= COLUMNS)
    {
        true => said,
        false => {
            let cut = |line: &str| line.chars().take(COLUMNS).collect::<String>();
            said.lines().take(LINES).map(cut).collect::<Vec<_>>().join("\n")
        }
    };
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
    /// Returns the WIT files in the folder `path`, or the file `path` itself.
    fn wit_files(&mut self, path: &Path) -> Result<Vec<WitFile>, ContractError> {
        if !path.is_dir() {
            return Ok(vec![self.read(path.to_owned())?]);
        }
        let files = entries(path)?.into_iter().filter(|file| is_wit(file));
        let files = files.map(|file| self.read(file)).collect::<Result<Vec<_>, _>>()?;
        match files.is_empty() {
            true => Err(ContractError::Empty { folder: path.to_owned() }),
            false => Ok(files),
        }
    }

    /// Reads one of the files. Both their number and their size are limited, because links can make many files of a
    /// few.
    fn read(&mut self, path: PathBuf) -> Result<WitFile, ContractError> {
        let too_much = |most| ContractError::TooMuch { contract: self.contract.to_owned(), most };
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

/// Says whether `file` is a WIT file.
pub(super) fn is_wit(file: &Path) -> bool {
    file.extension() == Some(OsStr::new("wit")) && !file.is_dir()
}

/// Says whether `file` is an encoded contract.
pub(super) fn is_encoded(file: &Path) -> bool {
    file.extension() == Some(OsStr::new("wasm")) && !file.is_dir()
}

/// A search for contracts in folders.
#[derive(Default)]
pub(super) struct Search {
    /// The real paths of the open folders.
    open: Vec<PathBuf>,
    /// The number of folders searched so far.
    folders: usize,
}

impl Search {
    /// Enters a folder.
    pub(super) fn enter(&mut self, folder: &Path) -> Result<(), ContractError> {
        self.folders = self.folders.saturating_add(1);
        if self.folders > MOST_FOLDERS {
            return Err(ContractError::Folders { folder: folder.to_owned(), most: MOST_FOLDERS });
        }
        let real = real_path(folder)?;
        // A folder that contains an open folder leads back to it.
        if self.open.iter().any(|open| open.starts_with(&real)) {
            return Err(ContractError::Loop { link: folder.to_owned() });
        }
        self.open.push(real);
        Ok(())
    }

    /// Leaves the folder.
    pub(super) fn leave(&mut self) {
        self.open.pop();
    }
}

/// Opens a folder, unless it is open already.
fn refuse_loop(folder: &Path, open: &mut Vec<PathBuf>) -> Result<(), ContractError> {
    let real = real_path(folder)?;
    match open.contains(&real) {
        true => Err(ContractError::Loop { link: folder.to_owned() }),
        false => {
            open.push(real);
            Ok(())
        }
    }
}

fn real_path(folder: &Path) -> Result<PathBuf, ContractError> {
    let unread = |source| ContractError::Folder { folder: folder.to_owned(), source };
    fs::canonicalize(folder).map_err(unread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_that_breaks_off_gives_an_error() {
        let text = catch_panic(|| panic!("\u{1b}[31m at {}", 7)).expect_err("it breaks off");
        assert_eq!(text.to_string(), r"\u{1b}[31m at 7");
        assert_eq!(catch_panic(|| 7).expect("it does not"), 7);
    }
}
