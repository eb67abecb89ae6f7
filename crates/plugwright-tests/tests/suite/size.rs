//! What takes the space in plugins, and what happens to a plugin that exceeds its budget.

use std::fs;

use insta::assert_snapshot;
use plugwright::Manifest;
use plugwright_cli::bar::bar;
use plugwright_contract::worlds;
use tempfile::TempDir;
use tests::{Output, around, candidate, copy_built, dist_folder, plugwright, root};

/// Returns a folder with the plugin `quote`, which has this budget, and its symbols.
fn folder(budget: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = |name: &str| folder.path().join(name);
    let quote = fs::read(dist_folder().join("quote.wasm")).expect("the plugin is built");
    let manifest = format!("world = \"prettify\"\nbudget = \"{budget}\"\n");
    let manifest = Manifest::parse(&manifest).unwrap_or_else(|error| panic!("{error}"));
    let quote = manifest
        .embed(&candidate("quote", &quote), worlds())
        .unwrap_or_else(|error| panic!("{error}"));
    fs::write(path("quote.wasm"), quote).expect("the file can be written");
    copy_built("symbols/quote.wasm", path("symbols.wasm"));
    copy_built("symbols/checksum.wasm", path("other.wasm"));
    folder
}

fn check(budget: &str, arguments: &[&str]) -> Output {
    let folder = folder(budget);
    let check = ["check", "quote.wasm"];
    Output::of(&mut plugwright(folder.path(), [&check[..], arguments].concat()))
}

/// Replaces each number with `N`, because the size of a plugin depends on the toolchain.
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
fn a_bar_is_as_long_as_its_part() {
    let shown = |part, whole| bar(part, whole).trim_end().chars().count();
    assert_eq!([0, 1, 50, 100].map(|part| shown(part, 100)), [0, 1, 12, 24]);
    assert_eq!([shown(u64::MAX, u64::MAX), shown(1, u64::MAX), shown(0, 0)], [24, 1, 0]);
    assert_eq!(bar(3, 64), "█▏                      ");
}

#[test]
fn the_parts_of_a_plugin_are_all_of_it() {
    let output = Output::of(&mut plugwright(&root(), ["size", "quote", "markdown"]));
    assert_eq!(output.code, Some(0), "{output}");
    let mut plugins = output
        .stdout
        .split("quote: ")
        .nth(1)
        .expect("the list has the plugin `quote`")
        .split("markdown: ");
    let (quote, markdown) = (
        plugins.next().expect("the list has the plugin `quote`"),
        plugins.next().expect("the list has the plugin `markdown`"),
    );
    for (plugin, part) in [(quote, "core"), (markdown, "pulldown_cmark"), (markdown, "constants")] {
        let number = |line: &str| line.split_whitespace().next()?.parse::<u64>().ok();
        let mut numbers =
            plugin.lines().map(|line| number(line).expect("the document has the number"));
        let all = numbers.next().expect("the output has a line");
        assert_eq!(numbers.sum::<u64>(), all, "{plugin}");
        assert!(plugin.lines().any(|line| line.ends_with(part)), "{plugin}");
    }
}

#[test]
fn functions_can_have_any_name() {
    let echo = include_str!("echo.wat");
    for (name, of) in [("→x::y", "x"), ("→::ä::ö", "ä"), ("→", "the C library")] {
        let large = "(drop (i32.const 1)) ".repeat(1000);
        let function = format!("(func (@name \"{name}\") {large})\n  (memory (export");
        let component = around(&echo.replace("(memory (export", &function), "streamer");
        let sizes = plugwright::sizes("sample", &component);
        let sizes = sizes.unwrap_or_else(|error| panic!("{error}"));
        assert!(sizes.code.get(&of.into()).is_some_and(|size| *size > 1000), "{name}: {sizes:?}");
        // The error for a plugin that is too large says the same.
        let folder = folder("20 KiB");
        fs::write(folder.path().join("symbols.wasm"), component).expect("the file can be written");
        let check = ["check", "quote.wasm", "--symbols", "symbols.wasm"];
        let output = Output::of(&mut plugwright(folder.path(), check));
        assert!(output.stderr.contains(&format!(" {of} (")), "{output}");
    }
}

#[test]
fn a_plugin_without_symbols_and_a_file_that_is_none_are_told_apart() {
    let folder = folder("1 MiB");
    fs::write(folder.path().join("odd.wasm"), "odd").expect("the file can be written");
    let size = |file: &str| Output::of(&mut plugwright(folder.path(), ["size", file])).to_string();
    assert_snapshot!(size("quote.wasm"), @"
    ── stderr
    error: there is no symbols file `symbols/quote.wasm`: build the plugin with `plugwright build`, which writes it
    [exit code 8]
    ");
    fs::write(folder.path().join("core.wasm"), b"\0asm\x01\0\0\0")
        .expect("the file can be written");
    assert_snapshot!(size("core.wasm"), @"
    ── stderr
    error: `core.wasm`: `core` is a core module, not a component: build it for wasm32-wasip2, or wrap it with `wasm-tools component new`
    [exit code 3]
    ");
    assert_snapshot!(size("odd.wasm"), @r"
    ── stderr
    error: `odd.wasm`: `odd` is not WebAssembly: it does not begin with the bytes `\0asm`; a plugin is a file that `plugwright build` puts into `dist/`
    [exit code 3]
    ");
}

#[test]
fn a_plugin_within_its_budget_is_let_through() {
    for budget in ["100 KiB", "1 MiB", "1000000 bytes"] {
        let output = check(budget, &[]);
        assert_eq!(output.code, Some(0), "{output}");
    }
    // Missing symbols are an error, even if nothing would be read from them.
    let output = check("1 MiB", &["--symbols", "missing.wasm"]);
    let says = "error: cannot read the symbols file `missing.wasm`: ";
    assert!(output.code == Some(8) && output.stderr.starts_with(says), "{output}");
}

#[test]
fn a_plugin_beyond_its_budget_is_told_what_takes_the_room_or_what_grew() {
    let symbols = ["--symbols", "symbols.wasm"];
    let largest = check("20 KiB", &symbols);
    assert_eq!(largest.code, Some(3), "{largest}");
    let (said, parts) =
        largest.stderr.split_once("its largest parts are ").expect("the error names the parts");
    assert_snapshot!(masked(said), @"error: `quote` has N bytes, N more than its manifest allows:");
    assert!(parts.contains("the C library (") && parts.contains(" bytes), core ("), "{parts}");
    // Compares with another plugin, as if that were the previous version.
    let grown = check("20 KiB", &[&symbols[..], &["--before", "other.wasm"]].concat());
    let (_, parts) = grown.stderr.split_once("it grew by ").expect("the error names the parts");
    assert!(parts.contains("plugin_quote ("), "{parts}");
    assert_snapshot!(masked(&check("20 KiB", &[]).to_string()), @"
    ── stderr
    error: `quote` has N bytes, N more than its manifest allows: make it smaller, or raise its `budget`
    error: N of N files cannot be run
    [exit code N]
    ");
    // The previous version is missing, or is the same plugin.
    for before in ["missing.wasm", "symbols.wasm"] {
        let same = check("20 KiB", &[&symbols[..], &["--before", before]].concat());
        assert_eq!(same, largest);
    }
}
