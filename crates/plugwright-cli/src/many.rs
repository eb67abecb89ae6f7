//! Runs many files through one chain, on all cores, each into a file of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::panic;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Result, anyhow};
use plugwright::ForeignText;

use crate::chain::Chain;
use crate::exit::{self, Failed};
use crate::input::Input;
use crate::log;
use crate::media_types::MediaTypes;
use crate::output::Output;
use crate::parallel::at_once;
use crate::progress::{Progress, Unit};
use crate::results::{Files, Results};

/// Runs each of `files` through the chain, into the folder `into` of `results`. A file that fails does not stop the
/// others. The returned failure has the exit code of the first file that failed.
pub(crate) fn run(
    chain: &Chain,
    media_types: &MediaTypes,
    files: &[OsString],
    into: &Path,
    results: Results,
) -> Result<(), Failed> {
    let run = Run {
        chain,
        media_types,
        files,
        inputs: Files::new(files),
        into: results,
        same_name: Mutex::default(),
        next: AtomicUsize::new(0),
        progress: Progress::of(files.len(), Unit::Files),
    };
    let mut failed: Vec<(usize, Failed)> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..at_once(files.len())).map(|_| scope.spawn(|| run.until_done())).collect();
        let results = threads.into_iter().map(thread::ScopedJoinHandle::join);
        results.flat_map(|failed| failed.unwrap_or_else(|it| panic::resume_unwind(it))).collect()
    });
    failed.extend(run.clashes());
    failed.sort_by_key(|(index, _)| *index);
    drop(run);
    report(&failed, files.len(), into)
}

/// Shows the errors, and how many files are done.
fn report(failed: &[(usize, Failed)], all: usize, into: &Path) -> Result<(), Failed> {
    for (_, failed) in failed {
        exit::show(failed);
    }
    let (done, into) = (all - failed.len(), ForeignText::of_path(into));
    match failed {
        [] => {
            log::say(&format!("done: {done} of {all} files, in `{into}`"));
            Ok(())
        }
        [(_, first), ..] => Err(first.as_well(anyhow!(
            "{} of {all} files failed; {done} are done, in `{into}`",
            failed.len()
        ))),
    }
}

struct Run<'a> {
    chain: &'a Chain,
    media_types: &'a MediaTypes,
    files: &'a [OsString],
    /// The input files, which results must not replace.
    inputs: Files,
    into: Results,
    /// The files by the name of their result.
    same_name: Mutex<BTreeMap<String, BTreeSet<usize>>>,
    /// The next file to start.
    next: AtomicUsize,
    progress: Progress,
}

impl Run<'_> {
    /// Runs one file after the other until none is left, and returns those that failed.
    fn until_done(&self) -> Vec<(usize, Failed)> {
        let mut failed = Vec::new();
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = self.files.get(index) else {
                return failed;
            };
            let work = || self.put_through(index, file);
            if let Err(error) = log::about(ForeignText::of_path(file).exact(), work) {
                failed.push((index, error));
            }
            self.progress.advance();
        }
    }

    fn put_through(&self, index: usize, file: &OsStr) -> Result<(), Failed> {
        let input = Input::open(file).map_err(exit::usage)?;
        self.media_types.check(Some(&input.head)).map_err(exit::usage)?;
        let mut result = String::new();
        let output = self.chain.run(input, |name| {
            name.clone_into(&mut result);
            self.into.open(name, &self.inputs)
        });
        output
            .and_then(|output| self.keep(index, &result, output).map_err(exit::usage))
            .map_err(|failed| failed.context(format!("`{}`", ForeignText::of_path(file))))
    }

    /// Moves a result to its place, unless the result of an earlier file has the same name. Which result stays does not
    /// depend on which is done first.
    fn keep(&self, index: usize, result: &str, output: Output) -> Result<()> {
        // Do everything slow before taking the lock.
        let Some(whole) = self.into.whole(result, output)? else { return Ok(()) };
        // Held until the file is in its place: otherwise two results could overtake each other.
        let mut same_name = self.same_name.lock().unwrap_or_else(PoisonError::into_inner);
        let indices = same_name.entry(result.to_owned()).or_default();
        indices.insert(index);
        if indices.first() == Some(&index) { self.into.keep(result, whole) } else { Ok(()) }
    }

    /// Returns a failure for each file whose result has the name of an earlier file's result.
    #[expect(clippy::indexing_slicing, reason = "all recorded indices are of these files")]
    fn clashes(&self) -> Vec<(usize, Failed)> {
        let same_name = self.same_name.lock().unwrap_or_else(PoisonError::into_inner);
        let clashes = same_name.iter().flat_map(|(name, indices)| {
            let first = indices.first().map_or(OsStr::new(""), |first| &self.files[*first]);
            indices.iter().skip(1).map(move |index| {
                let (file, name) = (&self.files[*index], ForeignText::from(&**name));
                let error = anyhow!(
                    "`{}`: its result `{name}` has the same name as that of `{}`, which was kept: \
                     run one of the files with another `--into`",
                    ForeignText::of_path(file),
                    ForeignText::of_path(first)
                );
                (*index, exit::usage(error))
            })
        });
        clashes.collect()
    }
}
