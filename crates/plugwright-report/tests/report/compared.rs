//! A folder compared with an older one.

use insta::assert_snapshot;

use crate::command::report;
use crate::page;
use crate::samples::{manifest, put, sample};

#[test]
fn what_is_another_than_before_is_marked() {
    let folder = tempfile::tempdir().expect("a folder");
    let (before, now) = (folder.path().join("base"), folder.path().join("dist"));
    let plain = sample(&manifest("", "\"memory=8MiB\""), None);
    let asking = sample(
        &manifest("\"folder=/pages\", \"http=https://example.org\"", "\"memory=64MiB\""),
        None,
    );
    put(&before, "asks", &plain);
    put(&now, "asks", &asking);
    put(&before, "old", &plain);
    put(&now, "fresh", &asking);
    put(&before, "same", &plain);
    put(&now, "same", &plain);
    put(&before, "unknown", b"no plugin");
    put(&now, "unknown", &plain);

    let made = report(folder.path(), &["dist", "--base", "base"]);
    assert_snapshot!(made.summary.replace(&folder.path().display().to_string(), "FOLDER"), @r"
    ## Plugins in `dist`

    **2 to fix, 6 to review.** 4 plugins. No case was run: there are none in this folder or in a folder above it. Each is compared with `base`. The report was made without a key to check signatures with (`--trust`) and times of a benchmark (`--bench`).

    - **asks for more** `asks`: 3 things more than in `base`
      - it asks for `folder=/pages`
      - it asks for `http=https://example.org:443`
      - it expects up to `memory=64MiB`, instead of up to `memory=8MiB`
    - **wrong manifest** `asks`: its manifest does not match it
      - it asks for the grant `folder=/pages`, but imports nothing that uses it
      - it asks for the grant `http=https://example.org:443`, but imports nothing that uses it
    - **wrong manifest** `fresh`: its manifest does not match it
      - it asks for the grant `folder=/pages`, but imports nothing that uses it
      - it asks for the grant `http=https://example.org:443`, but imports nothing that uses it
    - **origin unknown**: for 4 plugins
      - `asks`: there is no provenance statement `dist/asks.provenance.json`: run `plugwright build` to make it
      - `fresh`: there is no provenance statement `dist/fresh.provenance.json`: run `plugwright build` to make it
      - `same`: there is no provenance statement `dist/same.provenance.json`: run `plugwright build` to make it
      - `unknown`: there is no provenance statement `dist/unknown.provenance.json`: run `plugwright build` to make it
    - **licence unknown**: for 4 plugins
      - `asks`: there is no bill of materials `dist/asks.cdx.json`
      - `fresh`: there is no bill of materials `dist/fresh.cdx.json`
      - `same`: there is no bill of materials `dist/same.cdx.json`
      - `unknown`: there is no bill of materials `dist/unknown.cdx.json`
    - **new** `fresh`: `base` has no plugin of this name; this one asks for `folder=/pages` and `http=https://example.org:443`
    - **gone** `old`: it is only in `base`
    - **note**: `unknown` in `base` was not compared: `unknown` is not WebAssembly: it does not begin with the bytes `\0asm`

    | plugin | size | difference | cases | asks for |
    | --- | ---: | ---: | ---: | --- |
    | `asks` | 5.64 KiB | +45 bytes, +0.78 % |  | `folder=/pages` (new), `http=https://example.org:443` (new) |
    | `fresh` | 5.64 KiB | new |  | `folder=/pages`, `http=https://example.org:443` |
    | `same` | 5.60 KiB | as before |  | nothing |
    | `unknown` | 5.60 KiB |  |  | nothing |
    ");
    page::check(&made.page);
    let text = page::text(&made.page);
    for known in ["folder=/pages\n+ new", "memory=64MiB\n+ new", "memory=8MiB\n− gone", "old\ngone"]
    {
        assert!(text.contains(known), "{known}\n{text}");
    }
    // Without an older folder, nothing is new.
    let alone = report(folder.path(), &["dist"]);
    assert!(!alone.page.contains("+ new") && !alone.summary.contains("new"));
    // The report is the same from inside the folder, and with another path.
    assert!(report(&now, &["."]).page == alone.page);
    assert!(report(&before, &["../dist"]).page == alone.page);
}

#[test]
fn times_of_a_benchmark_are_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    put(&folder.path().join("dist"), "one", &sample(&manifest("", ""), None));
    put(&folder.path().join("dist"), "four", &sample(&manifest("", ""), None));
    put(&folder.path().join("dist"), "two", &sample(&manifest("", ""), None));
    let bench = r#"{ "version": 1, "plugins": {
        "one": { "compile": 62600000, "load": 667000, "call": 4710000, "work": "a <b>text</b>" },
        "two": { "compile": 31300000, "load": 667, "call": 9420000, "work": "another" },
        "four": { "compile": 1, "load": 1 },
        "three": { "compile": 1, "load": 1 }
    } }"#;
    crate::samples::write(folder.path().join("bench.json"), bench);
    let made = report(folder.path(), &["dist", "--bench", "bench.json"]);
    page::check(&made.page);
    let text = page::text(&made.page);
    for known in ["62.6 ms", "667 µs", "667 ns", "9.42 ms", "not measured", "a <b>text</b>"] {
        assert!(text.contains(known), "{known}");
    }
    assert!(text.contains("Each bar is relative to the slowest plugin in its column."), "{text}");
    assert!(made.page.contains(r#"aria-label="Compile: 31.3 ms, of 62.6 ms at most""#));
    assert!(made.page.contains(r#"<rect class="value" width="50.00""#));
    assert!(!text.contains("three"));
}

#[test]
fn a_plugin_over_its_budget_is_a_finding() {
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = format!("{}budget = \"1KiB\"\n", manifest("", ""));
    put(&folder.path().join("dist"), "large", &sample(&manifest, None));
    let made = report(folder.path(), &["dist"]);
    assert!(made.summary.contains("**over its budget** `large`: it has 5"), "{}", made.summary);
    assert!(
        made.summary.contains("more than the 1\\.00 KiB that its manifest allows"),
        "{}",
        made.summary
    );
    assert!(page::text(&made.page).contains("% of the budget of 1.00 KiB"));
}
