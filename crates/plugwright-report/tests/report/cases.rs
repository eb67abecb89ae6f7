//! Cases that do not pass.

use std::fs;

use insta::assert_snapshot;
use tests::{copy_built, dist_folder};

use crate::command::{report, run};
use crate::page;
use crate::samples::write;

#[test]
fn a_case_that_comes_out_otherwise_is_shown_with_what_differs() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |path: &str| folder.path().join(path);
    fs::create_dir(at("dist")).expect("a folder");
    copy_built("count.wasm", at("dist/count.wasm"));
    write(at("tests/cases/count/kept.txt"), "one two\n");
    write(at("tests/cases/count/new.txt"), "three\n");
    write(at("tests/cases/count/broken.case"), "input = 7\n");
    let kept =
        "---\nsource: test\n---\nresult: kept.json, application/json\n{\"lines\":1,\"words\":3}\n";
    write(at("tests/snapshots/count/kept.txt.snap"), kept);

    let made = report(folder.path(), &["dist"]);
    let findings = made.summary.lines().filter(|line| line.starts_with(['-', ' ']));
    let findings: Vec<_> = findings.filter(|line| !line.contains("known")).collect();
    assert_snapshot!(findings.join("\n"), @r#"
    - **cases fail** `count`: 2 of 3 cases do not pass
      - `kept.txt` differs from its snapshot
      - `broken.case` failed: `tests/cases/count/broken.case`: line 1, column 9: `input` is written `input = "inputs/first.txt"`
    - **no snapshot yet** `count`: 1 of 3 cases
      - `new.txt` has no snapshot yet
    - **no snapshot yet** `count`: 1 of 1 check
      - `wit` has no snapshot yet
    "#);
    let scope = "2 of 3 cases do not pass. 1 of 3 cases and 1 of 1 check have no snapshot yet.";
    assert!(made.summary.contains(scope), "{}", made.summary);
    let row = "| **2 of 3 fail**, 1 of 3 new, 1 of 1 check new |";
    assert!(made.summary.contains(row), "{}", made.summary);
    page::check(&made.page);
    let text = page::text(&made.page);
    assert!(text.contains("differs\nLines with − are in the snapshot"), "{text}");
    for known in ["2 of 3 fail\n,\n1 of 3 new", "Checks\nwit\nhas no snapshot yet"] {
        assert!(text.contains(known), "{known}: {text}");
    }
    // A finding links to its case.
    for (name, shown) in
        [("kept.txt", "differs"), ("new.txt", "has no snapshot yet"), ("wit", "has")]
    {
        let end = format!("\"><code dir=\"auto\">{name}</code></a>");
        let place = made.page.split(&end).next().and_then(|it| it.split("href=\"#").last());
        let at = format!(" id=\"{}\"", place.expect("a link"));
        let there = made.page.split(&at).nth(1).expect("a place");
        let there = page::text(&format!("<body><x{there}"));
        assert!(there.starts_with(&format!("{name}\n{shown}")), "{there}");
    }
    // Snapshots stay unchanged, and nothing is proposed.
    let snapshots = fs::read_dir(at("tests/snapshots/count")).expect("a folder");
    assert_eq!(snapshots.count(), 1);
    assert_eq!(
        fs::read_to_string(at("tests/snapshots/count/kept.txt.snap")).expect("it is there"),
        kept
    );
    let place = folder.path().display().to_string();
    assert!(!made.page.contains(&place) && !made.summary.contains(&place));
    assert!(dist_folder().is_dir());
}

#[test]
fn a_proposed_snapshot_of_an_earlier_run_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |path: &str| folder.path().join(path);
    fs::create_dir(at("dist")).expect("a folder");
    copy_built("count.wasm", at("dist/count.wasm"));
    write(at("tests/cases/count/a.txt"), "one two\n");
    write(at("tests/snapshots/count/a.txt.snap.new"), "---\n---\nproposed\n");
    report(folder.path(), &["dist"]);
    assert!(at("tests/snapshots/count/a.txt.snap.new").exists());
    assert!(!at("tests/snapshots/count/a.txt.snap").exists());
}

#[test]
fn what_is_not_run_is_not_told_to_be_as_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |path: &str| folder.path().join(path);
    fs::create_dir(at("dist")).expect("a folder");
    copy_built("count.wasm", at("dist/count.wasm"));
    write(at("dist/broken.wasm"), "broken");
    write(at("tests/cases/count/a.txt"), "one two\n");
    write(at("tests/cases/broken/a.txt"), "one two\n");
    let made = report(folder.path(), &["dist"]);
    let scope = "1 of 1 case and 1 of 1 check have no snapshot yet. No case of `broken` was run, because of the findings about it.";
    assert!(made.summary.contains(scope), "{}", made.summary);
    assert!(
        made.summary.contains("| `broken` | cannot be read |  | not run |"),
        "{}",
        made.summary
    );
    let text = page::text(&made.page);
    assert!(text.contains("cannot be read\n, and none of its cases was run"), "{text}");
    // Accept the outcomes with the command.
    let accepted = run(folder.path(), &["test", "count", "--bless"]);
    assert_eq!(accepted.code, Some(0), "{accepted}");
    let made = report(folder.path(), &["dist"]);
    let scope =
        "The only case of the others passed, and so did 1 check. No case of `broken` was run";
    assert!(made.summary.contains(scope), "{}", made.summary);
}
