//! The folder of a pipeline's results, and the files in it that the pipeline may replace.
//!
//! A plugin chooses the name of its result, and so which file in the folder the result replaces. A run therefore keeps
//! a record in the folder of what it wrote there. It has a line for each result, written before the result is moved to
//! its place. A file that is not in the record, or that changed since, belongs to the user and is kept.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, anyhow};
use plugwright::{Dist, ForeignText, signature_beside};

use crate::begun::cannot_write;
use crate::begun::{BegunFile, BegunFolder};
use crate::exit::{self, Failed};
use crate::output::Output;
use crate::record::{Found, Record};

/// The folder of the results.
pub(crate) struct Results {
    path: PathBuf,
    /// A folder in it for results that are not complete yet.
    beside: BegunFolder,
    record: Mutex<Record>,
    replace: bool,
}

/// A complete result that is not in its place yet, with what is there.
pub(crate) struct Whole {
    file: BegunFile,
    path: PathBuf,
    length: u64,
    digest: String,
    found: Option<Found>,
}

/// A set of files, by identity and not by path: a file can have several paths.
pub(crate) struct Files(HashSet<(u64, u64)>);

impl Results {
    /// Opens the folder `path` for the results of the pipeline in the file `pipeline`, and creates it if needed. With
    /// `replace`, results may replace any file.
    pub(crate) fn new(path: &Path, pipeline: &Path, replace: bool) -> Result<Self> {
        let cannot = || format!("cannot write into the folder `{}`", ForeignText::of_path(path));
        if path.exists() && !path.is_dir() {
            return Err(anyhow!(
                "`{}` is a file: name a folder for the results, which need not exist yet",
                ForeignText::of_path(path)
            ));
        }
        fs::create_dir_all(path).with_context(cannot)?;
        let folder = fs::canonicalize(path).with_context(cannot)?;
        let beside = BegunFolder::new(&folder).with_context(cannot)?;
        // Relative to the folder, so that both can be moved together.
        let pipeline = seen_from(&folder, pipeline).with_context(cannot)?;
        let record = Mutex::new(Record::open(&folder, pipeline)?);
        Ok(Self { path: folder, beside, record, replace })
    }

    /// Opens the result `name`, a name that a plugin gave. It must not replace one of `inputs`.
    pub(crate) fn open(&self, name: &str, inputs: &Files) -> Result<Output, Failed> {
        let foreign = ForeignText::from(name);
        let name = foreign.file_name();
        let name =
            name.map_err(|error| exit::refused(anyhow!("the name of its result: {error}")))?;
        // A result must not be a file that hosts read together with plugins.
        let signature = signature_beside(Path::new(""));
        let is_reserved = name.eq_ignore_ascii_case(Dist::MANIFEST)
            || name.to_ascii_lowercase().ends_with(&*signature.to_string_lossy());
        if is_reserved {
            return Err(exit::refused(anyhow!(
                "its result `{foreign}` has a reserved name: such files decide which plugins are trusted"
            )));
        }
        let path = self.path.join(name);
        if inputs.contain(&path) {
            return Err(exit::usage(anyhow!(
                "its result `{foreign}` would replace one of the input files: use another folder for the results"
            )));
        }
        Output::in_place_of(path, self.beside.path()).map_err(exit::usage)
    }

    /// Completes the result `name`, and looks at what is in its place. Returns `None` if the result is not a file in
    /// the folder.
    pub(crate) fn whole(&self, name: &str, output: Output) -> Result<Option<Whole>> {
        let Output::Digested(file, path, state) = output else {
            output.finish()?;
            return Ok(None);
        };
        let length = u64::try_from(state.count()).unwrap_or(u64::MAX);
        let found = Found::at(&path, |it| self.is_known(name, it, length));
        let found = found.with_context(|| cannot_write(&path))?;
        let digest = state.finalize().to_hex().to_string();
        Ok(Some(Whole { file, path, length, digest, found }))
    }

    /// Moves the result `name` to its place, unless a file is there that no run of this pipeline wrote.
    pub(crate) fn keep(&self, name: &str, whole: Whole) -> Result<()> {
        let Whole { file, path, length, digest, found } = whole;
        let cannot = || cannot_write(&path);
        let found = Found::again(found, &path, |it| self.is_known(name, it, length));
        let found = found.with_context(cannot)?;
        let (is_there, found) = (found.is_some(), found.and_then(|found| found.digest));
        let mut record = self.record();
        let is_ours = found.as_ref().is_some_and(|found| record.has(name, found));
        if is_there && !is_ours && !self.replace {
            // If the file has the same content, nothing changes, and it does not become a result.
            return if found.as_ref() == Some(&digest) { Ok(()) } else { Err(not_ours(name)) };
        }
        record.add(name, length, digest).with_context(cannot)?;
        if is_there {
            return file.replace(&path).with_context(cannot);
        }
        // Someone may have created a file there meanwhile.
        match file.create(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && !self.replace => {
                Err(not_ours(name))
            }
            done => done.with_context(cannot),
        }
    }

    /// Returns whether a file of the length `found` may be the result `name` of an earlier run, or equal to the new
    /// result, of the length `new`.
    fn is_known(&self, name: &str, found: u64, new: u64) -> bool {
        found == new || self.record().has_length(name, found)
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files {
    /// Returns the files of `files` that exist.
    pub(crate) fn new(files: &[OsString]) -> Self {
        Self(files.iter().filter_map(|file| Some(id(&fs::metadata(file).ok()?))).collect())
    }

    /// Returns whether `path` is one of the files.
    fn contain(&self, path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok_and(|metadata| self.0.contains(&id(&metadata)))
    }
}

fn id(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn not_ours(name: &str) -> anyhow::Error {
    anyhow!(
        "its result `{}` would replace a file that no run of this pipeline wrote, or that changed \
         since: move the file away, or add `--replace`",
        ForeignText::from(name)
    )
}

/// Returns the path of the file relative to the folder, whose path has no links.
fn seen_from(folder: &Path, file: &Path) -> io::Result<String> {
    let file = fs::canonicalize(file)?;
    let common = folder.components().zip(file.components()).take_while(|(one, other)| one == other);
    let common = common.count();
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(file.components().skip(common)).collect();
    Ok(path.to_string_lossy().into_owned())
}
