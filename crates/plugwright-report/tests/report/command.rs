//! The command with `report`.

use std::fs;
use std::path::{Path, PathBuf};

use tests::{Output, cache_folder, dist_folder, program};

/// Returns the command, which `just reports` builds.
pub(crate) fn command() -> PathBuf {
    let own = std::env::current_exe().expect("the test");
    own.parent().and_then(Path::parent).expect("a folder").join("examples/plugwright-with-report")
}

/// Runs the command in the folder.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = program(&command(), folder, arguments);
    Output::of(
        command.env("PLUGWRIGHT_DIST", dist_folder()).env("PLUGWRIGHT_CACHE", cache_folder()),
    )
}

/// The report of a folder.
pub(crate) struct Made {
    /// The page.
    pub(crate) page: String,
    /// The summary.
    pub(crate) summary: String,
}

/// Makes a report in the folder, with these arguments.
pub(crate) fn report(folder: &Path, arguments: &[&str]) -> Made {
    let to = tempfile::tempdir().expect("a folder");
    let file = |name: &str| to.path().join(name);
    let (page, summary) = (file("report.html"), file("summary.md"));
    let into =
        ["--output", page.to_str().expect("UTF-8"), "--markdown", summary.to_str().expect("UTF-8")];
    let output = run(folder, &[&["report"], arguments, &into].concat());
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!((&*output.stdout, &*output.stderr), ("", ""));
    let read = |path: &Path| fs::read_to_string(path).expect("it was just written");
    Made { page: read(&page), summary: read(&summary) }
}
