//! Plugins, cases and files with hostile texts.

use std::fs;

use serde_json::json;
use tests::copy_built;

use crate::command::report;
use crate::page;
use crate::samples::{manifest, put, sample, write};

const SCRIPT: &str = "<script>alert(1)</script>\" onload='x'><img src=https://evil.example/x>\u{202e}\u{1b}[2J`**b**`";

#[test]
fn a_text_of_a_plugin_is_a_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let description = json!({
        "name": SCRIPT, "version": SCRIPT, "summary": SCRIPT,
        "takes": [SCRIPT, "\u{200b}"], "gives": [SCRIPT],
        "options": [{ "key": "a<b>", "default": SCRIPT, "help": SCRIPT, "type": "text" }],
    });
    let bytes = sample(&manifest("", ""), Some(&description.to_string()));
    let name = "<img src=x onerror=alert(1)>`|\u{202e}";
    put(&folder.path().join("dist"), name, &bytes);
    put(&folder.path().join("base"), "gone <b>|`", &bytes);
    write(folder.path().join("dist").join(format!("{name}.provenance.json")), SCRIPT);
    let bill = json!({
        "metadata": { "component": { "name": SCRIPT, "hashes": [{ "alg": "SHA-256", "content": SCRIPT }] } },
    });
    write(folder.path().join("dist").join(format!("{name}.cdx.json")), &bill.to_string());

    let made = report(folder.path(), &["dist", "--base", "base"]);
    page::check(&made.page);
    let text = page::text(&made.page);
    assert!(text.contains(
        "<script>alert(1)</script>\" onload='x'><img src=https://evil.example/x>\\u{202e}\\u{1b}[2J"
    ));
    // In the summary, hostile texts are in code, or their punctuation is escaped.
    for line in made.summary.lines().filter(|line| line.contains("evil")) {
        assert!(!line.contains("https://evil") || line.contains('`'), "{line}");
    }
    assert!(!made.summary.contains("\u{202e}") && !made.summary.contains('\u{1b}'));
    let rows = made.summary.lines().filter(|line| line.starts_with('|'));
    // An escaped bar does not end a cell.
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    assert!(rows.map(cells).all(|count| count == 6), "{}", made.summary);
}

#[test]
fn what_a_case_puts_out_is_a_text_and_is_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |path: &str| folder.path().join(path);
    fs::create_dir(at("dist")).expect("a folder");
    copy_built("jq.wasm", at("dist/jq.wasm"));
    let long = vec![SCRIPT; 5000];
    write(
        at("tests/cases/jq/<b>hostile.json"),
        &json!([SCRIPT, long, "x".repeat(100_000)]).to_string(),
    );
    let made = report(folder.path(), &["dist"]);
    page::check(&made.page);
    let text = page::text(&made.page);
    assert!(
        text.contains("<b>hostile.json") && text.contains("<script>alert(1)</script>"),
        "{text}"
    );
    assert!(text.contains("more lines"), "{text}");
    assert!(made.page.len() < 200_000, "{} bytes", made.page.len());
}
