//! What `plugwright call` reads, prints and writes, and when.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use insta::assert_snapshot;
use tests::{kill, plugwright};

use super::run;
use super::solo::solo;
use crate::any_contract::write;
use crate::test_verb::project;

#[test]
fn files_are_named_by_their_place_in_the_folder() {
    let folder = solo();
    write(folder.path(), "t.txt", "fünf");
    write(folder.path(), "texts/t.txt", "fünf");
    write(folder.path(), "c.calls", "measure(file(\"t.txt\"))\n");
    let measured = |arguments: &[&str]| {
        let output = run(&folder, &[&["call", "solo.wasm"], arguments].concat());
        assert_eq!((output.code, output.stdout.lines().last()), (Some(0), Some("< 5")), "{output}");
    };
    measured(&["measure(file(\"t.txt\"))"]);
    measured(&["measure(file(\"./t.txt\"))"]);
    measured(&["measure(file(\"texts/./t.txt\"))"]);
    measured(&["--calls", "c.calls"]);
    measured(&["--calls", "./c.calls"]);
    assert_snapshot!(run(&folder, &["call", "solo.wasm", "measure(file(\"texts/../t.txt\"))"]), @r#"
    > measure(file("texts/../t.txt"))
    ── stderr
    error: column 14: `texts/../t.txt` is not in the script's folder: give a path relative to that folder; expected `text: string`
    [exit code 2]
    "#);
}

#[test]
fn plugins_without_a_list_have_names() {
    let folder = solo();
    fs::create_dir(folder.path().join("dist")).expect("the folder can be created");
    assert_snapshot!(run(&folder, &["--dist", "dist", "call", "solo", "measure(\"again\")"]), @"
    ── stderr
    error: there are no built plugins in `dist`: it has no `plugins.json`; run `plugwright build`
    [exit code 8]
    ");
    fs::rename(folder.path().join("solo.wasm"), folder.path().join("dist/solo.wasm"))
        .expect("the file can be moved");
    assert_snapshot!(run(&folder, &["--dist", "dist", "call", "solo", "measure(\"again\")"]), @r#"
    > measure("again")
    < 5
    [exit code 0]
    "#);
    assert_eq!(run(&folder, &["--dist", "dist", "inspect", "solo"]).code, Some(0));
    assert_snapshot!(run(&folder, &["--dist", "dist", "call", "sola", "measure(\"again\")"]), @"
    ── stderr
    error: there is no plugin `sola` in `dist`, which has `solo`: to name a file, give its folder or its ending `.wasm`
    [exit code 3]
    ");
}

#[test]
fn nothing_is_recorded_in_the_place_of_something() {
    let folder = solo();
    let before = fs::read(folder.path().join("solo.wasm")).expect("the plugin exists");
    let record = |file: &str, statement: &[&str]| {
        run(&folder, &[&["call", "solo.wasm", "--record", file], statement].concat())
    };
    assert_snapshot!(record("solo.wasm", &["measure(\"again\")"]), @"
    ── stderr
    error: `solo.wasm` already exists: name another file for `--record`, or remove it
    [exit code 2]
    ");
    assert_eq!(fs::read(folder.path().join("solo.wasm")).expect("the plugin exists"), before);
    assert_snapshot!(record("nowhere/c.calls", &["measure(\"again\")"]), @"
    ── stderr
    error: cannot write `nowhere/c.calls`: there is no folder `nowhere`
    [exit code 8]
    ");
    assert_snapshot!(record("c.calls", &[]), @"
    ── stderr
    error: there are no calls for `--record`: add a call, as in `INTERFACE.FUNCTION(ARGUMENTS)`
    [exit code 2]
    ");
    assert_eq!(record("c.calls", &["measure(\"again\")"]).code, Some(0));
    assert_snapshot!(record("c.calls", &["--calls", "c.calls"]), @"
    ── stderr
    error: `c.calls` already exists: name another file for `--record`, or remove it
    [exit code 2]
    ");
    let recorded = fs::read_to_string(folder.path().join("c.calls")).expect("the recording exists");
    assert_snapshot!(recorded, @r#"measure("again")"#);
    let left = fs::read_dir(folder.path()).expect("the folder can be read").count();
    assert_eq!(left, 2, "the folder has only the plugin and the case");
}

#[test]
fn lines_are_shown_as_they_come() {
    let project = project(&["counter"]);
    let folder = project.path();
    let statements = ["import step() = 1", "count(41)", "count(0)"];
    for (json, awaited) in
        [(None, "> count(0)\n"), (Some("--json"), "{\"statement\":\"count(0)\"}\n")]
    {
        let given = ["call", "counter", "--limit", "deadline=3600s", "--record", "new.calls"];
        let mut command = plugwright(folder, given.into_iter().chain(json).chain(statements));
        let command = command.env_remove("PLUGWRIGHT_DIST").stdout(Stdio::piped());
        let mut endless = command.stderr(Stdio::null()).spawn().expect("the command starts");
        let stdout = endless.stdout.take().expect("the stream is piped");
        let (sender, receiver) = mpsc::channel();
        let reading = thread::spawn(move || {
            for line in BufReader::new(stdout).split(b'\n') {
                let line = String::from_utf8(line.expect("the stream is piped"))
                    .expect("the output is UTF-8");
                let _ = sender.send(line + "\n");
            }
        });
        let mut lines = Vec::new();
        while lines.last().is_none_or(|last| last != awaited) {
            match receiver.recv_timeout(Duration::from_secs(60)) {
                Ok(line) => lines.push(line),
                Err(_) => break,
            }
        }
        let id = endless.id().to_string();
        let ended = kill(["-INT", &*id]);
        assert_eq!(
            (ended.code, endless.wait().expect("the process was started").code()),
            (Some(0), None)
        );
        reading.join().expect("the thread ends with the command");
        assert_eq!(
            (lines.len(), lines.last().map(String::as_str)),
            (4, Some(awaited)),
            "{lines:?}"
        );
    }
    let hidden = fs::read_dir(folder).expect("the folder can be read").filter(|entry| {
        let name = entry.as_ref().expect("the entry can be read").file_name();
        name.as_encoded_bytes().starts_with(b".") || name == "new.calls"
    });
    assert_eq!(hidden.count(), 0, "no temporary file of the case is left");
}
