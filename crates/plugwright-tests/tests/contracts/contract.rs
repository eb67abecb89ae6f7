//! A test for each folder in `contract/`. Each snapshot holds the output of `plugwright contract` for a contract
//! that changes from `old.wit` to `new.wit`. The test also checks that `wasm-tools`, which compares each world,
//! agrees on whether the change breaks plugins.

use std::fs;
use std::path::Path;

use libtest_mimic::Trial;
use tests::{Output, folder_names, plugwright, program, root};

/// Cases that `wasm-tools` cannot judge, with the reason.
const NOT_COMPARED: &[(&str, &str)] = &[
    ("another-name", "it compares worlds of one package"),
    ("foreign-patch", "one file cannot hold two versions of a package within two of another"),
    ("foreign-version", "it takes no notice of versions"),
    ("version-goes-back", "it takes no notice of versions"),
];

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |case: String| {
        Trial::test(format!("contract/{case}"), move || {
            let folder = root().join("tests/contract").join(&case);
            let arguments = ["contract", "new.wit", "--since", "old.wit"];
            let output = Output::of(&mut plugwright(&folder, arguments));
            crate::snapshot("contract", &case, None, &output.to_string());
            let told = format!("{}{}", output.stdout, output.stderr);
            if !NOT_COMPARED.iter().any(|(name, _)| *name == case) {
                let found = broken_by_wasm_tools(&folder);
                assert_eq!(told.contains("breaks plugins"), found.is_some(), "{told}{found:?}");
            }
            Ok(())
        })
    };
    let cases = folder_names(&root().join("tests/contract"));
    assert!(cases.len() >= 20, "there are only {} changed contracts", cases.len());
    cases.into_iter().map(trial).collect()
}

/// Returns what `wasm-tools` reports about the first world that a plugin no longer fits, if there is one.
fn broken_by_wasm_tools(folder: &Path) -> Option<String> {
    let [old, new] = ["old.wit", "new.wit"].map(|name| {
        fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    });
    let (package, version) = package(&new);
    // Both versions are in one file. WIT allows a package in two versions there.
    let was = "0.0.1-old";
    let line = format!("package {package}@{};", self::package(&old).1);
    let nested = old.replace(&line, &format!("package {package}@{was} {{"));
    assert_ne!(old, nested, "the old file has another package");
    let beside = tempfile::tempdir().expect("a temporary folder can be created");
    fs::write(beside.path().join("both.wit"), format!("{new}\n{nested}\n}}\n"))
        .expect("the file can be written");

    let worlds = |text: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("world "));
        lines.map(|line| line.trim_end_matches(" {").to_owned()).collect()
    };
    let kept = worlds(&new);
    worlds(&old).into_iter().find_map(|world| {
        if !kept.contains(&world) {
            return Some(format!("the world {world} is gone"));
        }
        let (prev, new) =
            (format!("{package}/{world}@{was}"), format!("{package}/{world}@{version}"));
        let arguments = ["component", "semver-check", "both.wit", "--prev", &prev, "--new", &new];
        let output = Output::of(&mut program(Path::new("wasm-tools"), beside.path(), arguments));
        match output.code {
            Some(0) => None,
            _ if output.stderr.contains("is not semver-compatible") => Some(output.stderr),
            _ => panic!("{output}"),
        }
    })
}

/// Returns the name and the version from the line that begins with `package`.
fn package(text: &str) -> (&str, &str) {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("package "))
        .expect("the text names a package");
    line.trim_end_matches(';').split_once('@').expect("the package has a version")
}
