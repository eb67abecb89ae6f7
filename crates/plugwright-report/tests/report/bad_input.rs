//! Folders and files that are invalid.

use std::fs;
use std::os::unix::fs::symlink;

use insta::assert_snapshot;
use tests::terminal::Terminal;
use tests::{cache_folder, copy_built, dist_folder, program};

use crate::command::{command, report, run};
use crate::page;
use crate::samples::{manifest, put, sample, write};

#[test]
fn what_cannot_be_reported_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |path: &str| folder.path().join(path);
    put(&at("dist"), "sample", &sample(&manifest("", ""), None));
    fs::create_dir(at("empty")).expect("a folder");
    write(at("unlisted/plugins.json"), "[]");
    write(at("damaged/plugins.json"), "{");
    write(at("bench.json"), "{\"version\": 7, \"results\": []}");
    put(&at("built/dist"), "sample", &sample(&manifest("", ""), None));
    symlink("report.html", at("link.html")).expect("a link");
    let run =
        |arguments: &[&str]| run(folder.path(), &[&["report"], arguments].concat()).to_string();
    let told = [
        run(&["nobody", "-o", "report.html"]),
        run(&["empty", "-o", "report.html"]),
        run(&["unlisted", "-o", "report.html"]),
        run(&["damaged", "-o", "report.html"]),
        run(&["bench.json", "-o", "report.html"]),
        run(&["dist", "--base", "nobody", "-o", "report.html"]),
        run(&["dist", "--bench", "nothing.json", "-o", "report.html"]),
        run(&["dist", "--bench", "bench.json", "-o", "report.html"]),
        run(&["dist", "-o", "no/report.html"]),
        run(&["dist", "-o", "empty"]),
        run(&["dist", "-o", "-", "--markdown", "-"]),
        run(&["dist", "-o", "report.html", "--markdown", "report.html"]),
        run(&["dist", "-o", "report.html", "--markdown", "./empty/../report.html"]),
        run(&["dist", "-o", "report.html", "--markdown", "link.html"]),
        run(&[".", "-o", "report.html"]),
        run(&["built", "-o", "report.html"]),
        run(&["dist"]),
    ];
    assert_snapshot!(told.join("\n───\n"), @"
    ── stderr
    error: `nobody` is not an existing folder: name a folder that `plugwright build` filled
    [exit code 8]

    ───
    ── stderr
    error: there are no built plugins in `empty`: it has no `plugins.json`; run `plugwright build`
    [exit code 8]

    ───
    ── stderr
    error: the `plugins.json` of `unlisted` lists no plugin: run `plugwright build`
    [exit code 8]

    ───
    ── stderr
    error: `damaged/plugins.json` is not a list of plugins: invalid type: map, expected a sequence at line 1 column 0; run `plugwright build` to make it again
    [exit code 3]

    ───
    ── stderr
    error: `bench.json` is not an existing folder: name a folder that `plugwright build` filled
    [exit code 8]

    ───
    ── stderr
    error: `nobody` is not an existing folder: name a folder that `plugwright build` filled
    [exit code 8]

    ───
    ── stderr
    error: cannot read the benchmark results `nothing.json`: No such file or directory (os error 2)
    [exit code 8]

    ───
    ── stderr
    error: `bench.json` is not a file of benchmark results: version 7 is unknown: only version 1 is supported; `just bench plugins` writes such a file
    [exit code 2]

    ───
    ── stderr
    error: cannot write `no/report.html`: there is no folder `no`
    [exit code 8]

    ───
    ── stderr
    error: cannot write `empty`: it is a folder
    [exit code 8]

    ───
    ── stderr
    error: the page and the summary cannot both go to standard output: name a file for one of them
    [exit code 2]

    ───
    ── stderr
    error: the page and the summary cannot both go to `report.html`: name another file for one of them
    [exit code 2]

    ───
    ── stderr
    error: the page and the summary cannot both go to `report.html`: name another file for one of them
    [exit code 2]

    ───
    ── stderr
    error: the page and the summary cannot both go to `report.html`: name another file for one of them
    [exit code 2]

    ───
    ── stderr
    error: there are no built plugins in `$FOLDER`, only in its subfolder: name `dist`
    [exit code 8]

    ───
    ── stderr
    error: there are no built plugins in `built`, only in its subfolder: name `built/dist`
    [exit code 8]

    ───
    ── stderr
    error: the following required arguments were not provided:
      --output <FILE>

    Usage: plugwright-with-report report --output <FILE> --dist <FOLDER> --cache <FOLDER> <FOLDER>

    For more information, try '--help'.
    [exit code 2]
    ");
    assert!(!at("report.html").exists());
}

