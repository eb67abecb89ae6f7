//! The record of a folder of results: a line for each result that a run wrote there.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use plugwright::{FileKind, ForeignText};
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use crate::begun::{BegunFile, cannot_write};

/// The name of the file.
const NAME: &str = ".plugwright-results";
const KIND: FileKind = FileKind::new("record of results", 64 << 20);

/// More lines than this that others have taken the place of, and the record is written anew.
const SUPERSEDED: usize = 10_000;

/// What runs of a pipeline wrote, this one among them.
pub(crate) struct Record {
    file: File,
    /// Held together with other runs, so that none of them writes the record anew meanwhile.
    _folder: File,
    pipeline: String,
    /// The digests of what was written under each name, and how long that was.
    written: BTreeMap<String, BTreeMap<String, u64>>,
}

/// A line of the record.
#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    pipeline: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    length: u64,
    #[serde(borrow)]
    blake2b: Cow<'a, str>,
}

/// What is in the place of a result.
pub(crate) struct Found {
    /// Changes when the file does.
    stamp: Stamp,
    /// The digest, of a regular file that is as long as one that is looked for.
    pub(crate) digest: Option<String>,
}

type Stamp = (u64, u64, [i64; 4]);

impl Record {
    /// Opens the record of the folder `folder`, for the results of `pipeline`.
    pub(crate) fn open(folder: &Path, pipeline: String) -> Result<Self> {
        let cannot = || format!("cannot write into the folder `{}`", ForeignText::of_path(folder));
        let held = File::open(folder).with_context(cannot)?;
        let mut file = to_add_to(folder)?;
        let mut text = read(folder)?;
        let mut entries = parse(&text);
        // Of a record that is written anew, lines would be lost that another run adds to the old one. Where a
        // folder cannot be locked, it stays as it is.
        if is_untidy(&entries) && held.try_lock().is_ok() {
            // Another run may have been done since.
            text = read(folder)?;
            entries = parse(&text);
            tidy(folder, &entries).with_context(cannot)?;
            file = to_add_to(folder)?;
        }
        let _ = held.lock_shared();
        let mut written: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for entry in entries.into_iter().filter(|entry| entry.pipeline == pipeline) {
            let digests = written.entry(entry.name.into_owned()).or_default();
            digests.insert(entry.blake2b.into_owned(), entry.length);
        }
        Ok(Self { file, _folder: held, pipeline, written })
    }

    /// Says whether a run of the pipeline wrote this under that name.
    pub(crate) fn has(&self, name: &str, digest: &str) -> bool {
        self.written.get(name).is_some_and(|written| written.contains_key(digest))
    }

    /// Says whether a run of the pipeline wrote something of this length under that name.
    pub(crate) fn has_length(&self, name: &str, length: u64) -> bool {
        self.written.get(name).is_some_and(|written| written.values().any(|it| *it == length))
    }

    /// Adds a line in one piece, so that runs at the same time do not mix theirs.
    pub(crate) fn add(&mut self, name: &str, length: u64, digest: String) -> io::Result<()> {
        let (pipeline, blake2b) = ((&*self.pipeline).into(), (&*digest).into());
        let entry = Entry { pipeline, name: name.into(), length, blake2b };
        self.file.write_all(line(&entry)?.as_bytes())?;
        self.written.entry(name.to_owned()).or_default().insert(digest, length);
        Ok(())
    }
}

impl Found {
    /// Looks at what is at `path`, if there is anything. It is read only if it may be what is looked for by its length:
    /// a file of a few bytes on disk can be said to have billions.
    pub(crate) fn at(path: &Path, may_be: impl FnOnce(u64) -> bool) -> io::Result<Option<Self>> {
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let may_be = metadata.is_file() && may_be(metadata.len());
        let digest = may_be.then(|| digest(path, metadata.len()).ok()).flatten();
        Ok(Some(Self { stamp: stamp(&metadata), digest }))
    }

    /// The same as before, unless it has changed since then.
    pub(crate) fn again(
        before: Option<Self>,
        path: &Path,
        may_be: impl FnOnce(u64) -> bool,
    ) -> io::Result<Option<Self>> {
        let now = fs::symlink_metadata(path).ok().map(|metadata| stamp(&metadata));
        match now == before.as_ref().map(|found| found.stamp) {
            true => Ok(before),
            false => Self::at(path, may_be),
        }
    }
}

fn stamp(metadata: &Metadata) -> Stamp {
    let times = [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()];
    (metadata.ino(), metadata.size(), times)
}

/// The digest of a regular file of this length, which is read in pieces and no further. By now there can be something
/// else at `path`, and something that would be waited for.
fn digest(path: &Path, length: u64) -> io::Result<String> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() != length {
        return Err(io::Error::other("it has changed"));
    }
    let mut state = digesting();
    io::copy(&mut file.take(length), &mut state)?;
    Ok(state.finalize().to_hex().to_string())
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

/// Reads the record of the folder.
fn read(folder: &Path) -> Result<Vec<u8>> {
    let path = folder.join(NAME);
    match KIND.read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        text => text.with_context(|| {
            format!(
                "what was written into the folder is not known: remove `{}`, and add `--replace` this once",
                ForeignText::of_path(&path)
            )
        }),
    }
}

/// The lines of a record, by name and pipeline, those of each result in their order. One that is none, since a run was
/// ended while it wrote it, says nothing.
fn parse(text: &[u8]) -> Vec<Entry<'_>> {
    let lines = text.split(|byte| *byte == b'\n');
    let mut entries: Vec<Entry<'_>> =
        lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    entries.sort_by(|one, other| (&one.name, &one.pipeline).cmp(&(&other.name, &other.pipeline)));
    entries
}

/// Says whether most lines of the record are of no use.
fn is_untidy(entries: &[Entry<'_>]) -> bool {
    let is_same = |one: &Entry<'_>, other: &Entry<'_>| {
        (&one.name, &one.pipeline) == (&other.name, &other.pipeline)
    };
    let results = entries.chunk_by(is_same).count();
    entries.len() > results.saturating_mul(2).saturating_add(SUPERSEDED)
}

/// Writes the record anew, with the last line of each result and that of what is there.
fn tidy(folder: &Path, entries: &[Entry<'_>]) -> io::Result<()> {
    let mut file = BegunFile::new(folder)?;
    for named in entries.chunk_by(|one, other| one.name == other.name) {
        // Read once at most, whatever pipelines there are said to be.
        let found = LazyCell::new(|| there(folder, named));
        for lines in named.chunk_by(|one, other| one.pipeline == other.pipeline) {
            let Some(last) = lines.last() else { continue };
            // A run that could not put its result in its place left its line after that of what is there.
            let mut others = lines.iter().rev().filter(|entry| entry.blake2b != last.blake2b);
            let other = others.find(|entry| Some(&*entry.blake2b) == found.as_deref());
            for entry in other.into_iter().chain([last]) {
                file.write_all(line(entry)?.as_bytes())?;
            }
        }
    }
    file.replace(&folder.join(NAME))
}

/// The digest of the result that is in the folder and that all of these lines name, if that is a harmless name.
fn there(folder: &Path, named: &[Entry<'_>]) -> Option<String> {
    let name = ForeignText::from(&*named.first()?.name);
    let may_be = |length| named.iter().any(|entry| entry.length == length);
    Found::at(&folder.join(name.file_name().ok()?), may_be).ok()??.digest
}

fn line(entry: &Entry<'_>) -> io::Result<String> {
    Ok(serde_json::to_string(entry)? + "\n")
}
