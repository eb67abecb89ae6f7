//! The record of a folder of results: a line for each result that a run wrote there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use plugwright::{FileKind, ForeignText};
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use crate::begun::BegunFile;
use crate::output::cannot_write;

/// The name of the file.
const NAME: &str = ".plugwright-results";
const KIND: FileKind = FileKind::new("record of results", 256 << 20);

/// More lines than this that others have taken the place of, and the record is written anew.
const SUPERSEDED: usize = 10_000;

/// What runs of a pipeline wrote, this one among them.
pub(crate) struct Record {
    file: File,
    /// Held together with other runs, so that none of them writes the record anew meanwhile.
    _folder: File,
    pipeline: String,
    /// The digests of what was written under each name.
    written: BTreeMap<String, BTreeSet<String>>,
}

/// A line of the record.
#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    pipeline: String,
    name: String,
    blake2b: String,
}

/// What is in the place of a result.
pub(crate) struct Found {
    /// Changes when the file does.
    stamp: Stamp,
    /// The digest, of a regular file.
    pub(crate) digest: Option<String>,
}

type Stamp = (u64, u64, [i64; 4]);

impl Record {
    /// Opens the record of the folder `folder`, for the results of `pipeline`.
    pub(crate) fn open(folder: &Path, pipeline: String) -> Result<Self> {
        let cannot = || format!("cannot write into the folder `{}`", ForeignText::of_path(folder));
        let held = File::open(folder).with_context(cannot)?;
        let mut file = to_add_to(folder)?;
        let mut entries = read(folder)?;
        // Of a record that is written anew, lines would be lost that another run adds to the old one. Where a
        // folder cannot be locked, it stays as it is.
        if is_untidy(&entries) && held.try_lock().is_ok() {
            // Another run may have been done since.
            entries = read(folder)?;
            tidy(folder, &entries).with_context(cannot)?;
            file = to_add_to(folder)?;
        }
        let _ = held.lock_shared();
        let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for entry in entries.into_iter().filter(|entry| entry.pipeline == pipeline) {
            written.entry(entry.name).or_default().insert(entry.blake2b);
        }
        Ok(Self { file, _folder: held, pipeline, written })
    }

    /// Says whether a run of the pipeline wrote this under that name.
    pub(crate) fn has(&self, name: &str, digest: &str) -> bool {
        self.written.get(name).is_some_and(|written| written.contains(digest))
    }

    /// Adds a line in one piece, so that runs at the same time do not mix theirs.
    pub(crate) fn add(&mut self, name: &str, digest: String) -> io::Result<()> {
        let entry =
            Entry { pipeline: self.pipeline.clone(), name: name.to_owned(), blake2b: digest };
        self.file.write_all(line(&entry)?.as_bytes())?;
        self.written.entry(entry.name).or_default().insert(entry.blake2b);
        Ok(())
    }
}

impl Found {
    /// Looks at what is at `path`, if there is anything.
    pub(crate) fn at(path: &Path) -> io::Result<Option<Self>> {
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let digest = metadata.is_file().then(|| digest(path).ok()).flatten();
        Ok(Some(Self { stamp: stamp(&metadata), digest }))
    }

    /// The same as before, unless it has changed since then.
    pub(crate) fn again(before: Option<Self>, path: &Path) -> io::Result<Option<Self>> {
        let now = fs::symlink_metadata(path).ok().map(|metadata| stamp(&metadata));
        match now == before.as_ref().map(|found| found.stamp) {
            true => Ok(before),
            false => Self::at(path),
        }
    }
}

fn stamp(metadata: &Metadata) -> Stamp {
    let times = [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()];
    (metadata.ino(), metadata.size(), times)
}

/// The digest of a file, which is read in pieces.
fn digest(path: &Path) -> io::Result<String> {
    let (mut file, mut piece) = (File::open(path)?, vec![0; 1 << 16]);
    let mut state = digesting();
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(state.finalize().to_hex().to_string()),
            Ok(length) => {
                state.update(piece.get(..length).unwrap_or_default());
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The digest of nothing yet.
pub(crate) fn digesting() -> blake2b_simd::State {
    blake2b_simd::Params::new().hash_length(32).to_state()
}

/// Opens the record of the folder for lines to be added. It is a file of the folder's own: who may write there could
/// have lines added to a file elsewhere by a link, and whoever runs the pipeline may write to more than they.
fn to_add_to(folder: &Path) -> Result<File> {
    let path = folder.join(NAME);
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut options = OpenOptions::new();
    options.create(true).append(true).custom_flags(flags.bits().cast_signed());
    let is_link = || fs::symlink_metadata(&path).is_ok_and(|it| it.is_symlink());
    let file = match options.open(&path) {
        Err(_) if is_link() => None,
        opened => Some(opened.with_context(|| cannot_write(&path))?),
    };
    let is_own = |file: &File| {
        file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.nlink() == 1)
    };
    file.filter(is_own).ok_or_else(|| {
        anyhow!(
            "`{0}` is a link, or no file: remove it, and add `--replace` this once",
            ForeignText::of_path(&path)
        )
    })
}

/// Reads the record of the folder. A line that is none, since a run was ended while it wrote it, says nothing.
fn read(folder: &Path) -> Result<Vec<Entry>> {
    let path = folder.join(NAME);
    let text = match KIND.read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| {
                format!(
                    "what was written into the folder is not known: remove `{}`, and add `--replace` this \
                     once",
                    ForeignText::of_path(&path)
                )
            });
        }
    };
    let lines = text.split(|byte| *byte == b'\n');
    Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

/// The lines of each result.
fn of_each(entries: &[Entry]) -> BTreeMap<(&str, &str), Vec<&Entry>> {
    let mut of_each: BTreeMap<(&str, &str), Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        of_each.entry((&entry.pipeline, &entry.name)).or_default().push(entry);
    }
    of_each
}

/// Says whether most lines of the record are of no use.
fn is_untidy(entries: &[Entry]) -> bool {
    entries.len() > of_each(entries).len().saturating_mul(2).saturating_add(SUPERSEDED)
}

/// Writes the record anew, with the last line of each result and that of what is there.
fn tidy(folder: &Path, entries: &[Entry]) -> io::Result<()> {
    let mut file = BegunFile::new(folder)?;
    for ((_, name), lines) in of_each(entries) {
        let Some(last) = lines.last() else { continue };
        // A run that could not put its result in its place left its line after that of what is there.
        let others = lines.iter().rev().filter(|entry| entry.blake2b != last.blake2b);
        let mut others = others.peekable();
        let found = others.peek().and_then(|_| there(folder, name));
        let other = others.find(|entry| Some(&entry.blake2b) == found.as_ref());
        for entry in other.into_iter().chain([last]) {
            file.write_all(line(entry)?.as_bytes())?;
        }
    }
    file.replace(&folder.join(NAME))
}

/// The digest of the result `name` that is in the folder, if the record tells of a harmless name.
fn there(folder: &Path, name: &str) -> Option<String> {
    let name = ForeignText::from(name);
    Found::at(&folder.join(name.file_name().ok()?)).ok()??.digest
}

fn line(entry: &Entry) -> io::Result<String> {
    Ok(serde_json::to_string(entry)? + "\n")
}
