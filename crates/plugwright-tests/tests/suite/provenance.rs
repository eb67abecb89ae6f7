//! Where plugins come from: their provenance statements, their bills of materials, and what their bytes reveal
//! about the machine that built them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use plugwright::difference;
use serde_json::Value;
use tempfile::TempDir;
use tests::{
    Output, copy_built, dist, dist_folder, just, plugwright, program, root, target_folder,
};

use crate::build::WORKSPACE;

fn json(path: &Path) -> Value {
    let text = fs::read(path)
        .unwrap_or_else(|error| panic!("`{}`: {error}: run `just build`", path.display()));
    serde_json::from_slice(&text).expect("the text is valid JSON")
}

fn statement(plugin: &str) -> Value {
    json(&dist_folder().join(format!("{plugin}.provenance.json")))
}

/// Returns the digest of a file or folder, by the commands of the guide.
fn digest(name: &str) -> String {
    let sum = if cfg!(target_os = "macos") { "shasum -a 256" } else { "sha256sum" };
    let command = if root().join(name).is_dir() {
        format!("find {name} -type f | LC_ALL=C sort | xargs {sum} | {sum}")
    } else {
        format!("{sum} {name}")
    };
    let output = Output::of(&mut program(Path::new("bash"), &root(), ["-c", &command]));
    output.stdout.split(' ').next().expect("the output has a digest").to_owned()
}

#[test]
fn each_plugin_has_a_statement_of_what_is_here() {
    for entry in dist().plugins() {
        let plugin = &entry.name;
        let statement = statement(plugin);
        assert_eq!(statement["subject"][0]["name"], format!("{plugin}.wasm"));
        assert_eq!(statement["subject"][0]["digest"]["sha256"], *entry.sha256);
        let definition = &statement["predicate"]["buildDefinition"];
        assert_eq!(definition["externalParameters"]["plugin"], **plugin);
        let materials = definition["resolvedDependencies"].as_array().expect("the value is a list");
        let said = |name: &str, kind: &str| {
            let found = materials.iter().find(|it| it["name"] == name);
            found.unwrap_or_else(|| panic!("{plugin}: no `{name}`"))["digest"][kind].clone()
        };
        let own = format!("crates/plugin-{plugin}");
        // Not of `Cargo.lock`, because a plugin is not built again for the crates of others.
        for name in [&*own, "wit"] {
            let now = digest(name);
            assert_eq!(said(name, "dirHash"), now, "`{name}` differs: run `just build`");
        }
        for byproduct in statement["predicate"]["runDetails"]["byproducts"]
            .as_array()
            .expect("the value is a list")
        {
            let path = dist_folder().join(byproduct["name"].as_str().expect("the value is a name"));
            let now = plugwright::sha256(&fs::read(&path).expect("the file exists"));
            assert_eq!(byproduct["digest"]["sha256"], now, "{}", path.display());
        }
    }
}

#[test]
fn an_sbom_lists_every_crate_that_has_code_in_the_plugin() {
    // These crates are part of the compiler, and have one entry.
    let std = [
        "__rustc",
        "addr2line",
        "adler2",
        "alloc",
        "cfg_if",
        "compiler_builtins",
        "core",
        "dlmalloc",
        "gimli",
        "hashbrown",
        "memchr",
        "miniz_oxide",
        "object",
        "rustc_demangle",
        "std",
        "wasi",
        "wasi_snapshot_preview1",
        "wasip2",
        "wit_bindgen",
        "panic_abort",
        "the C library",
        "without a name",
    ];
    for entry in dist().plugins() {
        let plugin = &entry.name;
        let sbom = json(&dist_folder().join(format!("{plugin}.cdx.json")));
        assert_eq!(sbom["metadata"]["component"]["hashes"][0]["content"], *entry.sha256);
        let components = sbom["components"].as_array().expect("the value is a list");
        let mut listed: BTreeSet<String> = std.map(str::to_owned).into();
        listed.insert(format!("plugin_{}", plugin.replace('-', "_")));
        for component in components.iter().filter(|it| it["scope"] == "required") {
            let name = component["name"].as_str().expect("the value is a name");
            assert_ne!(component["licenses"], Value::Array(Vec::new()), "{plugin}: {name}");
            // The checksum of a crate comes from its registry.
            let is_of_one = !matches!(name, "std" | "plugwright-guest");
            assert_eq!(
                component["hashes"][0]["content"].is_string(),
                is_of_one,
                "{plugin}: {name}"
            );
            listed.insert(name.replace('-', "_"));
        }
        let symbols = fs::read(dist_folder().join(format!("symbols/{plugin}.wasm")))
            .expect("the symbols exist");
        let sizes = plugwright::sizes(plugin, &symbols).expect("the component is valid");
        let linked: BTreeSet<String> =
            sizes.code.into_keys().map(plugwright::ForeignText::into_exact).collect();
        let forgotten: Vec<_> = linked.difference(&listed).collect();
        assert!(
            forgotten.is_empty(),
            "{plugin}: crates that are missing from its bill of materials: {forgotten:?}"
        );
    }
}

