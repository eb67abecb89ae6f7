//! Tests whose snapshots are left to who runs them, and what comes of them.

use std::path::PathBuf;
use std::sync::Arc;

use libtest_mimic::{Arguments, Conclusion, Trial};

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
        let Self { trials, tested } = self;
        let unused = unused::snapshots(&tested);
        // What is proposed before that fails would be left behind.
        let unused = match tested.changes.as_ref().is_some_and(Changes::are_proposed) {
            true => Ok(unused?),
            false => unused,
        };
        let conclusion = libtest_mimic::run(&Arguments::default(), trials);
        let changes = tested.changes.as_ref().map(Changes::all).unwrap_or_default();
        let unwritten = tested.changes.as_ref().map_or(0, Changes::unwritten);
        Ok(Told { conclusion, changes, unwritten, unused: unused? })
    }
}
