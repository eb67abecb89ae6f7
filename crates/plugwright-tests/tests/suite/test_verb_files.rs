//! `plugwright test` when something in the folders of cases and snapshots is wrong.

use std::fs;
use std::os::unix::fs::symlink;

use insta::assert_snapshot;
use tests::mkfifo;

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
    symlink("nowhere", cases.join("link.calls")).expect("the link can be created");
    let pipe = cases.join("pipe.calls");
    mkfifo(&pipe);
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
    // Not even a user who may write anything can write this.
    write(folder, "tests/snapshots/counter", "a file");
    let output = run(folder, &["test", "--bless"]);
    assert_snapshot!(failures(&output, &["counter/one.calls"]), @"
    counter/one.calls: cannot write beside `tests/snapshots/counter/one.calls.snap`: Not a directory (os error 20)
    there is no snapshot `tests/snapshots/counter/one.calls.snap` yet; the outcome:
    + > count(41)
    +   step() = 1
    + < 42
    ");
    assert_snapshot!(said(&output), @"
    error: 2 of 6 tests failed; 2 snapshots that cannot be written: see the failed tests
    [exit code Some(1)]
    ");
    assert_eq!(
        fs::read(folder.join("tests/snapshots/counter")).expect("the file can be read"),
        b"a file"
    );
}

#[test]
fn snapshots_are_files_of_the_project_and_nothing_else() {
    let (project, other) = (
        project(&["counter", "last"]),
        tempfile::tempdir().expect("a temporary folder can be created"),
    );
    let (folder, other) = (project.path(), other.path());
    write(folder, "tests/cases/counter/one.calls", ONE);
    write(folder, "tests/cases/last/one.calls", ONE);
    assert_eq!(run(folder, &["test", "--bless"]).code, Some(0));
    let snapshots = folder.join("tests/snapshots/counter");
    let snapshot = snapshots.join("one.calls.snap");
    let kept = fs::read_to_string(&snapshot).expect("the file was written");

    // A difference that insta ignores is ignored, and the output does not suggest commands that only cargo has.
    fs::write(&snapshot, kept.replace("> count", "\n\n> count")).expect("the file can be written");
    let output = run(folder, &["test"]);
    assert_eq!((output.code, &*output.stderr), (Some(0), ""), "{output}");
    // A snapshot that insta would not read is compared as it is.
    fs::write(&snapshot, "<<<<<<< \u{1b}[31m\n").expect("the file can be written");
    let output = run(folder, &["test"]);
    let escaped = !output.stdout.contains("\u{1b}[31m") && !output.stderr.contains('\u{1b}');
    assert!(escaped && output.stdout.contains("<<<<<<< \\u{1b}[31m"), "{output}");
    assert_eq!(run(folder, &["test", "--bless"]).code, Some(0));
    assert_eq!(fs::read_to_string(&snapshot).expect("the file was written"), kept);

    fs::remove_file(&snapshot).expect("the file was written");
    mkfifo(&snapshot);
    let output = run(folder, &["test", "--bless"]);
    assert_snapshot!(failures(&output, &["counter/one.calls"]), @"counter/one.calls: cannot read the snapshot `$FOLDER/tests/snapshots/counter/one.calls.snap`: it is a FIFO, but only regular files can be read");
    fs::remove_file(&snapshot).expect("the file was created");

    // Nothing is written or removed through a link.
    write(other, "file", "mine");
    write(other, "mine.snap", "mine");
    write(other, "one.calls.snap.new", "mine");
    symlink(other.join("file"), snapshots.join("one.calls.snap.new"))
        .expect("the link can be created");
    let output = run(folder, &["test", "--bless"]);
    assert_snapshot!(failures(&output, &["counter/one.calls"]), @"counter/one.calls: `$FOLDER/tests/snapshots/counter/one.calls.snap.new` is a link, but snapshots must be files of the project itself: remove the link");
    fs::remove_dir_all(folder.join("tests/snapshots/last")).expect("the folder can be removed");
    fs::remove_dir_all(&snapshots).expect("the folder can be removed");
    symlink(other, &snapshots).expect("the link can be created");
    let output = run(folder, &["test"]);
    let names = ["counter/one.calls", "guards/every snapshot has a test"];
    assert_snapshot!(failures(&output, &names), @"
    counter/one.calls: `$FOLDER/tests/snapshots/counter` is a link, but snapshots must be files of the project itself: remove the link
    guards/every snapshot has a test: `$FOLDER/tests/snapshots/counter` is a link, but snapshots must be files of the project itself: remove the link
    ");
    assert_snapshot!(said(&run(folder, &["test", "--bless"])), @"
    error: `$FOLDER/tests/snapshots/counter` is a link, but snapshots must be files of the project itself: remove the link
    [exit code Some(2)]
    ");
    for (name, text) in [("file", "mine"), ("mine.snap", "mine"), ("one.calls.snap.new", "mine")] {
        assert_eq!(fs::read_to_string(other.join(name)).expect("the file was written"), text);
    }
    assert_eq!(fs::read_dir(other).expect("the folder can be read").count(), 3);
    // No other folder is created either.
    assert!(!folder.join("tests/snapshots/last").exists());
}

#[test]
fn names_and_inputs_of_cases_stay_in_their_place() {
    let project = project(&["counter"]);
    let folder = project.path();
    write(folder, "secret.calls", "count(41)\n");
    write(folder, "tests/cases/counter/out.case", "input = \"../../../secret.calls\"\n");
    write(folder, "tests/cases/counter/root.case", "input = \"/etc/hostname\"\n");
    write(folder, "tests/cases/counter/linked.case", "input = \"in/s.calls\"\n");
    fs::create_dir(folder.join("tests/cases/counter/in")).expect("the folder can be created");
    let link = folder.join("tests/cases/counter/in/s.calls");
    symlink(folder.join("secret.calls"), link).expect("the link can be created");
    write(folder, "tests/cases/counter/wit", ONE);
    write(folder, "tests/cases/counter/without-random", ONE);
    write(folder, "tests/cases/counter/a\ntest b ... ok\u{1b}", ONE);
    fs::copy(folder.join("dist/counter.wasm"), folder.join("dist/e\n\u{1b}.wasm"))
        .expect("the file can be copied");
    fs::remove_file(folder.join("dist/plugins.json")).expect("the file exists");
    let output = run(folder, &["test"]);
    assert!(!output.stdout.contains('\u{1b}'), "{output}");
    let names = [
        "counter/out.case",
        "counter/root.case",
        "counter/linked.case",
        "counter/without-random",
        "guards/every plugin has a case",
    ];
    assert_snapshot!(results(&output), @r"
    counter/a\ntest b ... ok\u{1b} ... FAILED
    counter/linked.case ... FAILED
    counter/out.case ... FAILED
    counter/root.case ... FAILED
    counter/wit ... FAILED
    counter/wit ... FAILED
    counter/without-random ... FAILED
    e\n\u{1b}/wit ... FAILED
    guards/every case is a file with a snapshot ... ok
    guards/every folder of cases has a plugin ... ok
    guards/every plugin has a case ... FAILED
    guards/every snapshot has a test ... ok
    ");
    assert_snapshot!(failures(&output, &names), @r"
    counter/out.case: `$FOLDER/tests/cases/counter/out.case`: `../../../secret.calls`: it is outside the folder of the case: move the input into that folder or a folder below it
    counter/root.case: `$FOLDER/tests/cases/counter/root.case`: `/etc/hostname`: it is outside the folder of the case: move the input into that folder or a folder below it
    counter/linked.case: `$FOLDER/tests/cases/counter/linked.case`: `in/s.calls`: it is outside the folder of the case: move the input into that folder or a folder below it
    counter/without-random: `$FOLDER/tests/cases/counter/without-random` has a name whose snapshot belongs to another test: give the case a name with a dot, such as `without-random.txt`
    guards/every plugin has a case: the plugin `e\n\u{1b}` has no case: put a file `first.calls` or a document into tests/cases/e\n\u{1b}/, run the tests, and accept the outcome with `plugwright test --review` if it is right
    ");
    assert_snapshot!(run(folder, &["test", "f"]), @r"
    ── stderr
    error: there is no plugin `f` in `dist`, which has `counter`, `e\n\u{1b}`
    [exit code 3]
    ");
}