#[test]
fn no_path_of_this_machine_is_in_a_plugin() {
    let home = std::env::var("HOME").expect("`HOME` is set");
    let cargo = std::env::var("CARGO_HOME").unwrap_or(format!("{home}/.cargo"));
    let sysroot = Output::of(&mut program(Path::new("rustc"), &root(), ["--print", "sysroot"]));
    let roots = [root(), target_folder("")].map(|path| path.display().to_string());
    let paths = [home, cargo, sysroot.stdout.trim_end().to_owned()].into_iter().chain(roots);
    let paths = paths.map(|path| format!("{}/", path.trim_end_matches('/')));
    let paths: Vec<_> = paths.filter(|path| path.len() > 2).collect();
    for entry in dist().plugins() {
        let bytes = dist().read(&entry.name).unwrap_or_else(|error| panic!("{error}"));
        for path in &paths {
            let found = memchr::memmem::find(&bytes, path.as_bytes());
            assert_eq!(found, None, "`{path}` is in the plugin `{}`", entry.name);
        }
    }
    // The search works: the path of a panic is in the file, under a name that is the same on all machines.
    let jq = dist().read("jq").unwrap_or_else(|error| panic!("{error}"));
    assert!(memchr::memmem::find(&jq, b"/crates/jaq-core-").is_some(), "`jq` contains no path");
}

#[test]
fn a_statement_of_the_same_plugin_is_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let output = WORKSPACE.build(folder.path().to_str().expect("the path is UTF-8"), &["shout"]);
    assert_eq!(output.code, Some(0), "{output}");
    // Other tests add plugins to the workspace. That adds crates to its lock file which `shout` does not need.
    let list = "\"name\": \"Cargo.lock\"";
    for file in ["shout.provenance.json", "shout.cdx.json"] {
        let text = |folder: &Path| {
            let text = fs::read_to_string(folder.join(file)).expect("the file exists");
            let (before, after) = text.split_once(list).unwrap_or((&text, ""));
            format!("{before}{}", after.split_once('}').map_or("", |(_, after)| after))
        };
        assert_eq!(text(folder.path()), text(&WORKSPACE.path("dist")), "{file}");
    }
}

/// Returns a folder like that of the plugins, with only `quote`.
fn quote() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    fs::create_dir(folder.path().join("symbols")).expect("the folder can be created");
    for file in ["quote.wasm", "symbols/quote.wasm", "quote.provenance.json"] {
        copy_built(file, folder.path().join(file));
    }
    index(folder.path());
    folder
}

fn index(folder: &Path) {
    let output = Output::of(&mut plugwright(folder, ["index", "."]));
    assert_eq!(output.code, Some(0), "{output}");
}

