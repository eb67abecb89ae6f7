//! What takes the room in plugins, and what becomes of one that is larger than it may be.

use std::fs;

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Output, dist_folder, plugwright, root};

/// A folder with the plugin `quote`, its symbols, and a manifest that says `text`.
fn folder(text: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    fs::copy(dist_folder().join("quote.wasm"), path("quote.wasm")).expect("a copy");
    fs::copy(dist_folder().join("symbols/quote.wasm"), path("symbols.wasm")).expect("a copy");
    fs::copy(dist_folder().join("symbols/checksum.wasm"), path("other.wasm")).expect("a copy");
    fs::write(path("plugin.toml"), text).expect("a file");
    folder
}

fn check(text: &str, arguments: &[&str]) -> Output {
    let folder = folder(text);
    let check = ["check", "quote.wasm", "--budget", "plugin.toml", "--symbols", "symbols.wasm"];
    Output::of(&mut plugwright(folder.path(), [&check[..], arguments].concat()))
}

/// The text with `N` for each number: how large a plugin is depends on the toolchain.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for c in text.chars() {
        match c {
            _ if !c.is_ascii_digit() => masked.push(c),
            _ if masked.ends_with('N') => {}
            _ => masked.push('N'),
        }
    }
    masked
}

#[test]
fn the_parts_of_a_plugin_are_all_of_it() {
    let output = Output::of(&mut plugwright(&root(), ["size", "quote", "markdown"]));
    assert_eq!(output.code, Some(0), "{output}");
    let mut plugins = output.stdout.split("quote: ").nth(1).expect("quote").split("markdown: ");
    let (quote, markdown) = (plugins.next().expect("quote"), plugins.next().expect("markdown"));
    for (plugin, part) in [(quote, "core"), (markdown, "pulldown_cmark"), (markdown, "constants")] {
        let number = |line: &str| line.split_whitespace().next()?.parse::<u64>().ok();
        let mut numbers = plugin.lines().map(|line| number(line).expect("a number"));
        let all = numbers.next().expect("the first line");
        assert_eq!(numbers.sum::<u64>(), all, "{plugin}");
        assert!(plugin.lines().any(|line| line.ends_with(part)), "{plugin}");
    }
}

#[test]
fn a_plugin_within_its_budget_is_let_through() {
    for budget in ["100 KiB", "1 MiB", "1000000 bytes"] {
        let output = check(&format!("[size]\nbudget = \"{budget}\"\n"), &[]);
        assert_eq!(output.code, Some(0), "{output}");
    }
}

#[test]
fn a_plugin_beyond_its_budget_is_told_what_takes_the_room_or_what_grew() {
    let text = "[size]\nbudget = \"20 KiB\"\n";
    let largest = check(text, &[]);
    assert_eq!(largest.code, Some(3), "{largest}");
    let (said, parts) = largest.stderr.split_once("its largest parts are ").expect("parts");
    assert_snapshot!(masked(said), @"error: `quote` takes N bytes, N more than the N KiB that `plugin.toml` allows:");
    assert!(
        parts.contains(" bytes of the C library, ") && parts.contains(" bytes of core"),
        "{parts}"
    );
    // As if it had been another plugin before.
    let grown = check(text, &["--before", "other.wasm"]);
    let (_, parts) = grown.stderr.split_once("it grew by ").expect("parts");
    assert!(parts.contains(" bytes of plugin_quote"), "{parts}");
    // What it was before is gone, or what it always was.
    for before in ["missing.wasm", "symbols.wasm"] {
        assert_eq!(check(text, &["--before", before]), largest);
    }
}

#[test]
fn a_manifest_that_is_written_wrongly_is_refused() {
    for budget in ["20", "20 KB", "KiB", "-1 KiB", "1.5 MiB"] {
        let output = check(&format!("[size]\nbudget = \"{budget}\"\n"), &[]);
        assert_eq!(output.code, Some(3), "{output}");
    }
    assert_snapshot!(check("[size]\nbudget = \"20 KB\"\n", &[]), @"
    ── stderr
    error: `plugin.toml`: the budget `20 KB` is not a number and `bytes`, `KiB` or `MiB`, as in `60 KiB`
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
    assert_snapshot!(check("[size]\nlimit = \"20 KiB\"\n", &[]), @r#"
    ── stderr
    error: `plugin.toml`: TOML parse error at line 2, column 1
      |
    2 | limit = "20 KiB"
      | ^^^^^
    unknown field `limit`, expected `budget`
    error: 1 of 1 files cannot be run
    [exit code 3]
    "#);
    assert_snapshot!(check("[sizes]\n", &[]), @"
    ── stderr
    error: `plugin.toml`: TOML parse error at line 1, column 2
      |
    1 | [sizes]
      |  ^^^^^
    unknown field `sizes`, expected `size`
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
    assert_snapshot!(check("size", &[]), @"
    ── stderr
    error: `plugin.toml`: TOML parse error at line 1, column 5
      |
    1 | size
      |     ^
    key with no value, expected `=`
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
}
