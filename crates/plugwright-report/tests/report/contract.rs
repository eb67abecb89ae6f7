//! The contract of the plugins, and its changes.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use tests::{root, wit_files};

use crate::command::{Made, report};
use crate::page;
use crate::samples::{manifest, put, sample, write};

/// Makes a report with this repository's contract, in which the first text is replaced by the second.
fn changed(from: &str, to: &str) -> Made {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |path: &str| folder.path().join(path);
    let read = |path: &Path| fs::read_to_string(path).expect("it is there");
    for file in wit_files() {
        let wit = read(&root().join("wit").join(&file));
        write(at("wit").join(&file), &wit.replacen(from, to, 1));
        let released = read(&root().join("wit/releases/0.2.0").join(&file));
        write(at("wit/releases/0.2.0").join(&file), &released);
    }
    put(&at("dist"), "sample", &sample(&manifest("", ""), None));
    let made = report(folder.path(), &["dist"]);
    page::check(&made.page);
    made
}

#[test]
fn what_it_says_is_there_and_that_nothing_changed() {
    let made = changed("", "");
    let text = page::text(&made.page);
    for known in
        ["Nothing since\nplugwright:plugin@0.2.0\n, the last release.", "World\ntransformer"]
    {
        assert!(text.contains(known), "{known}\n{text}");
    }
    assert!(!made.summary.contains("contract"), "{}", made.summary);
}

#[test]
fn a_change_that_breaks_plugins_is_a_finding() {
    let made =
        changed("log: func(level: level, message: string", "log: func(level: level, text: string");
    let findings = made.summary.lines().skip_while(|line| !line.contains("**contract"));
    assert_snapshot!(findings.take(2).collect::<Vec<_>>().join("\n"), @r"
    - **contract refused**: `wit` breaks plugins built for plugwright\:plugin\@0\.2\.0, but its version 0\.2\.0 promises compatibility: give the package the version 0\.3\.0 in `wit/host.wit`; or leave the released parts unchanged, and put new parts into a separate interface and world
      - the function `log` of `host` changed from `func(level: level, message: string, fields: list<field>)` to `func(level: level, text: string, fields: list<field>)`: a plugin that was built before has the old form, and both sides have to agree
    ");
    assert!(page::text(&made.page).contains("It must not follow that release as it is"));
}

#[test]
fn a_change_that_breaks_none_is_no_finding() {
    let made = changed(
        "package plugwright:plugin@0.2.0;",
        "package plugwright:plugin@0.2.1;\n\ninterface more { more: func(); }",
    );
    assert!(!made.summary.contains("contract"), "{}", made.summary);
    let text = page::text(&made.page);
    assert!(text.contains("the interface\nmore\nis new"), "{text}");
}
