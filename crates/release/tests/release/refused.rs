//! Releases that are refused before anything is made.

use std::fs;

use insta::assert_snapshot;

use crate::repository::Repository;

/// The error of a dry run of this version, which changes nothing.
fn refused(repository: &Repository, version: &str, more: &[&str]) -> String {
    let before = (repository.git(&["status", "--porcelain"]), repository.git(&["show-ref"]));
    let output = repository.dry_run(version, more);
    assert_eq!(output.code, Some(1), "{output}");
    assert_eq!(output.stdout, "");
    let after = (repository.git(&["status", "--porcelain"]), repository.git(&["show-ref"]));
    assert_eq!(before, after);
    assert!(!repository.path("target/releases").exists(), "nothing is made");
    output.stderr
}

#[test]
fn versions_that_are_none_or_lower() {
    let small = Repository::small();
    let said = ["1", "v0.2.0", "0.2.0+linux", "0.0.9", "0.1.0-rc.1"];
    let said = said.map(|version| refused(&small, version, &[]));
    assert_snapshot!(said.concat(), @"
    error: `1` is not a version such as 0.2.0 or 1.0.0-rc.1: unexpected end of input while parsing major version number
    error: `v0.2.0` is not a version such as 0.2.0 or 1.0.0-rc.1: unexpected character 'v' while parsing major version number
    error: `0.2.0+linux` has the build metadata `+linux`, which registries ignore: leave it out
    error: 0.0.9 is lower than 0.1.0, the version in Cargo.toml: choose 0.1.0 or a later version
    error: 0.1.0-rc.1 is lower than 0.1.0, the version in Cargo.toml: choose 0.1.0 or a later version
    ");
}

#[test]
fn trees_with_changes() {
    let small = Repository::small();
    small.write("README.md", "other");
    small.write("new/file", "");
    assert_snapshot!(refused(&small, "0.2.0", &[]), @"
    error: the working tree has uncommitted changes:
     M README.md
    ?? new/
    commit them, or put them aside with `git stash --include-untracked`
    ");
}

#[test]
fn trees_with_a_submodule() {
    let small = Repository::small();
    let commit = small.git(&["rev-parse", "HEAD"]);
    let module = format!("160000,{},basket", commit.trim_end());
    small.git(&["update-index", "--add", "--cacheinfo", &module]);
    small.git(&["commit", "--quiet", "--message", "a submodule"]);
    fs::create_dir(small.path("basket")).expect("a folder");
    assert_snapshot!(refused(&small, "0.1.0", &[]), @"error: `basket` is a submodule, and a release has only the files of this repository: replace it with its files");
}

#[test]
fn a_version_that_has_a_tag() {
    let small = Repository::small();
    small.git(&["tag", "v0.1.0"]);
    assert_snapshot!(refused(&small, "0.1.0", &[]), @"error: the tag `v0.1.0` already exists, and a released version never changes: choose a later version");
}

#[test]
fn changelogs_that_say_nothing() {
    let small = Repository::small();
    let said = [
        "## [Unreleased]\n\n### Added\n\n## [0.0.9]\n\n- Old.\n",
        "## [0.0.9]\n\n- Old.\n",
        "## [Unreleased]\n\n- New.\n\n## [0.2.0] - 2020-02-02\n",
    ];
    let said = said.map(|text| {
        small.write("CHANGELOG.md", text);
        small.commit();
        refused(&small, "0.2.0", &[])
    });
    assert_snapshot!(said.concat(), @"
    error: CHANGELOG.md has nothing under `## [Unreleased]`: describe the changes since the last version
    error: CHANGELOG.md has no heading `## [Unreleased]`: add it above the last version
    error: CHANGELOG.md already has a section `## [0.2.0]`: choose a later version
    ");
}

#[test]
fn contracts_that_are_not_released() {
    let small = Repository::small();
    small.write("wit/basket.wit", "package fruit:basket@0.2.0;\n");
    small.commit();
    let newer = refused(&small, "0.1.0", &[]);
    // The error of the real command.
    small.write(
        "target/plugwright",
        "#!/bin/sh\necho 'error: `wit` differs from the released fruit:basket@0.1.0' >&2; exit 7\n",
    );
    let broken = refused(&small, "0.1.0", &[]);
    fs::remove_file(small.path("target/plugwright")).expect("it existed");
    let missing = refused(&small, "0.1.0", &[]);
    assert_snapshot!([newer, broken, missing].concat(), @"
    error: the contract in `wit` has the version 0.2.0, which is not in `wit/releases`: store it with `plugwright contract --release`, and commit it
    error: `plugwright contract` failed: `wit` differs from the released fruit:basket@0.1.0
    error: cannot check the contract, because `$ROOT/target/plugwright` does not exist: run `just build`, or name the command with `--plugwright`
    ");
}

#[test]
fn a_command_of_another_version() {
    assert_snapshot!(refused(&Repository::small(), "0.2.0", &[]), @"error: `$ROOT/target/plugwright` is `plugwright 0.1.0` instead of version 0.2.0: leave out `--command` to build one");
}

#[test]
fn folders_that_are_there_or_cannot_be() {
    let small = Repository::small();
    small.write("out/file", "");
    let said =
        ["out", "out/file/below"].map(|folder| refused(&small, "0.1.0", &["--output", folder]));
    assert_snapshot!(said.concat(), @"
    error: `$ROOT/out` already exists: remove it, or choose another folder with `--output`
    error: cannot make the folder `$ROOT/out/file/below`: choose a writable folder: Not a directory (os error 20)
    ");
}

#[test]
fn what_is_no_repository() {
    let empty = Repository::empty();
    let no_manifest = empty.release(["0.1.0"]);
    empty.write("Cargo.toml", "[workspace.package]\nversion = \"0.1.0\"\n");
    fs::remove_dir_all(empty.path(".git")).expect("it existed");
    let no_repository = empty.release(["0.1.0"]);
    assert_snapshot!(format!("{no_manifest}\n{no_repository}"), @"
    ── stderr
    error: cannot read `Cargo.toml`: No such file or directory (os error 2)
    [exit code 1]
    ── stderr
    error: `git status --porcelain` failed: fatal: not a git repository (or any of the parent directories): .git
    [exit code 1]
    ");
}
