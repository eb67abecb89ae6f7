//! Tests that report changed snapshots to their caller, and the report.

use std::io::{self, BufRead as _, BufReader, PipeReader};
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::{panic, thread};

use libtest_mimic::{Arguments, ColorSetting, Conclusion, Trial};

use crate::change::{Change, Changes};
use crate::project::ProjectError;
use crate::trial::Tested;
use crate::unused;

/// All tests of a [`Runner`](crate::Runner). They report changed snapshots to the caller, who decides what to do.
pub struct Telling {
    trials: Vec<Trial>,
    tested: Arc<Tested>,
}

/// The report of a [`Telling`].
#[derive(Debug)]
#[must_use = "report the result"]
#[non_exhaustive]
pub struct Told {
    /// How many tests passed, and how many failed.
    pub conclusion: Conclusion,
    /// The changed snapshots, sorted by path.
    pub changes: Vec<Change>,
    /// The number of further changed snapshots whose proposals cannot be written. Their tests failed and showed the
    /// outcome.
    pub unwritten: usize,
    /// The snapshots that no test uses, as paths relative to the project's folder.
    pub unused: Vec<PathBuf>,
}

impl Telling {
    pub(crate) fn new((trials, tested): (Vec<Trial>, Arc<Tested>)) -> Self {
        Self { trials, tested }
    }

    /// Returns the paths of all files that the tests may propose. The caller must remove them, so that none is there
    /// before or after the run.
    pub fn proposed(&self) -> Vec<PathBuf> {
        unused::proposed(&self.tested)
    }

    /// Runs the tests, and shows their results on standard output.
    ///
    /// # Errors
    ///
    /// Returns [`ProjectError::Cases`] if the folders of snapshots cannot be read.
    ///
    /// # Panics
    ///
    /// Panics if standard output cannot be written.
    pub fn run(self) -> Result<Told, ProjectError> {
        self.run_by(|trials| Ok(libtest_mimic::run(&Arguments::default(), trials)))
    }

    /// Runs the tests as [`Telling::run`] does, but passes each line of output to `show`, with colours and its line
    /// end, together with the number of tests that have ended.
    ///
    /// # Errors
    ///
    /// As [`Telling::run`], and [`ProjectError::Shown`] if the system cannot create a pipe for the lines, or if `show`
    /// fails for the last line.
    ///
    /// # Panics
    ///
    /// Panics if `show` fails for an earlier line, as [`Telling::run`] does if standard output cannot be written.
    pub fn run_showing(
        self,
        show: impl FnMut(&[u8], usize) -> io::Result<()> + Send,
    ) -> Result<Told, ProjectError> {
        self.run_by(|trials| showing(trials, show))
    }

    /// Returns the number of tests.
    pub fn count(&self) -> usize {
        self.trials.len()
    }

    fn run_by(
        self,
        run: impl FnOnce(Vec<Trial>) -> io::Result<Conclusion>,
    ) -> Result<Told, ProjectError> {
        let Self { trials, tested } = self;
        let unused = unused::snapshots(&tested);
        // If this failed after the run, proposed files would be left behind.
        let unused = match tested.changes.as_ref().is_some_and(Changes::are_proposed) {
            true => Ok(unused?),
            false => unused,
        };
        let conclusion = run(trials).map_err(ProjectError::Shown)?;
        let changes = tested.changes.as_ref().map(Changes::all).unwrap_or_default();
        let unwritten = tested.changes.as_ref().map_or(0, Changes::unwritten);
        Ok(Told { conclusion, changes, unwritten, unused: unused? })
    }
}

/// Runs the tests, which write into a pipe instead of standard output. Only the pipe tells when they write.
fn showing(
    trials: Vec<Trial>,
    show: impl FnMut(&[u8], usize) -> io::Result<()> + Send,
) -> io::Result<Conclusion> {
    let (reader, writer) = io::pipe()?;
    let arguments = Arguments {
        logfile: Some(format!("/dev/fd/{}", writer.as_raw_fd())),
        color: Some(ColorSetting::Always),
        ..Arguments::default()
    };
    thread::scope(|scope| {
        let shown = scope.spawn(move || read(reader, show));
        let conclusion = libtest_mimic::run(&arguments, trials);
        drop(writer);
        shown.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked))?;
        Ok(conclusion)
    })
}

/// Passes each line of the tests' output to `show`. After an empty line and a title, each line is a test that has
/// ended, up to the next empty line.
fn read(
    reader: PipeReader,
    mut show: impl FnMut(&[u8], usize) -> io::Result<()>,
) -> io::Result<()> {
    let (mut reader, mut line) = (BufReader::new(reader), Vec::new());
    let (mut ended, mut number, mut is_over) = (0, 0, false);
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        number += 1;
        is_over |= number > 2 && line == b"\n";
        if number > 2 && !is_over {
            ended += 1;
        }
        show(&line, ended)?;
    }
}
