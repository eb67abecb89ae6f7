//! `plugwright test`: the tests of a project that has only plugins and the command.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use plugwright_cli::review::{Answer, ask, ask_each};
use tempfile::TempDir;
use tests::{Output, Wit, component_around, copy_built, kill, plugwright, program};

use crate::any_contract::write;
use crate::new::files;
use crate::runner::{failures, results};

/// A contract with one function that is not in an interface, and one of the host.
const WIT: &str = "\
package my:counter@1.0.0;

/// A plugin that counts on.
world counter {
    import step: func() -> u32;
    export count: func(on: u32) -> u32;
}
";

/// Counts up from its argument. With 0 it never ends.
const CORE: &str = r#"
    (module
      (import "$root" "step" (func $step (result i32)))
      (func (export "count") (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (loop $again (br $again))))
        (i32.add (local.get 0) (call $step))))
"#;

pub(crate) const ONE: &str = "import step() = 1\ncount(41)\n";

/// Returns a folder with these plugins, and the file that `plugwright index` writes.
pub(crate) fn project(plugins: &[&str]) -> TempDir {
    let project = tempfile::tempdir().expect("a temporary folder can be created");
    let folder = project.path();
    fs::create_dir_all(folder.join("dist/symbols")).expect("the folder can be created");
    write(folder, "wit/counter.wit", WIT);
    let wit = Wit { text: WIT.to_owned(), dependency: None, world: "counter" };
    fs::write(folder.join("plain.wasm"), component_around(&wit, CORE))
        .expect("the file can be written");
    for plugin in plugins {
        let file = format!("dist/{plugin}.wasm");
        let arguments = ["metadata", "add", "--version", "1.0.0", "plain.wasm", "-o", &*file];
        let made = Output::of(&mut program(Path::new("wasm-tools"), folder, arguments));
        assert_eq!(made.code, Some(0), "{made}");
        let symbols = format!("dist/symbols/{plugin}.wasm");
        fs::copy(folder.join(file), folder.join(symbols)).expect("the file was just written");
    }
    let indexed = run(folder, &["index", "dist"]);
    assert_eq!(indexed.code, Some(0), "{indexed}");
    project
}

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    Output::of(plugwright(folder, arguments).env_remove("PLUGWRIGHT_DIST"))
}

/// Returns the files of the project's snapshots.
fn snapshots(folder: &Path) -> String {
    let names = files(&folder.join("tests")).into_iter().filter_map(|file| {
        let name =
            file.strip_prefix(folder).expect("the path is inside the folder").display().to_string();
        name.starts_with("tests/snapshots/").then_some(name)
    });
    let mut names: Vec<_> = names.collect();
    names.sort();
    names.join("\n")
}

/// Returns the output after the tests: the last lines.
pub(crate) fn said(output: &Output) -> String {
    let mut said = output.stdout.split("finished in ").nth(1).unwrap_or(&output.stdout).to_owned();
    said = said.split_once("s\n\n").map_or(said.clone(), |(_, said)| said.to_owned());
    format!("{said}{}[exit code {:?}]", output.stderr, output.code)
}

