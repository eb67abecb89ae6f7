//! The folder of a pipeline's results, and which of the files in it the pipeline may replace.
//!
//! A plugin chooses what its result is called, and so which file of the folder it takes the place of. A run
//! therefore keeps a record in the folder of what it wrote there: a line for each result, written before the
//! result is in its place. What is not in it, or has changed since, is somebody's and stays.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, anyhow};
use plugwright::{Dist, FileKind, ForeignText, signature_beside};
use serde::{Deserialize, Serialize};

use crate::begun::{BegunFile, BegunFolder};
use crate::output::Output;

/// What of a folder of results says what runs wrote there.
const RECORD: &str = ".plugwright-results";
const RECORD_FILE: FileKind = FileKind::new("record of results", 256 << 20);

/// More lines than this that others have taken the place of, and the record is written anew.
const SUPERSEDED: usize = 10_000;

/// The folder of the results.
pub(crate) struct Results {
    path: PathBuf,
    /// A folder in it for results that are not whole yet.
    beside: BegunFolder,
    /// Where the pipeline is, as seen from the folder: both can be moved together.
    pipeline: String,
    record: Mutex<Record>,
    replace: bool,
}

/// What runs of the pipeline wrote, this one among them.
struct Record {
    file: File,
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

impl Results {
    /// Makes the folder `path` if it is not there, for what the pipeline in the file `pipeline` gives. With
    /// `replace`, results take the place of whatever is there.
    pub(crate) fn new(path: &Path, pipeline: &Path, replace: bool) -> Result<Self> {
        let cannot = || format!("cannot write into the folder `{}`", ForeignText::of_path(path));
        fs::create_dir_all(path).with_context(cannot)?;
        let folder = fs::canonicalize(path).with_context(cannot)?;
        let beside = BegunFolder::new(&folder).with_context(cannot)?;
        let pipeline = seen_from(&folder, pipeline).with_context(cannot)?;
        let entries = read_record(&folder)?;
        let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.pipeline == pipeline) {
            written.entry(entry.name.clone()).or_default().insert(entry.blake2b.clone());
        }
        tidy(&folder, &entries).with_context(cannot)?;
        let file = OpenOptions::new().create(true).append(true).open(folder.join(RECORD));
        let record = Mutex::new(Record { file: file.with_context(cannot)?, written });
        Ok(Self { path: folder, beside, pipeline, record, replace })
    }

    /// Opens the result `name`, a name that a plugin gave; none of `inputs` is to be replaced.
    pub(crate) fn open(&self, name: &str, inputs: &HashSet<PathBuf>) -> Result<Output> {
        let foreign = ForeignText::from(name);
        let name =
            foreign.file_name().map_err(|error| anyhow!("the name of its result: {error}"))?;
        // What is read together with plugins is not a result.
        let signature = signature_beside(Path::new(""));
        let is_reserved = name.eq_ignore_ascii_case(Dist::MANIFEST)
            || name.to_ascii_lowercase().ends_with(&*signature.to_string_lossy());
        if is_reserved {
            return Err(anyhow!(
                "its result is called `{foreign}`, as what says which plugins are to be trusted is"
            ));
        }
        let path = self.path.join(name);
        if inputs.contains(&path) {
            return Err(anyhow!(
                "its result `{foreign}` would replace one of the files: put it into another folder"
            ));
        }
        Output::in_place_of(path, self.beside.path())
    }

    /// Puts the result `name` in its place, unless there is something that no run of this pipeline wrote.
    pub(crate) fn keep(&self, name: &str, output: Output) -> Result<()> {
        let Output::Beside(file, path) = output else { return output.finish() };
        let cannot = || format!("cannot write `{}`", ForeignText::of_path(&path));
        let digest = digest(file.path()).with_context(cannot)?;
        let (is_there, found) = match fs::symlink_metadata(&path) {
            Ok(it) => (true, it.is_file().then(|| self::digest(&path).ok()).flatten()),
            Err(error) if error.kind() == ErrorKind::NotFound => (false, None),
            Err(error) => return Err(error).with_context(cannot),
        };
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let is_ours = found.as_ref().is_some_and(|found| record.has(name, found));
        if is_there && !is_ours && !self.replace {
            // Who writes what is there already has changed nothing, and does not make it a result.
            return if found.as_ref() == Some(&digest) { Ok(()) } else { Err(not_ours(name)) };
        }
        let entry =
            Entry { pipeline: self.pipeline.clone(), name: name.to_owned(), blake2b: digest };
        record.add(entry).with_context(cannot)?;
        if is_there {
            return file.replace(&path).with_context(cannot);
        }
        // Since then somebody else may have made one.
        match file.create(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && !self.replace => {
                Err(not_ours(name))
            }
            done => done.with_context(cannot),
        }
    }
}

impl Record {
    fn has(&self, name: &str, digest: &str) -> bool {
        self.written.get(name).is_some_and(|written| written.contains(digest))
    }

    /// Adds a line in one piece, so that runs at the same time do not mix theirs.
    fn add(&mut self, entry: Entry) -> io::Result<()> {
        let line = serde_json::to_string(&entry)? + "\n";
        self.file.write_all(line.as_bytes())?;
        self.written.entry(entry.name).or_default().insert(entry.blake2b);
        Ok(())
    }
}

fn not_ours(name: &str) -> anyhow::Error {
    anyhow!(
        "its result `{}` would replace a file that no run of this pipeline wrote, or that has changed \
         since: move that away, or add `--replace`",
        ForeignText::from(name)
    )
}

/// Reads the record of the folder. A line that is none, since a run was ended while it wrote it, says nothing.
fn read_record(folder: &Path) -> Result<Vec<Entry>> {
    let text = match RECORD_FILE.read(folder.join(RECORD)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let lines = text.split(|byte| *byte == b'\n');
    Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

/// Writes the record anew, with the last line of each result, once most of its lines are of no use.
fn tidy(folder: &Path, entries: &[Entry]) -> io::Result<()> {
    let last: BTreeMap<(&str, &str), &Entry> =
        entries.iter().map(|it| ((&*it.pipeline, &*it.name), it)).collect();
    if entries.len() <= last.len().saturating_mul(2).saturating_add(SUPERSEDED) {
        return Ok(());
    }
    let mut file = BegunFile::new(folder)?;
    for entry in last.values() {
        file.write_all((serde_json::to_string(entry)? + "\n").as_bytes())?;
    }
    file.replace(&folder.join(RECORD))
}

/// The digest of a file, which is read in pieces.
fn digest(path: &Path) -> io::Result<String> {
    let (mut file, mut piece) = (File::open(path)?, vec![0; 1 << 16]);
    let mut state = blake2b_simd::Params::new().hash_length(32).to_state();
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

/// Where the file is, as seen from the folder, which is without links.
fn seen_from(folder: &Path, file: &Path) -> io::Result<String> {
    let file = fs::canonicalize(file)?;
    let common = folder.components().zip(file.components()).take_while(|(one, other)| one == other);
    let common = common.count();
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(file.components().skip(common)).collect();
    Ok(path.to_string_lossy().into_owned())
}
