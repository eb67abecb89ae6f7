//! The runner of cases, in projects that it knows nothing about. A problem with a case fails by name, and all other
//! cases continue.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use plugwright::DistEntry;
use tempfile::TempDir;
use tests::{Output, cache_folder, copy_built, dist, program};

use crate::any_contract::write;

/// Returns a project with these plugins of this repository.
fn project(plugins: &[&str]) -> TempDir {
    let project = tempfile::tempdir().expect("a temporary folder can be created");
    fs::create_dir_all(project.path().join("dist")).expect("the folder can be created");
    fs::create_dir_all(project.path().join("tests/cases")).expect("the folder can be created");
    let dist = dist();
    let entries: Vec<&DistEntry> =
        dist.plugins().iter().filter(|entry| plugins.contains(&&*entry.name)).collect();
    for DistEntry { name, .. } in &entries {
        let file = format!("{name}.wasm");
        let to = project.path().join("dist").join(&file);
        copy_built(&file, to);
    }
    let list = serde_json::to_string(&entries).expect("the list can be serialised");
    write(project.path(), "dist/plugins.json", &list);
    project
}

/// Runs the project's tests.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let tests = Path::new(env!("CARGO_BIN_EXE_tests-of-documents"));
    let mut command = program(tests, folder, arguments);
    // With one thread, the name of a test is printed before the test runs, and what insta prints is in the same line.
    command.args(["--test-threads", "2"]);
    Output::of(command.env("PLUGWRIGHT_CACHE", cache_folder()))
}

/// Returns each test and its outcome, by name.
pub(crate) fn results(output: &Output) -> String {
    let lines =
        output.stdout.lines().filter(|line| line.starts_with("test ") && line.contains(" ... "));
    let mut lines: Vec<_> = lines.map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    lines.sort();
    lines.iter().map(|words| format!("{}\n", words[1..].join(" "))).collect()
}

/// Returns the failures of the tests with these names.
pub(crate) fn failures(output: &Output, names: &[&str]) -> String {
    let told = |name: &&str| {
        let failure = output.stdout.split(&format!("---- {name} ----\n")).nth(1);
        let failure = failure.unwrap_or_else(|| panic!("`{name}` did not fail: {output}"));
        format!("{name}: {}\n", failure.split("\n\n").next().unwrap_or_default().trim_end())
    };
    names.iter().map(told).collect()
}

/// Accepts all new snapshots.
fn accept(folder: &Path) -> Vec<String> {
    let mut accepted = Vec::new();
    for file in crate::new::files(&folder.join("tests/snapshots")) {
        let name =
            file.strip_prefix(folder).expect("the path is inside the folder").display().to_string();
        if let Some(accepting) = name.strip_suffix(".new") {
            fs::rename(&file, folder.join(accepting)).expect("the file can be renamed");
            accepted.push(name);
        }
    }
    accepted
}

