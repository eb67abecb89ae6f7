//! The record in a folder of results, with a line for each result that a run wrote there.

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

/// The name of the record's file.
const NAME: &str = ".plugwright-results";
const KIND: FileKind = FileKind::new("results record", 64 << 20);

/// The number of superseded lines after which the record is rewritten.
const SUPERSEDED: usize = 10_000;

/// The results that runs of a pipeline wrote, including the current run.
pub(crate) struct Record {
    file: File,
    /// A shared lock of the folder, so that no other run rewrites the record meanwhile.
    _folder: File,
    pipeline: String,
    /// The digests of the results written under each name, with their lengths.
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

/// The file in the place of a result.
pub(crate) struct Found {
    /// A stamp that changes when the file changes.
    stamp: Stamp,
    /// The digest of a regular file, if its length is that of an expected result.
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
        // Rewriting the record would lose lines that another run adds to the old file. If the folder cannot be locked,
        // the record stays unchanged.
        if is_untidy(&entries) && held.try_lock().is_ok() {
            // Another run may have ended since the first read.
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

    /// Returns whether a run of the pipeline wrote a result with this digest under that name.
    pub(crate) fn has(&self, name: &str, digest: &str) -> bool {
        self.written.get(name).is_some_and(|written| written.contains_key(digest))
    }

    /// Returns whether a run of the pipeline wrote a result of this length under that name.
    pub(crate) fn has_length(&self, name: &str, length: u64) -> bool {
        self.written.get(name).is_some_and(|written| written.values().any(|it| *it == length))
    }

    /// Adds a line with a single write, so that lines of concurrent runs do not mix.
    pub(crate) fn add(&mut self, name: &str, length: u64, digest: String) -> io::Result<()> {
        let (pipeline, blake2b) = ((&*self.pipeline).into(), (&*digest).into());
        let entry = Entry { pipeline, name: name.into(), length, blake2b };
        self.file.write_all(line(&entry)?.as_bytes())?;
        self.written.entry(name.to_owned()).or_default().insert(digest, length);
        Ok(())
    }
}

impl Found {
    /// Looks at the file at `path`, if there is one. Reads it only if its length is an expected one: a sparse file can
    /// have billions of bytes.
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

    /// Returns `before` if the file has not changed since, or else looks at it again.
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

/// Returns the digest of a regular file of this length, reading it in pieces and no further. `path` can meanwhile be
/// another file, or a pipe that would block.
fn digest(path: &Path, length: u64) -> io::Result<String> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() != length {
        return Err(io::Error::other("the file changed"));
    }
    let mut state = digesting();
    io::copy(&mut file.take(length), &mut state)?;
    Ok(state.finalize().to_hex().to_string())
}

/// Returns the state of a new digest.
pub(crate) fn digesting() -> blake2b_simd::State {
    blake2b_simd::Params::new().hash_length(32).to_state()
}

/// Opens the record of the folder to append lines. The record must not be a link: anyone who may write to the folder
/// could otherwise have lines added to another file, which only the user who runs the pipeline may write.
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
            "`{0}` is a link or not a file: remove it, and add `--replace` once",
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
                "cannot find out which results are in the folder: remove `{}`, and add `--replace` once",
                ForeignText::of_path(&path)
            )
        }),
    }
}

/// Parses the lines of a record, sorted by name and pipeline, with the lines of each result in their order. Ignores
/// broken lines, such as those of a run that was ended while it wrote.
fn parse(text: &[u8]) -> Vec<Entry<'_>> {
    let lines = text.split(|byte| *byte == b'\n');
    let mut entries: Vec<Entry<'_>> =
        lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    entries.sort_by(|one, other| (&one.name, &one.pipeline).cmp(&(&other.name, &other.pipeline)));
    entries
}

/// Returns whether most lines of the record are superseded.
fn is_untidy(entries: &[Entry<'_>]) -> bool {
    let is_same = |one: &Entry<'_>, other: &Entry<'_>| {
        (&one.name, &one.pipeline) == (&other.name, &other.pipeline)
    };
    let results = entries.chunk_by(is_same).count();
    entries.len() > results.saturating_mul(2).saturating_add(SUPERSEDED)
}

/// Rewrites the record with the last line of each result, and the line of the file that is there.
fn tidy(folder: &Path, entries: &[Entry<'_>]) -> io::Result<()> {
    let mut file = BegunFile::new(folder)?;
    for named in entries.chunk_by(|one, other| one.name == other.name) {
        // Read the file at most once, however many pipelines the record names.
        let found = LazyCell::new(|| there(folder, named));
        for lines in named.chunk_by(|one, other| one.pipeline == other.pipeline) {
            let Some(last) = lines.last() else { continue };
            // A run that could not move its result to its place left a line after the line of the file that is there.
            let mut others = lines.iter().rev().filter(|entry| entry.blake2b != last.blake2b);
            let other = others.find(|entry| Some(&*entry.blake2b) == found.as_deref());
            for entry in other.into_iter().chain([last]) {
                file.write_all(line(entry)?.as_bytes())?;
            }
        }
    }
    file.replace(&folder.join(NAME))
}

/// Returns the digest of the file that these lines name, if the name is harmless and the file exists.
fn there(folder: &Path, named: &[Entry<'_>]) -> Option<String> {
    let name = ForeignText::from(&*named.first()?.name);
    let may_be = |length| named.iter().any(|entry| entry.length == length);
    Found::at(&folder.join(name.file_name().ok()?), may_be).ok()??.digest
}

fn line(entry: &Entry<'_>) -> io::Result<String> {
    Ok(serde_json::to_string(entry)? + "\n")
}
