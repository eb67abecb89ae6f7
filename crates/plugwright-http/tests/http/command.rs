//! `plugwright compose`.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use tests::{Output, dist_folder, program};

use crate::client::post;
use crate::served::Server;

/// The command with `compose`, which cargo builds with the tests.
pub(crate) fn command() -> PathBuf {
    let own = std::env::current_exe().expect("the test");
    own.parent().and_then(Path::parent).expect("a folder").join("examples/plugwright-with-compose")
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    let mut command = program(&command(), folder, arguments);
    command.env("PLUGWRIGHT_DIST", dist_folder());
    Output::of(&mut command).to_string()
}

#[test]
fn a_plugin_becomes_a_component_that_engines_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| run(folder.path(), arguments);
    assert_snapshot!(run(&["compose", "--http", "csv-json", "-o", "served.wasm"]), @"[exit code 0]");
    let component = fs::read(folder.path().join("served.wasm")).expect("it is there");
    let server = Server::of_component(&component);
    let answer =
        post(&server.address, "/t%C3%A4ble.csv?output=lines", "a,b\n1,2\n").expect("an answer");
    assert_snapshot!(answer.shown(), @r#"
    200
    content-type: application/x-ndjson
    content-disposition: attachment; filename*=UTF-8''t%C3%A4ble.jsonl
    content-security-policy: sandbox; default-src 'none'
    x-content-type-options: nosniff
    plugwright-attribute: rows=1
    content-length: 18

    {"a":"1","b":"2"}
    "#);
    // The server writes the plugin's log.
    let answer = post(&server.address, "/?broken-rows=skip", "a,b\n1,2,3\n").expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.shown());
    assert_snapshot!(server.log().replace(&server.address, "ADDRESS"), @r#"
    Serving HTTP on http://ADDRESS/
    stderr [1] :: level=warn msg="a row was skipped" line=2 column=5 reason="the row has 3 fields, and the first one has 2"
    "#);
    // The component is the same each time.
    run(&["compose", "--http", "csv-json", "-o", "again.wasm"]);
    assert_eq!(fs::read(folder.path().join("again.wasm")).expect("it is there"), component);
}

#[test]
fn what_cannot_be_composed_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| run(folder.path(), arguments);
    fs::write(folder.path().join("none.wasm"), "none").expect("a file");
    fs::create_dir(folder.path().join("empty")).expect("a folder");
    let told = [
        run(&["compose", "--http", "quote", "-o", "served.wasm"]),
        run(&["compose", "--http", "none.wasm", "-o", "served.wasm"]),
        run(&["compose", "--http", "nobody", "-o", "served.wasm"]),
        run(&["compose", "--http", "count", "-o", "no/served.wasm"]),
        run(&["compose", "--http", "count", "-o", "served.wasm", "--adapters", "empty"]),
        run(&["--dist", "empty", "compose", "--http", "none.wasm", "-o", "served.wasm"]),
        run(&["compose", "count", "-o", "served.wasm"]),
        run(&["compose", "--http", "count"]),
    ];
    assert_snapshot!(told.join("\n───\n"), @r"
    ── stderr
    error: `quote`: it does not export `plugwright:plugin/transform@0.2.0`: only plugins of the worlds `transformer` and `streamer` can answer HTTP
    [exit code 3]

    ───
    ── stderr
    error: `none` is not WebAssembly: it does not begin with the bytes `\0asm`; a plugin is a file that `plugwright build` puts into `dist/`
    [exit code 3]

    ───
    ── stderr
    error: there is no plugin `nobody` in `$DIST`, which has `checksum`, `count`, `csv-json`, `jq`, `markdown`, `quote`, `redact`, `template`, `thumbnail`: to name a file, give its folder or its ending `.wasm`
    [exit code 3]

    ───
    ── stderr
    error: cannot write `no/served.wasm`: there is no folder `no`
    [exit code 8]

    ───
    ── stderr
    error: cannot read the adapter `empty/transformer.wasm`: No such file or directory (os error 2)
    [exit code 8]

    ───
    ── stderr
    error: `none` is not WebAssembly: it does not begin with the bytes `\0asm`; a plugin is a file that `plugwright build` puts into `dist/`
    [exit code 3]

    ───
    ── stderr
    error: the following required arguments were not provided:
      --http

    Usage: plugwright-with-compose compose --http --output <FILE> --dist <FOLDER> <PLUGIN>

    For more information, try '--help'.
    [exit code 2]

    ───
    ── stderr
    error: the following required arguments were not provided:
      --output <FILE>

    Usage: plugwright-with-compose compose --http --output <FILE> --dist <FOLDER> <PLUGIN>

    For more information, try '--help'.
    [exit code 2]
    ");
    assert!(!folder.path().join("served.wasm").exists());
}

#[test]
fn what_not_every_engine_has_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_snapshot!(run(folder.path(), &["compose", "--http", "template", "-o", "served.wasm"]), @"
    ── stderr
    `template` gets these from the engine: `wasi:cli/exit@0.2.6`, `wasi:cli/stdin@0.2.6`, `wasi:cli/stdout@0.2.6`, `wasi:cli/terminal-input@0.2.6`, `wasi:cli/terminal-output@0.2.6`, `wasi:cli/terminal-stderr@0.2.6`, `wasi:cli/terminal-stdin@0.2.6`, `wasi:cli/terminal-stdout@0.2.6`, `wasi:clocks/wall-clock@0.2.6`, `wasi:filesystem/preopens@0.2.6`, `wasi:filesystem/types@0.2.6`
    [exit code 0]
    ");
}
