//! The output of `digests/check`, which compares the plugins with the digests of this version.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use insta::assert_snapshot;
use tests::{Output, program, root};

use crate::command::folder;

/// Returns a repository of version 1.0.0 with one plugin. Its compiler reports the version `compiler`.
fn repository(compiler: &str) -> tempfile::TempDir {
    let folder = folder();
    let write = |file: &str, text: &str| {
        let file = folder.path().join(file);
        fs::create_dir_all(file.parent().expect("the path has a parent"))
            .expect("the folder can be created");
        fs::write(&file, text).expect("the file can be written");
        file
    };
    write("Cargo.toml", "[workspace.package]\nversion = \"1.0.0\"\n");
    write("CHANGELOG.md", "## [Unreleased]\n");
    write("dist/echo.wasm", "stripped");
    write("dist/symbols/echo.wasm", "whole");
    let rustc = write("bin/rustc", &format!("#!/bin/sh\necho '{compiler}'\n"));
    fs::set_permissions(rustc, Permissions::from_mode(0o755)).expect("the permissions can be set");
    fs::create_dir(folder.path().join("digests")).expect("the folder can be created");
    fs::copy(root().join("digests/check"), folder.path().join("digests/check"))
        .expect("the file can be copied");
    folder
}

fn check(folder: &Path, arguments: &[&str]) -> String {
    let mut command = program(Path::new("bash"), folder, ["digests/check"]);
    let path = format!(
        "{}:{}",
        folder.join("bin").display(),
        std::env::var("PATH").expect("the variable is set")
    );
    let command = command.args(arguments).env("PATH", path).env_remove("PLUGWRIGHT_DIST");
    Output::of(command).to_string()
}

#[test]
fn bytes_are_those_of_the_version_until_they_are_accepted() {
    let folder = repository("rustc 1.96.0 (0123abcd 2026-05-25)");
    let path = folder.path();
    assert_snapshot!(check(path, &[]), @"
    ── stderr
    error: there are no digests for 1.0.0: run `just bless`
    [exit code 1]
    ");
    assert_snapshot!(check(path, &["--accept"]), @"[exit code 0]");
    assert_snapshot!(check(path, &[]), @"[exit code 0]");
    let list = fs::read_to_string(path.join("digests/1.0.0.sha256")).expect("the list exists");
    assert_snapshot!(list, @"
    8531d8960e7f2447508d80e80d48fd96730cf89a9987268971d858fc49cba71a  dist/echo.wasm
    5d5766cf2d78701614200418ee1450690d9af12c84d52545e4802f001ad53099  dist/symbols/echo.wasm
    ");
    fs::write(path.join("dist/symbols/echo.wasm"), "other").expect("the file can be written");
    fs::write(path.join("dist/new.wasm"), "new").expect("the file can be written");
    assert_snapshot!(check(path, &[]), @"
    ── stderr
    error: these plugins differ from `digests/1.0.0.sha256`: new symbols/echo
    if their sources, their crates or the toolchain changed, run `just bless`; otherwise run `just repro` to see what differs
    [exit code 1]
    ");
    fs::write(path.join("CHANGELOG.md"), "## [1.0.0]\n").expect("the file can be written");
    assert_snapshot!(check(path, &["--accept"]), @"
    ── stderr
    error: these plugins differ from the released version 1.0.0: new symbols/echo
    raise `version` in Cargo.toml, or revert the change
    [exit code 1]
    ");
    assert_eq!(
        fs::read_to_string(path.join("digests/1.0.0.sha256")).expect("the list exists"),
        list
    );
    // `just release` writes the heading before the digests of the version exist.
    fs::remove_file(path.join("digests/1.0.0.sha256")).expect("the list exists");
    assert_snapshot!(check(path, &["--accept"]), @"[exit code 0]");
    assert_snapshot!(check(path, &["--acept"]), @"
    ── stderr
    error: usage: bash digests/check [--accept]
    [exit code 1]
    ");
    fs::remove_dir_all(path.join("dist")).expect("the folder can be removed");
    assert_snapshot!(check(path, &[]), @"
    ── stderr
    error: there are no built plugins in `dist`: run `just build`
    [exit code 1]
    ");
}

#[test]
fn a_compiler_that_others_built_makes_other_bytes() {
    let folder = repository("rustc 1.96.0 (0123abcd 2026-05-25) (built from a source tarball)");
    assert_snapshot!(check(folder.path(), &[]), @"
    ── stderr
    digests: not compared, because `rustc 1.96.0 (0123abcd 2026-05-25) (built from a source tarball)` makes other bytes than the official compiler
    [exit code 0]
    ");
}

#[test]
fn a_compiler_that_says_nothing_is_none() {
    let folder = repository("");
    assert_snapshot!(check(folder.path(), &[]), @"
    ── stderr
    error: `rustc` does not report its version: run `./dev bash digests/check`
    [exit code 1]
    ");
}
