//! `plugwright test` where something in the folders of cases and snapshots is not as it should be.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use insta::assert_snapshot;
use tests::{Output, program};

use crate::any_contract::write;
use crate::runner::{failures, results};
use crate::test_verb::{ONE, project, run, said};

#[test]
fn what_is_no_file_is_no_case_and_what_editors_leave_is_left_alone() {
    let project = project(&["counter"]);
    let cases = project.path().join("tests/cases/counter");
    write(project.path(), "tests/cases/counter/.one.calls.swp", "no script");
    write(project.path(), "tests/cases/counter/one.calls~", "no script");
    let no_case = failures(&run(project.path(), &["test"]), &["guards/every plugin has a case"]);
    assert!(no_case.contains("the plugin `counter` has no case"), "{no_case}");
    write(project.path(), "tests/cases/counter/one.calls", ONE);
    symlink("nowhere", cases.join("link.calls")).expect("a link");
    let pipe = cases.join("pipe.calls");
    let made = Output::of(&mut program(Path::new("mkfifo"), project.path(), [&pipe]));
    assert_eq!(made.code, Some(0), "{made}");
    let output = run(project.path(), &["test", "--bless"]);
    assert_snapshot!(results(&output), @"
    counter/link.calls ... FAILED
    counter/one.calls ... ok
    counter/pipe.calls ... FAILED
    counter/wit ... ok
    guards/every case is a file with a snapshot ... ok
    guards/every folder of cases has a plugin ... ok
    guards/every plugin has a case ... ok
    guards/every snapshot has a test ... ok
    ");
    assert_snapshot!(failures(&output, &["counter/link.calls", "counter/pipe.calls"]), @"
    counter/link.calls: `$FOLDER/tests/cases/counter/link.calls` is neither a file nor a link to one: put a file in its place, or remove it
    counter/pipe.calls: `$FOLDER/tests/cases/counter/pipe.calls` is neither a file nor a link to one: put a file in its place, or remove it
    ");
}

#[test]
fn what_cannot_be_written_is_shown_and_counted() {
    let project = project(&["counter"]);
    let folder = project.path();
    write(folder, "tests/cases/counter/one.calls", ONE);
    // Whoever may write anything cannot write this.
    write(folder, "tests/snapshots/counter", "a file");
    let output = run(folder, &["test", "--bless"]);
    assert_snapshot!(failures(&output, &["counter/one.calls"]), @"
    counter/one.calls: cannot write beside `tests/snapshots/counter/one.calls.snap`: Not a directory (os error 20)
    there is no snapshot `tests/snapshots/counter/one.calls.snap` yet; what came out:
    + > count(41)
    +   step() = 1
    + < 42
    ");
    assert_snapshot!(said(&output), @"
    error: 2 of 6 tests failed; 2 snapshots that cannot be written, as the tests that failed say
    [exit code Some(1)]
    ");
    assert_eq!(fs::read(folder.join("tests/snapshots/counter")).expect("a file"), b"a file");
}