#[test]
fn from_an_empty_folder_to_snapshots_that_are_kept() {
    let project = project(&["counter"]);
    let folder = project.path();
    write(folder, "tests/cases/counter/one.calls", ONE);
    let output = run(folder, &["test"]);
    assert_snapshot!(results(&output), @"
    counter/one.calls ... FAILED
    counter/wit ... FAILED
    guards/every case is a file with a snapshot ... ok
    guards/every folder of cases has a plugin ... ok
    guards/every plugin has a case ... ok
    guards/every snapshot has a test ... ok
    ");
    assert_snapshot!(failures(&output, &["counter/one.calls", "counter/wit"]), @"
    counter/one.calls: there is no snapshot `tests/snapshots/counter/one.calls.snap` yet; the outcome:
    + > count(41)
    +   step() = 1
    + < 42
    counter/wit: there is no snapshot `tests/snapshots/counter/wit.snap` yet; the outcome:
    + package root:component;
    + 
    + world root {
    +   import step: func() -> u32;
    + 
    +   export count: func(on: u32) -> u32;
    + }
    ");
    assert_snapshot!(said(&output), @"
    error: 2 of 6 tests failed; 2 cases without a snapshot: `plugwright test --review` shows each outcome and asks, `plugwright test --bless` accepts all, traps included
    [exit code Some(1)]
    ");
    // A plain test run leaves nothing behind.
    assert_snapshot!(snapshots(folder), @"");

    assert_snapshot!(said(&run(folder, &["test", "--bless"])), @"
    accepted `tests/snapshots/counter/one.calls.snap` (new)
    accepted `tests/snapshots/counter/wit.snap` (new)
    [exit code Some(0)]
    ");
    assert_snapshot!(snapshots(folder), @"
    tests/snapshots/counter/one.calls.snap
    tests/snapshots/counter/wit.snap
    ");
    let snapshot = folder.join("tests/snapshots/counter/one.calls.snap");
    assert_snapshot!(fs::read_to_string(&snapshot).expect("the file was written"), @"
    ---
    source: plugwright test
    input_file: tests/cases/counter/one.calls
    ---
    > count(41)
      step() = 1
    < 42
    ");
    assert_snapshot!(said(&run(folder, &["test"])), @"[exit code Some(0)]");
    assert_snapshot!(said(&run(folder, &["test", "--bless"])), @"
    nothing to accept: no snapshot changed
    [exit code Some(0)]
    ");
    // Also from a folder below the project's.
    let below = folder.join("tests/cases");
    assert_snapshot!(said(&run(&below, &["test", "counter"])), @"[exit code Some(0)]");

    write(folder, "tests/cases/counter/one.calls", "import step() = 2\ncount(41)\n");
    let output = run(folder, &["test", "counter"]);
    assert_snapshot!(failures(&output, &["counter/one.calls"]), @"
    counter/one.calls: the outcome differs from the snapshot `tests/snapshots/counter/one.calls.snap`; `-` is the snapshot, `+` is the outcome:
      > count(41)
    -   step() = 1
    - < 42
    +   step() = 2
    + < 43
    ");
    assert_snapshot!(said(&output), @"
    error: 1 of 6 tests failed; a snapshot out of date: `plugwright test counter --review` shows each outcome and asks, `plugwright test counter --bless` accepts all, traps included
    [exit code Some(1)]
    ");
    assert_snapshot!(said(&run(folder, &["test", "--bless", "counter"])), @"
    accepted `tests/snapshots/counter/one.calls.snap` (changed)
    [exit code Some(0)]
    ");
    assert_eq!(run(folder, &["test"]).code, Some(0));
}

#[test]
fn snapshots_are_the_same_from_a_crate_of_tests() {
    let project = project(&["counter"]);
    let folder = project.path();
    write(folder, "tests/cases/counter/one.calls", ONE);
    assert_eq!(run(folder, &["test", "--bless"]).code, Some(0));
    let read = |name: &str| fs::read_to_string(folder.join("tests/snapshots/counter").join(name));
    let names = ["one.calls.snap", "wit.snap"];
    let blessed = names.map(|name| read(name).expect("the file was written"));

    let tests = Path::new(env!("CARGO_BIN_EXE_tests-of-documents"));
    assert_eq!(Output::of(&mut program(tests, folder, [""; 0])).code, Some(0));
    fs::remove_dir_all(folder.join("tests/snapshots")).expect("the folder was created");
    let mut command = program(tests, folder, [""; 0]);
    let output = Output::of(command.env("INSTA_UPDATE", "always"));
    assert_eq!(
        names.map(|name| read(name).expect("insta wrote the snapshot")),
        blessed,
        "{output}"
    );
}

#[test]
fn a_snapshot_without_a_test_fails_the_whole_run_and_no_other() {
    let project = project(&["counter", "other"]);
    let folder = project.path();
    for file in ["counter/one.calls", "counter/two.calls", "other/one.calls"] {
        write(folder, &format!("tests/cases/{file}"), ONE);
    }
    assert_eq!(run(folder, &["test", "--bless"]).code, Some(0));
    fs::remove_file(folder.join("tests/cases/counter/two.calls")).expect("the file was written");
    write(folder, "tests/snapshots/gone/wit.snap", "");
    write(folder, "tests/snapshots/counter/without-random.snap", "");
    // A snapshot that is not in a plugin's folder belongs to other tests.
    write(folder, "tests/snapshots/library__one.snap", "");
    let guard = "guards/every snapshot has a test";
    let output = run(folder, &["test"]);
    assert_snapshot!(failures(&output, &[guard]), @"
    guards/every snapshot has a test: no test uses the snapshot `tests/snapshots/counter/two.calls.snap`: remove it, or run `plugwright test --bless` to remove all unused snapshots
    no test uses the snapshot `tests/snapshots/counter/without-random.snap`: remove it, or run `plugwright test --bless` to remove all unused snapshots
    no test uses the snapshot `tests/snapshots/gone/wit.snap`: remove it, or run `plugwright test --bless` to remove all unused snapshots
    ");
    assert_snapshot!(said(&output), @"
    error: 1 of 8 tests failed; 3 snapshots without a test: remove with `plugwright test --bless`
    [exit code Some(1)]
    ");
    assert_snapshot!(failures(&run(folder, &["test", "counter"]), &[guard]), @"
    guards/every snapshot has a test: no test uses the snapshot `tests/snapshots/counter/two.calls.snap`: remove it, or run `plugwright test --bless` to remove all unused snapshots
    no test uses the snapshot `tests/snapshots/counter/without-random.snap`: remove it, or run `plugwright test --bless` to remove all unused snapshots
    ");
    assert_eq!(run(folder, &["test", "other"]).code, Some(0));

    // The same in a crate, where a part of the tests does not look for unused snapshots.
    let tests = Path::new(env!("CARGO_BIN_EXE_tests-of-documents"));
    let of_crate = |arguments: &[&str]| Output::of(&mut program(tests, folder, arguments));
    assert_snapshot!(failures(&of_crate(&[]), &[guard]), @"
    guards/every snapshot has a test: no test uses the snapshot `tests/snapshots/counter/two.calls.snap`: remove it, or run `plugwright test --bless` to remove all unused snapshots
    no test uses the snapshot `tests/snapshots/counter/without-random.snap`: remove it, or run `plugwright test --bless` to remove all unused snapshots
    no test uses the snapshot `tests/snapshots/gone/wit.snap`: remove it, or run `plugwright test --bless` to remove all unused snapshots
    ");
    assert_eq!(of_crate(&["counter/"]).code, Some(0));

    assert_snapshot!(said(&run(folder, &["test", "--bless"])), @"
    removed `tests/snapshots/counter/two.calls.snap` (no test uses it)
    removed `tests/snapshots/counter/without-random.snap` (no test uses it)
    removed `tests/snapshots/gone/wit.snap` (no test uses it)
    [exit code Some(0)]
    ");
    assert_snapshot!(snapshots(folder), @"
    tests/snapshots/counter/one.calls.snap
    tests/snapshots/counter/wit.snap
    tests/snapshots/library__one.snap
    tests/snapshots/other/one.calls.snap
    tests/snapshots/other/wit.snap
    ");
    // The snapshots of a plugin that is not built now are kept.
    fs::remove_file(folder.join("dist/other.wasm")).expect("the file was written");
    assert_eq!(run(folder, &["index", "dist"]).code, Some(0));
    let output = run(folder, &["test", "--bless"]);
    assert_snapshot!(failures(&output, &["guards/every folder of cases has a plugin"]), @"guards/every folder of cases has a plugin: tests/cases/other/ belongs to no plugin: there is no `other.wasm` in `dist`; build it, or remove the folder");
    assert_snapshot!(said(&output), @"
    nothing to accept: no snapshot changed
    error: 2 of 7 tests failed
    [exit code Some(1)]
    ");
}

#[test]
fn what_is_wrong_is_told_by_name() {
    let project = project(&["counter", "plain"]);
    let folder = project.path();
    write(folder, "tests/cases/counter/front.case", "input = \"inputs/one.calls\"\nlimit = 1\n");
    write(folder, "tests/cases/counter/inputs/one.calls", ONE);
    write(folder, "tests/cases/counter/broken.calls", "count(41\n");
    write(folder, "tests/cases/counter/asks.calls", "count(41)\n");
    write(folder, "tests/cases/counter/es\u{1b}cape.calls", "count(\u{1b}[31m)\n");
    let output = run(folder, &["test"]);
    let names = [
        "counter/front.case",
        "counter/broken.calls",
        "counter/asks.calls",
        "counter/es\\u{1b}cape.calls",
        "guards/every plugin has a case",
    ];
    assert_snapshot!(failures(&output, &names), @r"
    counter/front.case: `$FOLDER/tests/cases/counter/front.case`: line 2, column 1: there is no key `limit`, only `input`, `source`, `grants`, `limits`, `expect`
    counter/broken.calls: `$FOLDER/tests/cases/counter/broken.calls`: line 1, column 6: the `(` of this call is not closed: add `)`
    counter/asks.calls: `$FOLDER/tests/cases/counter/asks.calls`: line 1, column 1: the plugin called `step`, but no statement answers: add `import step() = …`, with a value of type `u32`
    counter/es\u{1b}cape.calls: `$FOLDER/tests/cases/counter/es\u{1b}cape.calls`: line 1, column 12: expected `]`, found `)`
    guards/every plugin has a case: the plugin `plain` has no case: put a file `first.calls` or a document into tests/cases/plain/, run the tests, and accept the outcome with `plugwright test --review` if it is right
    ");
    assert_snapshot!(said(&output), @"
    error: 7 of 10 tests failed; 2 cases without a snapshot: `plugwright test --review` shows each outcome and asks, `plugwright test --bless` accepts all, traps included
    [exit code Some(1)]
    ");
    // Everything that can be accepted is accepted, and the rest is reported.
    assert_snapshot!(said(&run(folder, &["test", "--bless"])), @"
    accepted `tests/snapshots/counter/wit.snap` (new)
    accepted `tests/snapshots/plain/wit.snap` (new)
    error: 5 of 10 tests failed
    [exit code Some(1)]
    ");
    assert_snapshot!(said(&run(folder, &["test"])), @"
    error: 5 of 10 tests failed
    [exit code Some(1)]
    ");
}

#[test]
fn what_is_missing_is_told_with_what_to_type() {
    let project = project(&["counter"]);
    let folder = project.path();
    assert_snapshot!(run(folder, &["test"]), @"
    ── stderr
    error: there are no cases in `$FOLDER` or a folder above it: make a folder `tests/cases/NAME` for the plugin `NAME`, and put a file into it, such as a script of calls, `first.calls`
    [exit code 2]
    ");
    write(folder, "tests/cases/counter/one.calls", ONE);
    assert_snapshot!(run(folder, &["test", "countre"]), @"
    ── stderr
    error: there is no plugin `countre` in `dist`, which has `counter`: did you mean `counter`?
    [exit code 3]
    ");
    assert_snapshot!(run(folder, &["test", "counter", "x\u{1b}"]), @r"
    ── stderr
    error: there is no plugin `x\u{1b}` in `dist`, which has `counter`
    [exit code 3]
    ");
    assert_snapshot!(run(folder, &["test", "--dist", "none"]), @"
    ── stderr
    error: there are no built plugins in `none`: it has no `plugins.json`: build them, or put files `NAME.wasm` there; `PLUGWRIGHT_DIST` can name another folder
    [exit code 8]
    ");
    fs::write(folder.join("dist/plugins.json"), "{}").expect("the file can be written");
    assert_snapshot!(run(folder, &["test"]), @"
    ── stderr
    error: `dist/plugins.json` is not a list of plugins: invalid type: map, expected a sequence at line 1 column 0
    [exit code 3]
    ");
    fs::remove_dir_all(folder.join("dist")).expect("the folder exists");
    assert_snapshot!(run(folder, &["test"]), @"
    ── stderr
    error: there are no built plugins in `dist`: it has no `plugins.json`: build them, or put files `NAME.wasm` there; `PLUGWRIGHT_DIST` can name another folder
    [exit code 8]
    ");
    let below = run(&folder.join("tests"), &["test"]);
    let of_project = format!("{}/dist`", folder.display());
    assert!(below.code == Some(8) && below.stderr.contains(&of_project), "{below}");
}

#[test]
fn nothing_is_accepted_that_nobody_sees() {
    let project = project(&["counter"]);
    let folder = project.path();
    write(folder, "tests/cases/counter/one.calls", ONE);
    assert_snapshot!(run(folder, &["test", "--review"]), @"
    ── stderr
    error: `--review` asks questions and needs a terminal: use `--bless` to accept all changes without questions
    [exit code 2]
    ");
    assert_snapshot!(run(folder, &["test", "--review", "--bless"]), @"
    ── stderr
    error: the argument '--review' cannot be used with '--bless'

    Usage: plugwright test --review --cache <FOLDER> [PLUGIN]...

    For more information, try '--help'.
    [exit code 2]
    ");
    for flag in ["--review", "--bless"] {
        let mut command = plugwright(folder, ["test", flag]);
        let output = Output::of(command.env("CI", "true").env_remove("PLUGWRIGHT_DIST"));
        assert_eq!(output.code, Some(2), "{output}");
        assert!(output.stderr.contains("`CI` is set"), "{output}");
    }
    // insta's environment variables do not accept snapshots, either.
    for (name, value) in
        [("INSTA_UPDATE", "always"), ("INSTA_FORCE_UPDATE", "1"), ("INSTA_FORCE_PASS", "1")]
    {
        let mut command = plugwright(folder, ["test"]);
        let output = Output::of(command.env(name, value).env_remove("PLUGWRIGHT_DIST"));
        assert_eq!(output.code, Some(1), "{name}: {output}");
    }
    assert_eq!(snapshots(folder), "");
}

#[test]
fn plugins_are_tested_that_are_signed_by_whom_is_trusted() {
    let project = project(&["counter"]);
    let folder = project.path();
    write(folder, "tests/cases/counter/one.calls", ONE);
    assert_eq!(run(folder, &["test", "--bless"]).code, Some(0));
    for arguments in [&["key", "new", "mine.key"][..], &["key", "new", "other.key"]] {
        let made = run(folder, arguments);
        assert_eq!(made.code, Some(0), "{made}");
    }
    let signed = run(folder, &["sign", "--key", "mine.key", "counter"]);
    assert_eq!(signed.code, Some(0), "{signed}");
    let output = run(folder, &["test", "--trust", "mine.pub"]);
    assert_eq!(output.code, Some(0), "{output}");
    let output = run(folder, &["test", "--trust", "other.pub"]);
    let failed = failures(&output, &["counter/one.calls"]);
    assert!(failed.contains(", which is not trusted"), "{failed}");
}

#[test]
fn whoever_ends_it_has_nothing_left_behind() {
    let project = project(&["counter"]);
    let folder = project.path();
    write(folder, "tests/cases/counter/one.calls", ONE);
    // Where one test runs at a time, this is the second one.
    write(folder, "tests/cases/counter/without-end.calls", "import step() = 1\ncount(0)\n");
    let mut command = plugwright(folder, ["test", "--bless"]);
    let command = command.env_remove("PLUGWRIGHT_DIST").stdout(Stdio::null()).stderr(Stdio::null());
    let mut tests = command.spawn().expect("the command starts");
    let proposed = folder.join("tests/snapshots/counter/one.calls.snap.new");
    let begun = Instant::now();
    while !proposed.exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "no snapshot was proposed");
        thread::sleep(Duration::from_millis(5));
    }
    let id = tests.id().to_string();
    assert_eq!(kill(["-INT", &*id]).code, Some(0));
    assert_eq!(tests.wait().expect("the process was started").code(), None);
    assert_eq!(snapshots(folder), "");
}

#[test]
fn a_question_is_asked_until_it_is_answered() {
    let asked = |answers: &str| {
        let mut shown = Vec::new();
        let answer =
            ask(&mut Cursor::new(answers), &mut shown).expect("writing to memory succeeds");
        (answer, String::from_utf8(shown).expect("the output is UTF-8"))
    };
    assert_eq!(asked("a\n").0, Some(Answer::Accept));
    assert_eq!(asked("Reject\n").0, Some(Answer::Reject));
    let twice = "[a]ccept, [r]eject, [s]kip? [a]ccept, [r]eject, [s]kip? ".to_owned();
    assert_eq!(asked("\n s \n"), (Some(Answer::Skip), twice));
    assert_eq!(asked("what").0, None);
    // Ending the input leaves the remaining changes unanswered.
    let mut answered = Vec::new();
    let mut shown = Vec::new();
    let changes = ["one\n", "two\n", "three\n", "four\n"];
    ask_each(&changes, &mut Cursor::new("s\na\n"), &mut shown, |change, answer| {
        answered.push((*change, answer));
        Ok(())
    })
    .expect("writing to memory succeeds");
    assert_eq!(
        answered,
        [
            ("one\n", Answer::Skip),
            ("two\n", Answer::Accept),
            ("one\n", Answer::Reject),
            ("three\n", Answer::Reject),
            ("four\n", Answer::Reject)
        ]
    );
}

#[test]
fn plugins_without_a_list_are_those_that_are_there() {
    let project = project(&["counter"]);
    let folder = project.path();
    fs::remove_dir_all(folder.join("dist")).expect("the folder can be removed");
    fs::create_dir(folder.join("dist")).expect("the folder can be created");
    fs::copy(folder.join("plain.wasm"), folder.join("dist/counter.wasm"))
        .expect("the plugin can be copied");
    write(folder, "tests/cases/counter/one.calls", ONE);
    let blessed = run(folder, &["test", "--bless"]);
    assert_eq!(blessed.code, Some(0), "{blessed}");
    // A broken plugin is reported by the tests that need it.
    write(folder, "dist/broken.wasm", "no plugin");
    write(folder, "tests/cases/broken/one.calls", ONE);
    let output = run(folder, &["test"]);
    assert_snapshot!(failures(&output, &["broken/one.calls"]), @r"broken/one.calls: `broken` is not WebAssembly: it does not begin with the bytes `\0asm`");
    assert_eq!(run(folder, &["test", "counter"]).code, Some(0));
}

#[test]
fn a_case_can_limit_fuel() {
    let project = project(&["counter"]);
    let folder = project.path();
    write(folder, "tests/cases/counter/inputs/endless.calls", "count(0)\n");
    let front = "input = \"inputs/endless.calls\"\nlimits = [\"fuel=3000\"]\nexpect = \"limit\"\n";
    write(folder, "tests/cases/counter/hungry.case", front);
    let blessed = run(folder, &["test", "--bless"]);
    assert_eq!(blessed.code, Some(0), "{blessed}");
}

#[test]
fn the_contracts_own_functions_answer_its_plugins_where_a_script_does_not() {
    let project = project(&[]);
    let folder = project.path();
    copy_built("quote.wasm", folder.join("dist/quote.wasm"));
    fs::remove_file(folder.join("dist/plugins.json")).expect("the file was just written");
    let call = "words.prettify([\"a\"])\n";
    write(folder, "tests/cases/quote/host.calls", call);
    let answered = format!("import host.log(_, _, _)\n{call}");
    write(folder, "tests/cases/quote/script.calls", &answered);
    let blessed = run(folder, &["test", "--bless"]);
    assert_eq!(blessed.code, Some(0), "{blessed}");
    let has_logged = |case: &str| {
        let snapshot = folder.join(format!("tests/snapshots/quote/{case}.calls.snap"));
        let text = fs::read_to_string(snapshot).expect("the snapshot was accepted");
        assert!(text.contains("  host.log(info, \"quoting\", "), "{text}");
        text.contains("  log info quoting words=1\n")
    };
    assert_eq!((has_logged("host"), has_logged("script")), (true, false));
}