#[test]
fn what_is_broken_among_others_is_a_finding() {
    let folder = tempfile::tempdir().expect("a folder");
    let dist = folder.path().join("dist");
    fs::create_dir(&dist).expect("a folder");
    for plugin in ["count", "quote", "jq"] {
        copy_built(format!("{plugin}.wasm"), dist.join(format!("{plugin}.wasm")));
        copy_built(
            format!("{plugin}.provenance.json"),
            dist.join(format!("{plugin}.provenance.json")),
        );
        copy_built(format!("{plugin}.cdx.json"), dist.join(format!("{plugin}.cdx.json")));
    }
    write(dist.join("broken.wasm"), "broken");
    write(dist.join("count.provenance.json"), "{}");
    write(dist.join("quote.cdx.json"), "[]");
    fs::copy(dist.join("quote.provenance.json"), dist.join("jq.provenance.json")).expect("a copy");
    fs::remove_file(dist.join("jq.cdx.json")).expect("it was there");
    let made = report(folder.path(), &["dist"]);
    page::check(&made.page);
    let jq = digest(&fs::read(dist.join("jq.wasm")).expect("it is there"));
    let findings = made.summary.replace(&jq, "DIGEST");
    let findings: Vec<_> = findings.lines().filter(|line| line.starts_with('-')).collect();
    assert_snapshot!(findings.join("\n"), @r"
    - **cannot be read** `broken`: `broken` is not WebAssembly: it does not begin with the bytes `\0asm`
    - **origin unknown** `count`: `dist/count.provenance.json` is not a provenance statement: missing field `_type` at line 1 column 2
    - **origin unknown** `jq`: `dist/jq.provenance.json` describes another file: none of its subjects has the digest DIGEST
    - **licence unknown** `jq`: there is no bill of materials `dist/jq.cdx.json`
    - **licence unknown** `quote`: `dist/quote.cdx.json` is not a bill of materials: invalid length 0, expected struct Bill with 2 elements at line 1 column 2
    ");
}

fn digest(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_terminal_is_told_what_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    put(&folder.path().join("dist"), "sample", &sample(&manifest("\"folder=/a\"", ""), None));
    let mut command = program(&command(), folder.path(), ["report", "dist", "-o", "report.html"]);
    command.env("PLUGWRIGHT_DIST", dist_folder()).env("PLUGWRIGHT_CACHE", cache_folder());
    let (status, screen) = Terminal::run(&mut command, 80).end();
    assert!(status.success());
    assert_eq!(screen.lines(), ["report.html: 1 finding to fix, 2 to review"]);
}

#[test]
fn the_page_goes_to_standard_output_too() {
    let folder = tempfile::tempdir().expect("a folder");
    put(&folder.path().join("dist"), "sample", &sample(&manifest("", ""), None));
    let output = run(folder.path(), &["report", "dist", "-o", "-"]);
    assert_eq!(output.code, Some(0), "{output}");
    page::check(&output.stdout);
    let output = run(folder.path(), &["report", "dist", "-o", "report.html", "--markdown", "-"]);
    assert!(output.stdout.starts_with("## Plugins in `dist`"), "{output}");
}