/// Edits a file as text, whatever its bytes are.
fn edit(path: &Path, from: &str, to: &str) {
    let bytes = fs::read(path).expect("the file exists");
    let at = memchr::memmem::find(&bytes, from.as_bytes()).expect("the text is in the file");
    let edited = [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat();
    fs::write(path, edited).expect("the file can be written");
}

/// Returns the output of `plugwright compare` for `quote` in `folder` and in the folder of plugins.
fn compared(folder: &TempDir) -> String {
    let mut command = plugwright(folder.path(), ["compare", "."]);
    let output = Output::of(command.arg(dist_folder()).arg("quote"));
    let digest = dist()
        .plugins()
        .iter()
        .find(|it| it.name == "quote")
        .expect("the list has the plugin `quote`")
        .sha256
        .clone();
    format!("{output}").replace(&digest, "[digest]")
}

#[test]
fn the_same_plugins_are_said_to_be_the_same() {
    assert_snapshot!(compared(&quote()), @"
    quote: the same, [digest]
    [exit code 0]
    ");
}

#[test]
fn plugins_of_other_inputs_are_told_by_them() {
    let folder = quote();
    let statement = folder.path().join("quote.provenance.json");
    let wit = digest("wit");
    edit(&statement, &wit, &wit.replace(['0', '1'], "2"));
    edit(&statement, "\"version\": \"rustc 1.", "\"version\": \"rustc 0.");
    let materials = &json(&statement)["predicate"]["buildDefinition"]["resolvedDependencies"];
    let rustc =
        materials.as_array().expect("the value is a list").iter().find(|it| it["name"] == "rustc");
    let older = rustc.expect("the list has rustc")["annotations"]["version"]
        .as_str()
        .expect("the value is a version");
    let newer = older.replace("rustc 0.", "rustc 1.");
    let output = compared(&folder).replace(older, "[older]").replace(&newer, "[newer]");
    assert_snapshot!(output, @"
    quote: the same, [digest], although built from different inputs: `wit`; `rustc`, [older] and [newer]
    [exit code 0]
    ");
}

#[test]
fn plugins_of_other_bytes_are_told_by_the_first_that_differs() {
    let folder = quote();
    let plugin = folder.path().join("quote.wasm");
    let old = plugwright::sha256(&fs::read(&plugin).expect("the file exists"));
    edit(&plugin, "Hello, ", "Howdy, ");
    index(folder.path());
    // First with a statement about these bytes, then with one about other bytes.
    let new = plugwright::sha256(&fs::read(&plugin).expect("the file exists"));
    assert_snapshot!(compared(&folder).replace(&new, "[another digest]"), @"
    quote: `./quote.provenance.json` describes another file: none of its subjects has the digest [another digest]
    ── stderr
    error: 1 of 1 plugins cannot be compared
    [exit code 3]
    ");
    edit(&folder.path().join("quote.provenance.json"), &old, &new);
    // The part around it belongs to the standard library.
    let output = compared(&folder);
    let (begin, shown) = output.split_once(", at byte ").unwrap_or_else(|| panic!("{output}"));
    let is = "quote: differs, although built from the same inputs: first in the data section of core module 0";
    assert_eq!(begin, is);
    let (one, other) = shown.split_once("` and `").unwrap_or_else(|| panic!("{output}"));
    assert!(one.contains("Howdy, ") && other.contains("Hello, "), "{output}");
    let differs = "error: 1 of 1 plugins differ\n[exit code 3]\n";
    assert!(output.ends_with(differs), "{output}");
    // Everything that cannot be compared.
    let mut command = plugwright(folder.path(), ["compare", "."]);
    let output = Output::of(command.arg(dist_folder()).args(["nobody", "quote"])).to_string();
    let differs = "error: 1 of 2 plugins differ, and 1 cannot be compared\n[exit code 3]\n";
    assert!(output.ends_with(differs), "{output}");
}

#[test]
fn plugins_that_only_one_folder_has_differ() {
    let (one, other) = (quote(), quote());
    for [from, to] in [["quote.wasm", "quota.wasm"], ["symbols/quote.wasm", "symbols/quota.wasm"]] {
        fs::copy(other.path().join(from), other.path().join(to)).expect("the file can be copied");
    }
    index(other.path());
    let said = |one: &TempDir, other: &TempDir, names: &[&str]| {
        let mut command = plugwright(one.path(), ["compare", "."]);
        let output = Output::of(command.arg(other.path()).args(names)).to_string();
        let same = output.lines().find(|line| line.starts_with("quote: the same, "));
        let output = match same {
            Some(same) => output.replace(same, "quote: the same"),
            None => output,
        };
        [one, other]
            .iter()
            .fold(output, |it, folder| it.replace(&*folder.path().to_string_lossy(), "[other]"))
    };
    assert_snapshot!(said(&one, &other, &[]), @"
    quota: differs: only `[other]` has it
    quote: the same
    ── stderr
    error: 1 of 2 plugins differ
    [exit code 3]
    ");
    assert_snapshot!(said(&other, &one, &["quota"]), @"
    quota: differs: only `.` has it
    ── stderr
    error: 1 of 1 plugins differ
    [exit code 3]
    ");
    for folder in [&one, &other] {
        let files = fs::read_dir(folder.path())
            .expect("the folder can be read")
            .map(|it| it.expect("the entry is a file"));
        for file in files.filter(|it| it.path().extension().is_some_and(|it| it == "wasm")) {
            fs::remove_file(file.path()).expect("the file exists");
        }
        index(folder.path());
    }
    assert_snapshot!(said(&one, &other, &[]), @"
    ── stderr
    error: there is nothing to compare: neither `.` nor `[other]` contains a plugin; name folders that `plugwright build` filled
    [exit code 2]
    ");
}

#[test]
fn a_plugin_that_is_cut_is_compared_as_far_as_it_goes() {
    let whole = dist().read("quote").unwrap_or_else(|error| panic!("{error}"));
    for length in (0..whole.len()).step_by(37) {
        let cut = &whole[..length];
        let said = difference(&whole, cut).expect("the files differ");
        assert!(said.offset <= length, "{length}: {said}");
        let said = difference(cut, &whole).expect("the files differ");
        assert!(said.offset <= length, "{length}: {said}");
    }
    let folder = quote();
    let cut = &whole[..whole.len() / 2];
    fs::write(folder.path().join("quote.wasm"), cut).expect("the file can be written");
    for name in ["plugins.json", "quote.provenance.json"] {
        edit(&folder.path().join(name), &plugwright::sha256(&whole), &plugwright::sha256(cut));
    }
    let output = compared(&folder);
    assert!(
        output.starts_with("quote: differs, although built from the same inputs: first in "),
        "{output}"
    );
    assert!(output.ends_with("[exit code 3]\n"), "{output}");
}

#[test]
fn plugins_without_statements_cannot_be_compared() {
    let folder = quote();
    let statement = folder.path().join("quote.provenance.json");
    edit(&statement, "slsa.dev/provenance/v1", "slsa.dev/provenance/v9");
    let other = compared(&folder);
    fs::write(&statement, "{}").expect("the file can be written");
    let none = compared(&folder);
    fs::remove_file(&statement).expect("the file exists");
    assert_snapshot!(format!("{other}\n{none}\n{}", compared(&folder)), @"
    quote: `./quote.provenance.json` is a provenance statement of the kind `https://slsa.dev/provenance/v9`, not `https://slsa.dev/provenance/v1`
    ── stderr
    error: 1 of 1 plugins cannot be compared
    [exit code 3]

    quote: `./quote.provenance.json` is not a provenance statement: missing field `_type` at line 1 column 2
    ── stderr
    error: 1 of 1 plugins cannot be compared
    [exit code 3]

    quote: there is no provenance statement `./quote.provenance.json`: run `plugwright build` to make it
    ── stderr
    error: 1 of 1 plugins cannot be compared
    [exit code 8]
    ");
    // A plugin that cannot be read does not count as different.
    fs::remove_file(folder.path().join("quote.wasm")).expect("the file exists");
    assert!(compared(&folder).ends_with("[exit code 8]\n"));
}

#[test]
fn a_folder_that_is_not_there_cannot_be_verified() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let verify = |arguments: &[&str]| {
        let output =
            Output::of(&mut just(&root(), folder.path(), [&["verify"], arguments].concat()));
        let line = output.stderr.lines().next().unwrap_or_default().to_owned();
        format!("{line}\n[exit code {}]", output.code.expect("the program has an exit code"))
    };
    assert_snapshot!(verify(&["nowhere"]), @"
    error: `$FOLDER/nowhere` is not an existing folder: name a folder that `plugwright build` filled
    [exit code 8]
    ");
    assert_snapshot!(verify(&["crates", "nobody"]), @"
    error: there is no plugin `nobody`, only c, checksum, count, cpp, csv-json, go, javascript, jq, markdown, own-contract, python, quote, redact, template, thumbnail, typescript, zig
    [exit code 2]
    ");
}
