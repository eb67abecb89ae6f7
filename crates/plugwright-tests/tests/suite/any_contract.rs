//! The command with contracts that are not built in: what it finds out from a folder of WIT, and whether a plugin
//! fits.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Output, Wit, component_around, plugwright};

/// A contract with a function on each side, and types that both use.
const WIT: &str = "\
package shop:pricing@1.0.0;

interface catalogue {
    record article { price: u64 }
    find: func(sku: string) -> option<article>;
}

interface rules {
    variant refusal { empty, unknown(string) }
    price: func(skus: list<string>) -> result<u64, refusal>;
}

/// A plugin that prices carts.
world pricing {
    import catalogue;
    export rules;
}
";

const CORE: &str = r#"
    (module
      (import "shop:pricing/catalogue@1.0.0" "find" (func $find (param i32 i32 i32)))
      (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
      (func (export "shop:pricing/rules@1.0.0#price") (param i32 i32) (result i32)
        (call $find (i32.const 0) (i32.const 0) (i32.const 0))
        (i32.const 0)))
"#;

/// Returns a folder with the plugin `rule.wasm`, and in `wit/` the contract that it was built for.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let wit = Wit { text: WIT.to_owned(), dependency: None, world: "pricing" };
    fs::write(folder.path().join("rule.wasm"), component_around(&wit, CORE))
        .expect("the file can be written");
    write(folder.path(), "wit/pricing.wit", WIT);
    folder
}

pub(crate) fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().expect("the path has a parent"))
        .expect("the folder can be created");
    fs::write(path, text).expect("the file can be written");
}

pub(crate) fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    Output::of(&mut plugwright(folder.path(), arguments))
}

