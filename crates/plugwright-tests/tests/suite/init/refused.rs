//! What `plugwright init` refuses, and that nothing of it stays.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;

use insta::assert_snapshot;

use super::{SOURCE, folder, init, list};

#[test]
fn it_refuses_places_that_it_cannot_take() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("full")).expect("a folder");
    for name in ["a", "b", "c", "d", "e"] {
        fs::write(path("full").join(name), "").expect("a file");
    }
    fs::create_dir(path("hidden")).expect("a folder");
    fs::create_dir(path("hidden/.git")).expect("a folder");
    fs::write(path("file"), "").expect("a file");
    symlink("nowhere", path("link")).expect("a link");
    let before = list(folder.path());
    let refused = |place: &str| init(folder.path(), &[place, "--source", SOURCE]);
    assert_snapshot!(refused("full"), @"
    ── stderr
    error: `full` is not empty, there is `a`, `b`, `c` and 2 more in it: name a folder that is not there yet, or is empty
    [exit code 2]
    ");
    assert_snapshot!(refused("hidden"), @"
    ── stderr
    error: `hidden` is not empty, there is `.git` in it: name a folder that is not there yet, or is empty
    [exit code 2]
    ");
    assert_snapshot!(refused("file"), @"
    ── stderr
    error: `file` is a file: name a folder that is not there yet, or is empty
    [exit code 2]
    ");
    assert_snapshot!(refused("file/below"), @"
    ── stderr
    error: cannot read the folder `file/below`: Not a directory (os error 20)
    [exit code 8]
    ");
    assert_snapshot!(refused("link"), @"
    ── stderr
    error: `link` is a link that leads nowhere: remove it, or name another folder
    [exit code 2]
    ");
    assert_snapshot!(refused("no/folder"), @"
    ── stderr
    error: cannot write `no/folder`: there is no folder `no`
    [exit code 8]
    ");
    // A folder in which nobody can make anything.
    assert_snapshot!(refused("/proc/mine"), @"
    ── stderr
    error: cannot write `/proc/mine`: cannot create files in the folder `/proc`
    [exit code 8]
    ");
    let wrong = OsStr::from_bytes(b"wrong\xff");
    assert_snapshot!(init(folder.path(), &[wrong, OsStr::new("--source"), SOURCE.as_ref()]), @r"
    ── stderr
    error: the path `$FOLDER/wrong\xff` is not UTF-8, which cargo needs: name another folder
    [exit code 2]
    ");
    assert_eq!(before, list(folder.path()));
}

#[test]
fn it_refuses_sources_that_are_none() {
    let folder = folder();
    let refused = |source: &str| init(folder.path(), &["mine", "--source", source]);
    fs::create_dir(folder.path().join("other")).expect("a folder");
    assert_snapshot!(refused("1.0.0"), @"
    ── stderr
    error: invalid value '1.0.0' for '--source <SOURCE>': it is none of `path:FOLDER`, a checkout of Plugwright, or `git:URL#TAG-OR-COMMIT`

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(refused("path:other"), @"
    ── stderr
    error: `other` is no checkout of Plugwright: there is no `crates/plugwright` in it
    [exit code 2]
    ");
    assert_snapshot!(refused("path:nowhere"), @"
    ── stderr
    error: cannot read the folder `nowhere`: No such file or directory (os error 2)
    [exit code 8]
    ");
    assert_snapshot!(refused("git:https://example.org/plugwright"), @"
    ── stderr
    error: invalid value 'git:https://example.org/plugwright' for '--source <SOURCE>': it does not say which tag or commit: append it, as in `git:https://example.org/plugwright#v1.0.0`

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(refused("git:git@example.org:plugwright#v1.0.0"), @"
    ── stderr
    error: invalid value 'git:git@example.org:plugwright#v1.0.0' for '--source <SOURCE>': `git@example.org:plugwright` is no URL such as `https://example.org/plugwright`, `ssh://` or `file://`

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(refused("git:https://example.org/\"plugwright#v1.0.0"), @r#"
    ── stderr
    error: invalid value 'git:https://example.org/"plugwright#v1.0.0' for '--source <SOURCE>': `https://example.org/"plugwright` is no URL such as `https://example.org/plugwright`, `ssh://` or `file://`

    For more information, try '--help'.
    [exit code 2]
    "#);
    assert!(!folder.path().join("mine").exists());
}

#[test]
fn it_refuses_contracts_that_no_plugin_can_be_of() {
    let folder = folder();
    let refused = |wit: &str, more: &[&str]| {
        fs::write(folder.path().join("own.wit"), wit).expect("a file");
        let arguments = ["mine", "--source", SOURCE, "--wit", "own.wit"];
        init(folder.path(), &[&arguments[..], more].concat())
    };
    let of = |functions: &str| {
        format!("package a:b;\ninterface i {{ {functions} }}\nworld w {{ export i; }}\n")
    };
    assert_snapshot!(refused("package a:b;\nworld w { export i }\n", &[]), @"
    ── stderr
    error: expected ';', found '}'
         --> own.wit:2:20
          |
        2 | world w { export i }
          |                    ^
    [exit code 7]
    ");
    assert_snapshot!(refused("package a:b;\ninterface i {}\n", &[]), @"
    ── stderr
    error: there is no world in `a:b`, which says what plugins import and export: add one to `own.wit`, such as `world plugin { export …; }`
    [exit code 7]
    ");
    assert_snapshot!(refused("package a:b;\nworld v {}\nworld w {}\n", &[]), @"
    ── stderr
    error: `a:b` has several worlds, `v`, `w`: name the one of the first plugin with `--world`
    [exit code 7]
    ");
    assert_snapshot!(refused("package a:b;\nworld v {}\nworld w {}\n", &["--world", "x"]), @"
    ── stderr
    error: there is no world `x` in `a:b`, only `v`, `w`
    [exit code 7]
    ");
    assert_snapshot!(refused(&of("f: async func();"), &[]), @"
    ── stderr
    error: the function `i.f` is async, which this host has not: write it without `async` in `a:b/i`
    [exit code 7]
    ");
    assert_snapshot!(refused(&of("f: func() -> future<u8>;"), &[]), @"
    ── stderr
    error: in the function `i.f`: this host has no type `future`: have a function in its place
    [exit code 7]
    ");
    assert_snapshot!(refused(&of("f: func(a: stream<u8>);"), &[]), @"
    ── stderr
    error: in the function `i.f`: this host has no type `stream`: have a list or a resource in its place
    [exit code 7]
    ");
    assert_snapshot!(refused(&of("f: func(a: list<error-context>);"), &[]), @"
    ── stderr
    error: in the function `i.f`: this host has no type `error-context`: have a string in its place
    [exit code 7]
    ");
    assert_snapshot!(refused(&of("f: func();"), &["--name", "Half Price"]), @"
    ── stderr
    error: `Half Price` is no name for a plugin: lowercase letters and digits, in words joined by `-`
    [exit code 2]
    ");
    assert_snapshot!(init(folder.path(), &["mine", "--source", SOURCE, "--wit", "nowhere"]), @"
    ── stderr
    error: cannot read the WIT file `nowhere`: No such file or directory (os error 2)
    [exit code 8]
    ");
    assert_snapshot!(init(folder.path(), &["mine", "--name", "half-price"]), @"
    ── stderr
    error: the following required arguments were not provided:
      --wit <PATH>

    Usage: plugwright init --wit <PATH> --name <NAME> --dist <FOLDER> --cache <FOLDER> <FOLDER>

    For more information, try '--help'.
    [exit code 2]
    ");
    assert!(!folder.path().join("mine").exists());
}