#[test]
fn what_is_wrong_fails_by_name_and_all_else_goes_on() {
    let project = project(&["count", "markdown", "template"]);
    let folder = project.path();
    let write = |file: &str, text: &str| write(folder, &format!("tests/cases/{file}"), text);
    write("markdown/fine.md", "# Fine\n");
    write("markdown/broken.case", "input = \"fine.md\"\noptoins = []\n");
    write("markdown/no-front.case", "# It has to name its input.\n");
    write("markdown/no-input.case", "input = \"nothing.md\"\n");
    write("markdown/not-stricter.case", "input = \"fine.md\"\nlimits = [\"memory=3GiB\"]\n");
    write("markdown/unasked.case", "input = \"fine.md\"\ngrants = [\"random=1\"]\n");
    write("markdown/other.case", "input = \"fine.md\"\nexpect = \"failure\"\n");
    write("template/plain.j2", "Plain\n");
    write("nobody/first.txt", "");

    let output = run(folder, &[]);
    assert_eq!(output.code, Some(101), "{output}");
    assert_snapshot!(results(&output), @"
    count/wit ... FAILED
    guards/every case is a file with a snapshot ... FAILED
    guards/every folder of cases has a plugin ... FAILED
    guards/every plugin has a case ... FAILED
    guards/every snapshot has a test ... ok
    markdown/broken.case ... FAILED
    markdown/fine.md ... FAILED
    markdown/no-front.case ... FAILED
    markdown/no-input.case ... FAILED
    markdown/not-stricter.case ... FAILED
    markdown/other.case ... FAILED
    markdown/unasked.case ... FAILED
    markdown/wit ... FAILED
    nobody/first.txt ... FAILED
    template/plain.j2 ... FAILED
    template/wit ... FAILED
    template/without folder=/templates ... FAILED
    ");
    assert_snapshot!(failures(&output, &[
        "markdown/broken.case",
        "markdown/no-front.case",
        "markdown/no-input.case",
        "markdown/not-stricter.case",
        "markdown/unasked.case",
        "markdown/other.case",
        "nobody/first.txt",
        "template/without folder=/templates",
        "guards/every plugin has a case",
        "guards/every folder of cases has a plugin",
        "guards/every case is a file with a snapshot",
    ]), @r#"
    markdown/broken.case: `$FOLDER/tests/cases/markdown/broken.case`: line 2, column 1: there is no key `optoins`, only `media-type`, `attributes`, `options`, `input`, `source`, `grants`, `limits`, `expect`
    markdown/no-front.case: `$FOLDER/tests/cases/markdown/no-front.case`: line 1, column 1: `input` is missing: it is written `input = "inputs/first.txt"`
    markdown/no-input.case: cannot read the input of a case `$FOLDER/tests/cases/markdown/nothing.md`: No such file or directory (os error 2)
    markdown/not-stricter.case: `$FOLDER/tests/cases/markdown/not-stricter.case`: the limit `memory` is no stricter than the one in the manifest of `markdown`: lower it, or leave it out
    markdown/unasked.case: `$FOLDER/tests/cases/markdown/unasked.case`: `random=1`: the plugin does not ask for this grant: add it to the plugin's `plugin.toml`, or remove it here
    markdown/other.case: expected a failure, but found a result. The outcome:
    result: fine.html, text/html
    <h1>Fine</h1>
    nobody/first.txt: there is no plugin `nobody` in `$FOLDER/dist`, which has `count`, `markdown`, `template`: to name a file, give its folder or its ending `.wasm`
    template/without folder=/templates: no case of `template` needs the grant `folder=/templates`: add a case that does, or remove the grant from the plugin's `plugin.toml`
    guards/every plugin has a case: the plugin `count` has no case: put a file `first.calls` or a document into tests/cases/count/, run the tests, and accept the outcome with `cargo insta review` if it is right
    guards/every folder of cases has a plugin: tests/cases/nobody/ belongs to no plugin: there is no `nobody.wasm` in `$FOLDER/dist`; build it, or remove the folder
    guards/every case is a file with a snapshot: the case markdown/broken.case has no snapshot tests/snapshots/markdown/broken.case.snap: `cargo insta review` shows the outcome; accept it if it is right
    the case markdown/fine.md has no snapshot tests/snapshots/markdown/fine.md.snap: `cargo insta review` shows the outcome; accept it if it is right
    `$FOLDER/tests/cases/markdown/nothing.md` is not a file
    the case markdown/not-stricter.case has no snapshot tests/snapshots/markdown/not-stricter.case.snap: `cargo insta review` shows the outcome; accept it if it is right
    the case markdown/other.case has no snapshot tests/snapshots/markdown/other.case.snap: `cargo insta review` shows the outcome; accept it if it is right
    the case markdown/unasked.case has no snapshot tests/snapshots/markdown/unasked.case.snap: `cargo insta review` shows the outcome; accept it if it is right
    the case nobody/first.txt has no snapshot tests/snapshots/nobody/first.txt.snap: `cargo insta review` shows the outcome; accept it if it is right
    the case template/plain.j2 has no snapshot tests/snapshots/template/plain.j2.snap: `cargo insta review` shows the outcome; accept it if it is right
    "#);
    assert_snapshot!(accept(folder).join("\n"), @"
    tests/snapshots/count/wit.snap.new
    tests/snapshots/markdown/fine.md.snap.new
    tests/snapshots/markdown/wit.snap.new
    tests/snapshots/template/plain.j2.snap.new
    tests/snapshots/template/wit.snap.new
    ");
}

#[test]
fn a_project_with_nothing_wrong_passes() {
    let project = project(&["checksum", "markdown"]);
    let folder = project.path();
    write(folder, "tests/cases/checksum/words.txt", "some words\n");
    write(folder, "tests/cases/markdown/fine.md", "# Fine\n");
    let output = run(folder, &["markdown/"]);
    assert_eq!(output.code, Some(101), "{output}");
    let accepted = accept(folder);
    assert_eq!(
        accepted,
        ["tests/snapshots/markdown/fine.md.snap.new", "tests/snapshots/markdown/wit.snap.new"]
    );
    let snapshot = folder.join("tests/snapshots/markdown/fine.md.snap");
    let snapshot = fs::read_to_string(snapshot).expect("the file was just written");
    // The lines about the runner's own sources depend on the machine.
    let of_runner =
        |line: &&str| line.starts_with("source: ") || line.starts_with("assertion_line: ");
    let lines = snapshot.lines().filter(|line| !of_runner(line));
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
    ---
    input_file: tests/cases/markdown/fine.md
    ---
    result: fine.html, text/html
    <h1>Fine</h1>
    ");

    // From a folder below, because cargo starts tests in the folder of their package.
    assert_eq!(run(&folder.join("tests"), &["markdown/"]).code, Some(0));
    let output = run(folder, &[]);
    assert_eq!(output.code, Some(101), "{output}");
    accept(folder);
    let output = run(folder, &[]);
    assert_eq!(output.code, Some(0), "{output}");
    assert_snapshot!(results(&output), @"
    checksum/wit ... ok
    checksum/words.txt ... ok
    guards/every case is a file with a snapshot ... ok
    guards/every folder of cases has a plugin ... ok
    guards/every plugin has a case ... ok
    guards/every snapshot has a test ... ok
    markdown/fine.md ... ok
    markdown/wit ... ok
    ");
}

#[test]
fn scripts_are_cases_of_plugins_of_any_world() {
    let project = project(&["quote"]);
    let folder = project.path();
    let write = |file: &str, text: &str| write(folder, &format!("tests/cases/quote/{file}"), text);
    write("inputs/word", "moon");
    write("greet.calls", "let ada = person-resource(\"Ada\", \"\")\ngreet(ada)\n");
    write("file.calls", "// A file of the case's folder.\nprettify([file(\"inputs/word\")])\n");
    write("few.case", "input = \"file.calls\"\nlimits = [\"output=1\"]\nexpect = \"limit\"\n");
    write("more.case", "input = \"file.calls\"\noptions = []\n");
    write("wrong.calls", "\ngreet(ada)\n");
    write("none.calls", "\n\ngreet(\n");
    let output = run(folder, &["quote/"]);
    assert_snapshot!(failures(&output, &["quote/more.case", "quote/wrong.calls", "quote/none.calls"]), @"
    quote/more.case: `$FOLDER/tests/cases/quote/more.case`: line 2, column 1: there is no key `options`, only `input`, `source`, `grants`, `limits`, `expect`
    quote/wrong.calls: `$FOLDER/tests/cases/quote/wrong.calls`: line 2, column 7: there is no variable `ada`: begin with `let ada = …`; expected `person: borrow<words.person-resource>`
    quote/none.calls: `$FOLDER/tests/cases/quote/none.calls`: line 3, column 6: the `(` of this call is not closed: add `)`
    ");
    for file in ["more.case", "wrong.calls", "none.calls"] {
        fs::remove_file(folder.join("tests/cases/quote").join(file)).expect("the file was written");
    }
    accept(folder);
    let output = run(folder, &[]);
    assert_eq!(output.code, Some(0), "{output}");
    let body = |case: &str| {
        let snapshot = folder.join(format!("tests/snapshots/quote/{case}.snap"));
        let text = fs::read_to_string(snapshot).expect("the snapshot was accepted");
        text.split("\n---\n").nth(1).expect("the text has a head").to_owned()
    };
    assert_snapshot!(["greet.calls", "file.calls", "few.case"].map(body).join("\n"), @r#"
    > let ada = person-resource("Ada", "")
    < person-resource#1
    > greet(ada)
      host.map-resource([("first-name", "Ada"), ("last-name", "")]) = map-resource#1
      host.log-structured("greeting", map-resource#1)
    < err("the person has no last name")

    > prettify([file("inputs/word")])
      host.log(info, "quoting", [{key: "words", value: "1"}])
    < ok("\"moon\"")

    > prettify([file("inputs/word")])
      host.log(info, "quoting", [{key: "words", value: "1"}])
    ! limit output: the result is limited to 1 byte; to allow more, raise the limit `output`
    "#);
}

#[test]
fn what_is_no_project_is_told_what_is_missing() {
    let empty = tempfile::tempdir().expect("a temporary folder can be created");
    assert_snapshot!(run(empty.path(), &[]), @"
    ── stderr
    error: there are no cases in `$FOLDER` or a folder above it: make a folder `tests/cases/NAME` for the plugin `NAME`, and put a file into it, such as a script of calls, `first.calls`
    [exit code 2]
    ");
    let project = project(&[]);
    fs::remove_dir_all(project.path().join("dist")).expect("the folder exists");
    assert_snapshot!(run(project.path(), &[]), @"
    ── stderr
    error: there are no built plugins in `$FOLDER/dist`: it has no `plugins.json`: build them, or put files `NAME.wasm` there; `PLUGWRIGHT_DIST` can name another folder
    [exit code 2]
    ");
}