#[test]
fn a_plugin_of_a_contract_that_is_known_is_checked() {
    let folder = folder();
    assert_snapshot!(run(&folder, &["check", "rule.wasm"]), @"
    rule.wasm: a plugin of the world shop:pricing/pricing@1.0.0, which imports only its contract
    [exit code 0]
    ");
    assert_snapshot!(run(&folder, &["check", "rule.wasm", "--wit", "wit/pricing.wit"]), @"
    rule.wasm: a plugin of the world shop:pricing/pricing@1.0.0, which imports only its contract
    [exit code 0]
    ");
    write(folder.path(), "plugin.toml", "world = \"pricing\"\nlimits = [\"memory=1MiB\"]\n");
    assert_snapshot!(run(&folder, &["stamp", "plugin.toml", "rule.wasm"]), @"[exit code 0]");
    assert_snapshot!(run(&folder, &["check", "rule.wasm"]), @"
    rule.wasm: a plugin of the world shop:pricing/pricing@1.0.0, which imports only its contract
    [exit code 0]
    ");
    let inspected = run(&folder, &["inspect", "rule.wasm"]).stdout;
    let rows = |label: &str| {
        let rows = inspected.lines().filter(|line| line.starts_with(label));
        rows.collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(["world", "contract", "declares"].map(rows).join("\n"), @"
    world        shop:pricing/pricing@1.0.0
    contract     shop:pricing@1.0.0
    declares     world shop:pricing/pricing@1.0.0
    ");
}

#[test]
fn a_contract_that_is_not_known_is_told_as_that() {
    let folder = folder();
    fs::rename(folder.path().join("wit"), folder.path().join("elsewhere"))
        .expect("the folder can be renamed");
    assert_snapshot!(run(&folder, &["check", "rule.wasm"]), @"
    ── stderr
    error: the contract `shop:pricing@1.0.0` of `rule` is unknown: name the folder of its WIT with `--wit`
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
    let known = ["check", "rule.wasm", "--wit", "elsewhere"];
    assert_eq!(run(&folder, &known).code, Some(0));
    write(folder.path(), "plugin.toml", "world = \"pricing\"\n");
    assert_snapshot!(run(&folder, &["stamp", "plugin.toml", "rule.wasm"]), @"
    ── stderr
    error: the world `pricing` in the manifest of `rule` is not known: the known worlds are `plugwright:plugin/prettify@0.1.0`, `plugwright:plugin/prettify@0.2.0`, `plugwright:plugin/streamer@0.1.0`, `plugwright:plugin/streamer@0.2.0`, `plugwright:plugin/transformer@0.1.0`, `plugwright:plugin/transformer@0.2.0`; name the folder of its WIT with `--wit`
    [exit code 3]
    ");
    let stamp = ["stamp", "plugin.toml", "rule.wasm", "--wit", "elsewhere"];
    assert_eq!(run(&folder, &stamp).code, Some(0));
    // The manifest names the contract, but without its WIT nothing can check that claim.
    assert_snapshot!(run(&folder, &["check", "rule.wasm"]), @"
    ── stderr
    error: the contract `shop:pricing/pricing@1.0.0` of `rule` is unknown: name the folder of its WIT with `--wit`
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
    assert!(run(&folder, &["inspect", "rule.wasm"]).stdout.contains("shop:pricing/pricing@1.0.0"));
    assert_snapshot!(run(&folder, &["check", "rule.wasm", "--wit", "nowhere"]), @"
    ── stderr
    error: cannot read the WIT file `nowhere`: No such file or directory (os error 2)
    [exit code 8]
    ");
}

#[test]
fn what_differs_from_the_contract_is_told_with_both_sides() {
    let folder = folder();
    let mut told = String::new();
    for (from, to) in [
        ("price: u64", "price: u32"),
        ("price: func(skus: list<string>)", "price: func(names: list<string>)"),
        ("find: func(sku: string)", "find: func(sku: string, exact: bool)"),
        ("unknown(string)", "unknown"),
        ("unknown(string)", "unknown(string), closed"),
        ("result<u64, refusal>", "result<s64, refusal>"),
        ("result<u64, refusal>;", "result<u64, refusal>;\n    more: func();"),
        ("find: func", "search: func"),
        ("interface rules", "interface rulez"),
        ("@1.0.0", "@2.0.0"),
        ("@1.0.0", "@1.2.0"),
        ("world pricing", "world other"),
        ("import catalogue;", "import catalogue; import rules;"),
    ] {
        let text = WIT.replace(from, to).replace(
            "export rules;",
            match to {
                "interface rulez" => "export rulez;",
                _ => "export rules;",
            },
        );
        assert_ne!(text, WIT);
        write(folder.path(), "wit/pricing.wit", &text);
        told += &format!("{from} → {to}\n{}\n", run(&folder, &["check", "rule.wasm"]));
    }
    assert_snapshot!(told, @"
    price: u64 → price: u32
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@1.0.0`:
      - a type differs from the contract: record field `price` of `article` of `shop:pricing/catalogue@1.0.0`: the plugin has `u64`, but the contract has `u32`
    its `shop:pricing@1.0.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    price: func(skus: list<string>) → price: func(names: list<string>)
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@1.0.0`:
      - a type differs from the contract: `price` of `shop:pricing/rules@1.0.0`: the contract has parameter named `names`, but the plugin has `skus`
    its `shop:pricing@1.0.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    find: func(sku: string) → find: func(sku: string, exact: bool)
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@1.0.0`:
      - a type differs from the contract: `find` of `shop:pricing/catalogue@1.0.0`: the plugin has 1 parameters, but the contract has 2
    its `shop:pricing@1.0.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    unknown(string) → unknown
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@1.0.0`:
      - a type differs from the contract: `refusal` of `shop:pricing/rules@1.0.0`: expected case `unknown` to have no type
    its `shop:pricing@1.0.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    unknown(string) → unknown(string), closed
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@1.0.0`:
      - a type differs from the contract: `refusal` of `shop:pricing/rules@1.0.0`: the contract has 3 cases, but the plugin has 2
    its `shop:pricing@1.0.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    result<u64, refusal> → result<s64, refusal>
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@1.0.0`:
      - a type differs from the contract: ok variant of `price` of `shop:pricing/rules@1.0.0`: the contract has `s64`, but the plugin has `u64`
    its `shop:pricing@1.0.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    result<u64, refusal>; → result<u64, refusal>;
        more: func();
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@1.0.0`:
      - a type differs from the contract: `shop:pricing/rules@1.0.0`: the plugin does not have `more`
    its `shop:pricing@1.0.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    find: func → search: func
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@1.0.0`:
      - a type differs from the contract: `shop:pricing/catalogue@1.0.0`: the contract does not have `find`
    its `shop:pricing@1.0.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    interface rules → interface rulez
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@1.0.0`:
      - it does not export `shop:pricing/rulez@1.0.0`
    export what a world of `shop:pricing@1.0.0` requires
    error: 1 of 1 files cannot be run
    [exit code 3]

    @1.0.0 → @2.0.0
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@2.0.0`:
      - it imports `shop:pricing/catalogue@1.0.0`; this host has `shop:pricing/catalogue@2.0.0`
      - it exports `shop:pricing/rules@1.0.0`; this host needs `shop:pricing/rules@2.0.0`
    it was built for `shop:pricing@1.0.0`, but this host serves 2.0.0: rebuild the plugin for `shop:pricing@2.0.0`
    error: 1 of 1 files cannot be run
    [exit code 3]

    @1.0.0 → @1.2.0
    rule.wasm: a plugin of the world shop:pricing/pricing@1.2.0, which imports only its contract
    [exit code 0]

    world pricing → world other
    rule.wasm: a plugin of the world shop:pricing/other@1.0.0, which imports only its contract
    [exit code 0]

    import catalogue; → import catalogue; import rules;
    rule.wasm: a plugin of the world shop:pricing/pricing@1.0.0, which imports only its contract
    [exit code 0]
    ");
}

#[test]
fn worlds_are_looked_for_in_all_contracts_of_the_folder() {
    let folder = folder();
    let path = folder.path();
    fs::remove_file(path.join("wit/pricing.wit")).expect("the file exists");
    write(path, "wit/pricing/pricing.wit", WIT);
    write(path, "wit/taxes/taxes.wit", &WIT.replace("shop:pricing", "state:taxes"));
    write(path, "plugin.toml", "world = \"pricing\"\n");
    let stamp = || run(&folder, &["stamp", "plugin.toml", "rule.wasm"]);
    assert_snapshot!(stamp(), @"
    ── stderr
    error: the world `pricing` in the manifest of `rule` is ambiguous: write the full name, `shop:pricing/pricing@1.0.0` or `state:taxes/pricing@1.0.0`
    [exit code 3]
    ");
    write(path, "plugin.toml", "world = \"shop:pricing/pricing@1.0.0\"\n");
    assert_eq!(stamp().code, Some(0));
    assert_snapshot!(run(&folder, &["check", "rule.wasm"]), @"
    rule.wasm: a plugin of the world shop:pricing/pricing@1.0.0, which imports only its contract
    [exit code 0]
    ");
    write(path, "plugin.toml", "world = \"prices\"\n");
    assert_snapshot!(stamp(), @"
    ── stderr
    error: the world `prices` in the manifest of `rule` is not known: the known worlds are `plugwright:plugin/prettify@0.1.0`, `plugwright:plugin/prettify@0.2.0`, `plugwright:plugin/streamer@0.1.0`, `plugwright:plugin/streamer@0.2.0`, `plugwright:plugin/transformer@0.1.0`, `plugwright:plugin/transformer@0.2.0`, `shop:pricing/pricing@1.0.0`, `state:taxes/pricing@1.0.0`; name the folder of its WIT with `--wit`
    [exit code 3]
    ");
    write(path, "plugin.toml", "world = \"shop:pricing/pricing@3.0.0\"\n");
    assert_snapshot!(stamp(), @"
    ── stderr
    error: the world `shop:pricing/pricing@3.0.0` in the manifest of `rule` is not known: the known worlds are `plugwright:plugin/prettify@0.1.0`, `plugwright:plugin/prettify@0.2.0`, `plugwright:plugin/streamer@0.1.0`, `plugwright:plugin/streamer@0.2.0`, `plugwright:plugin/transformer@0.1.0`, `plugwright:plugin/transformer@0.2.0`, `shop:pricing/pricing@1.0.0`, `state:taxes/pricing@1.0.0`; name the folder of its WIT with `--wit`
    [exit code 3]
    ");
    write(
        path,
        "wit/taxes/taxes.wit",
        "package state:taxes@1.0.0;\n\nworld pricing {\n    export rules\n}\n",
    );
    assert_snapshot!(stamp(), @"
    ── stderr
    error: expected ';', found '}'
         --> wit/taxes/taxes.wit:5:1
          |
        5 | }
          | ^
    [exit code 7]
    ");
    fs::remove_dir_all(path.join("wit/taxes")).expect("the folder can be removed");
    fs::remove_dir_all(path.join("wit/pricing")).expect("the folder can be removed");
    assert_snapshot!(run(&folder, &["check", "rule.wasm"]), @"
    ── stderr
    error: the contract `shop:pricing/pricing@1.0.0` of `rule` is unknown: name the folder of its WIT with `--wit`
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
}

#[test]
fn a_plugin_is_held_against_the_nearest_world() {
    let folder = folder();
    let path = folder.path();
    // A world that requires nothing would fit any plugin.
    let more = "\nworld nothing {\n    import catalogue;\n}\n\nworld large {\n    export rules;\n    export catalogue;\n}\n";
    write(path, "wit/pricing.wit", &format!("{WIT}{more}"));
    let check = || run(&folder, &["check", "rule.wasm"]);
    assert_eq!(check().code, Some(0));
    let renamed = format!("{WIT}{more}").replace("price: func", "prize: func");
    write(path, "wit/pricing.wit", &renamed.replace("@1.0.0", "@2.0.0"));
    assert_snapshot!(check(), @"
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@2.0.0`:
      - it imports `shop:pricing/catalogue@1.0.0`; this host has `shop:pricing/catalogue@2.0.0`
      - it exports `shop:pricing/rules@1.0.0`; this host needs `shop:pricing/rules@2.0.0`
    it was built for `shop:pricing@1.0.0`, but this host serves 2.0.0: rebuild the plugin for `shop:pricing@2.0.0`
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
    // The contract differs, although its version is the same.
    write(path, "wit/pricing.wit", &WIT.replace("catalogue", "goods"));
    assert_snapshot!(check(), @"
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@1.0.0`:
      - it imports `shop:pricing/catalogue@1.0.0`, which this host does not provide
    its `shop:pricing@1.0.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
}

#[test]
fn a_release_that_is_named_in_full_is_the_one() {
    let folder = folder();
    let path = folder.path();
    write(path, "wit/releases/1.0.0/pricing.wit", WIT);
    let later = WIT
        .replace("@1.0.0", "@1.1.0")
        .replace("    price: func", "    more: func();\n    price: func");
    write(path, "wit/pricing.wit", &later);
    write(path, "plugin.toml", "world = \"shop:pricing/pricing@1.0.0\"\n");
    assert_snapshot!(run(&folder, &["stamp", "plugin.toml", "rule.wasm"]), @"[exit code 0]");
    assert_snapshot!(run(&folder, &["check", "rule.wasm"]), @"
    rule.wasm: a plugin of the world shop:pricing/pricing@1.0.0, which imports only its contract
    [exit code 0]
    ");
    write(path, "plugin.toml", "world = \"shop:pricing/pricing@1.1.0\"\n");
    assert_snapshot!(run(&folder, &["stamp", "plugin.toml", "rule.wasm"]), @"
    ── stderr
    error: `rule` does not fit the world `shop:pricing/pricing@1.1.0`:
      - a type differs from the contract: `shop:pricing/rules@1.0.0`: the plugin does not have `more`
    it was built for `shop:pricing@1.0.0`, but this host serves 1.1.0: rebuild the plugin for `shop:pricing@1.1.0`
    [exit code 3]
    ");
}

#[test]
fn contracts_are_found_once_each() {
    let folder = folder();
    let path = folder.path();
    write(path, "wit/other/pricing.wit", &WIT.replace("u64", "u32"));
    assert_snapshot!(run(&folder, &["check", "rule.wasm"]), @"
    ── stderr
    error: `shop:pricing@1.0.0` is in `wit` and in `wit/other`: give one of them another name or version, or remove it
    [exit code 7]
    ");
    fs::remove_dir_all(path.join("wit/other")).expect("the folder can be removed");
    std::os::unix::fs::symlink("..", path.join("wit/again")).expect("the link can be created");
    assert_snapshot!(run(&folder, &["check", "rule.wasm"]), @"
    ── stderr
    error: `wit/again` is a link to a folder that contains it: remove the link
    [exit code 7]
    ");
    fs::remove_file(path.join("wit/again")).expect("the link exists");
    // Folders that link to one another make an enormous number of paths.
    fs::create_dir_all(path.join("wit/a")).expect("the folder can be created");
    for (number, name) in ["b", "c", "d", "e", "f", "g", "h", "i"].iter().enumerate() {
        fs::create_dir_all(path.join("wit").join(name)).expect("the folder can be created");
        for link in 0..=number {
            let other = ["a", "b", "c", "d", "e", "f", "g", "h"][link];
            for twice in ["", "2", "3"] {
                let from = path.join("wit").join(name).join(format!("{other}{twice}"));
                std::os::unix::fs::symlink(format!("../{other}"), from)
                    .expect("the link can be created");
            }
        }
    }
    let many = run(&folder, &["check", "rule.wasm"]);
    assert!(
        many.stderr.starts_with("error: there are more than 1000 folders to search for contracts"),
        "{many}"
    );
}

#[test]
fn packages_of_two_versions_that_a_contract_uses_stay_two() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let package = |version: &str, more: &str| {
        format!(
            "package shop:words@{version} {{\n    interface words {{ cut: func() -> u32; {more} }}\n}}\n"
        )
    };
    let (old, new) = (package("1.0.0", ""), package("1.1.0", "join: func() -> u32;"));
    let text = format!(
        "package shop:cards@0.1.0;\n\nworld cards {{\n    import shop:words/words@1.0.0;\n    import \
         shop:words/words@1.1.0;\n    export open: func();\n}}\n\n{old}\n{new}"
    );
    write(folder.path(), "wit/cards.wit", &text);
    let core = "(module
        (import \"shop:words/words@1.0.0\" \"cut\" (func (result i32)))
        (import \"shop:words/words@1.1.0\" \"join\" (func (result i32)))
        (func (export \"open\")))";
    let wit = Wit { text, dependency: None, world: "cards" };
    fs::write(folder.path().join("cards.wasm"), component_around(&wit, core))
        .expect("the file can be written");
    assert_snapshot!(Output::of(&mut plugwright(folder.path(), ["check", "cards.wasm"])), @"
    cards.wasm: a plugin of the world shop:cards/cards@0.1.0
    [exit code 0]
    ");
}

#[test]
fn what_wasi_does_not_have_no_plugin_gets() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    write(
        folder.path(),
        "wit/w.wit",
        "package a:b@1.0.0;\n\nworld w {\n    export g: func();\n}\n",
    );
    let wasi = "package wasi:io@0.2.6 {\n    interface poll { launch: func(); }\n}\n";
    let text = format!(
        "package c:d;\n\nworld w {{\n    import wasi:io/poll@0.2.6;\n    export g: func();\n}}\n\n{wasi}"
    );
    let core = "(module (import \"wasi:io/poll@0.2.6\" \"launch\" (func)) (func (export \"g\")))";
    let wit = Wit { text, dependency: None, world: "w" };
    fs::write(folder.path().join("p.wasm"), component_around(&wit, core))
        .expect("the file can be written");
    assert_snapshot!(Output::of(&mut plugwright(folder.path(), ["check", "p.wasm"])), @"
    ── stderr
    error: `p` does not fit the world `a:b/w@1.0.0`:
      - a type differs from the contract: component imports instance `wasi:io/poll@0.2.6`, but a matching implementation was not found in the linker: instance export `launch` has the wrong type: function implementation is missing
    it was built for another contract: rebuild it for this host's `a:b@1.0.0`
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
}
