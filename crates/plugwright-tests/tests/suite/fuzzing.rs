//! Checks that fuzzing is complete: each target is scheduled and documented, and a call that cannot be fuzzed gives
//! the reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use tests::{Output, program, root};

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("`{file}`: {error}"))
}

#[test]
fn every_target_is_scheduled_and_documented() {
    let files =
        fs::read_dir(root().join("crates/fuzz/targets")).expect("the folder exists").flatten();
    let targets: BTreeSet<String> =
        files.filter_map(|file| file.path().file_stem()?.to_str().map(str::to_owned)).collect();
    let job = read(".github/workflows/fuzz.yml");
    let scheduled = job.split("target: [").nth(1).and_then(|rest| rest.split(']').next());
    let scheduled: BTreeSet<_> =
        scheduled.expect("the workflow has a matrix").split(", ").map(str::to_owned).collect();
    assert_eq!(scheduled, targets, "the targets in .github/workflows/fuzz.yml");
    let page = read("docs/src/fuzzing.md");
    let manifest = read("crates/fuzz/Cargo.toml");
    for target in targets {
        assert!(
            page.contains(&format!("| `{target}` |")),
            "`{target}` is not in docs/src/fuzzing.md"
        );
        let program = format!("name = \"{target}\"\npath = \"targets/{target}.rs\"\n");
        assert!(manifest.contains(&program), "`{target}` is not in crates/fuzz/Cargo.toml");
    }
}

#[test]
fn a_call_that_cannot_be_says_why() {
    let fuzz = |target: &str, compiler: &str| {
        let mut run = program(Path::new("bash"), &root(), ["crates/fuzz/run", target, "1"]);
        Output::of(run.env("CXX", compiler))
    };
    assert_snapshot!(fuzz("nothing", "c++"), @"
    ── stderr
    error: there is no target `nothing`, only: cache compare contract difference documents load manifest mutate pipeline size statements symbols
    [exit code 2]
    ");
    assert_snapshot!(fuzz("load", "no-such-compiler"), @"
    ── stderr
    error: a C++ compiler is missing, which the fuzzer's engine is compiled with: type `apt-get install g++`, on macOS `xcode-select --install`
    [exit code 1]
    ");
}
