//! Tests whose snapshots are left to who runs them, and what comes of them.

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

/// All tests of a [`Runner`](crate::Runner), which leave snapshots to who runs them.
pub struct Telling {
    trials: Vec<Trial>,
    tested: Arc<Tested>,
}

/// What came of tests that leave snapshots to who runs them.
#[derive(Debug)]
#[must_use = "say how it ended"]
#[non_exhaustive]
pub struct Told {
    /// How many tests passed, and how many failed.
    pub conclusion: Conclusion,
    /// The snapshots that changed, by path.
    pub changes: Vec<Change>,
    /// How many more changed, which cannot be written: their tests failed, and showed what came out.
    pub unwritten: usize,
    /// The snapshots that no test uses, each as a path from the project's folder.
    pub unused: Vec<PathBuf>,
}

impl Telling {
    pub(crate) fn new((trials, tested): (Vec<Trial>, Arc<Tested>)) -> Self {
        Self { trials, tested }
    }

    /// The files of snapshots that the tests may propose, of which none is there before and after.
    pub fn proposed(&self) -> Vec<PathBuf> {
        unused::proposed(&self.tested)
    }

    /// Runs the tests, and shows on standard output how they end.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Cases`] if the folders of snapshots cannot be read.
    ///
    /// # Panics
    ///
    /// If standard output cannot be written.
    pub fn run(self) -> Result<Told, ProjectError> {
        self.run_by(|trials| Ok(libtest_mimic::run(&Arguments::default(), trials)))
    }

    /// Runs the tests as [`Telling::run`] does, and gives each line that it would show to `show`, in colour and with its
    /// end, and how many tests have ended by then.
    ///
    /// # Errors
    ///
    /// As [`Telling::run`], and [`ProjectError::Shown`] if the system has no pipe for the lines, or `show` fails at the last
    /// of them.
    ///
    /// # Panics
    ///
    /// If `show` fails before that, as [`Telling::run`] does if standard output cannot be written.
    pub fn run_showing(
        self,
        show: impl FnMut(&[u8], usize) -> io::Result<()> + Send,
    ) -> Result<Told, ProjectError> {
        self.run_by(|trials| showing(trials, show))
    }

    /// How many tests there are.
    pub fn count(&self) -> usize {
        self.trials.len()
    }

    fn run_by(
        self,
        run: impl FnOnce(Vec<Trial>) -> io::Result<Conclusion>,
    ) -> Result<Told, ProjectError> {
        let Self { trials, tested } = self;
        let unused = unused::snapshots(&tested);
        // What is proposed before that fails would be left behind.
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

/// Runs the tests, which write into a pipe instead of standard output, since nothing says when they write.
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

/// Gives each line of what tests say to `show`: after an empty line and a title there is one for each that has ended, up to
/// another empty line.
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
