//! What `plugwright init` refuses, and that it leaves nothing behind.

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
    fs::create_dir(path("full")).expect("the folder can be created");
    for name in ["a", "b", "c", "d", "e"] {
        fs::write(path("full").join(name), "").expect("the file can be written");
    }
    fs::create_dir(path("hidden")).expect("the folder can be created");
    fs::create_dir(path("hidden/.git")).expect("the folder can be created");
    fs::write(path("file"), "").expect("the file can be written");
    symlink("nowhere", path("link")).expect("the link can be created");
    let before = list(folder.path());
    let refused = |place: &str| init(folder.path(), &[place, "--source", SOURCE]);
    assert_snapshot!(refused("full"), @"
    ── stderr
    error: `full` is not empty, it has `a`, `b`, `c` and 2 more: name a folder that is new or empty
    [exit code 2]
    ");
    assert_snapshot!(refused("hidden"), @"
    ── stderr
    error: `hidden` is not empty, it has `.git`: name a folder that is new or empty
    [exit code 2]
    ");
    assert_snapshot!(refused("file"), @"
    ── stderr
    error: `file` is a file: name a folder that is new or empty
    [exit code 2]
    ");
    assert_snapshot!(refused("file/below"), @"
    ── stderr
    error: cannot read the folder `file/below`: Not a directory (os error 20)
    [exit code 8]
    ");
    assert_snapshot!(refused("link"), @"
    ── stderr
    error: `link` is a broken link: remove it, or name another folder
    [exit code 2]
    ");
    assert_snapshot!(refused("no/folder"), @"
    ── stderr
    error: cannot write `no/folder`: there is no folder `no`
    [exit code 8]
    ");
    // A folder in which nobody can create anything.
    assert_snapshot!(refused("/proc/mine"), @"
    ── stderr
    error: cannot write `/proc/mine`: cannot create files in the folder `/proc`
    [exit code 8]
    ");
    let wrong = OsStr::from_bytes(b"wrong\xff");
    assert_snapshot!(init(folder.path(), &[wrong, OsStr::new("--source"), SOURCE.as_ref()]), @r"
    ── stderr
    error: the path `$FOLDER/wrong\xff` is not UTF-8, as cargo requires: name another folder
    [exit code 2]
    ");
    assert_eq!(before, list(folder.path()));
}

#[test]
fn it_refuses_sources_that_are_none() {
    let folder = folder();
    let refused = |source: &str| init(folder.path(), &["mine", "--source", source]);
    fs::create_dir(folder.path().join("other")).expect("the folder can be created");
    assert_snapshot!(refused("1.0.0"), @"
    ── stderr
    error: invalid value '1.0.0' for '--source <SOURCE>': it has to be `version:VERSION`, `path:FOLDER`, a checkout of Plugwright, or `git:URL#TAG-OR-COMMIT`

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(refused("version:1"), @"
    ── stderr
    error: invalid value 'version:1' for '--source <SOURCE>': `1` is not a version such as `1.0.0`: unexpected end of input while parsing major version number

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(refused("path:other"), @"
    ── stderr
    error: `other` is not a checkout of Plugwright: it has no `crates/plugwright`
    [exit code 2]
    ");
    assert_snapshot!(refused("path:nowhere"), @"
    ── stderr
    error: cannot read the folder `nowhere`: No such file or directory (os error 2)
    [exit code 8]
    ");
    assert_snapshot!(refused("git:https://example.org/plugwright"), @"
    ── stderr
    error: invalid value 'git:https://example.org/plugwright' for '--source <SOURCE>': the tag or commit is missing: append it, as in `git:https://example.org/plugwright#v1.0.0`

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(refused("git:git@example.org:plugwright#v1.0.0"), @"
    ── stderr
    error: invalid value 'git:git@example.org:plugwright#v1.0.0' for '--source <SOURCE>': `git@example.org:plugwright` is not a URL such as `https://example.org/plugwright`, `ssh://…` or `file://…`

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(refused("git:https://example.org/\"plugwright#v1.0.0"), @r#"
    ── stderr
    error: invalid value 'git:https://example.org/"plugwright#v1.0.0' for '--source <SOURCE>': `https://example.org/"plugwright` is not a URL such as `https://example.org/plugwright`, `ssh://…` or `file://…`

    For more information, try '--help'.
    [exit code 2]
    "#);
    let told = ["ada:moonlight", "ada@here:moonlight"].map(|user| {
        refused(&format!("git:https://{user}@example.org/plugwright#v1.0.0")).to_string()
    });
    assert!(!told.concat().contains("moonlight"), "{told:?}");
    assert_snapshot!(told.concat(), @"
    ── stderr
    error: the URL of `--source` contains a password, which would be written into the repository: leave it out, and let git ask for it
    [exit code 2]
    ── stderr
    error: the URL of `--source` contains a password, which would be written into the repository: leave it out, and let git ask for it
    [exit code 2]
    ");
    assert_snapshot!(refused("git:https://example.org/plugwright#1234abc"), @"
    ── stderr
    error: invalid value 'git:https://example.org/plugwright#1234abc' for '--source <SOURCE>': `1234abc` looks like the beginning of a commit: give all 40 digits

    For more information, try '--help'.
    [exit code 2]
    ");
    for odd in ["-v1", "v1..v2", "v1.lock", ".v1", "a//b", "v1.", "a/"] {
        let told = refused(&format!("git:https://example.org/plugwright#{odd}"));
        assert!(told.stderr.contains(&format!("`{odd}` is not a tag or a commit")), "{told}");
    }
    assert!(!folder.path().join("mine").exists());
}

#[test]
fn it_refuses_contracts_that_no_plugin_can_be_of() {
    let folder = folder();
    let refused = |wit: &str, more: &[&str]| {
        fs::write(folder.path().join("own.wit"), wit).expect("the file can be written");
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
    error: `a:b` has no world that says what plugins import and export: add one to `own.wit`, such as `world plugin { export …; }`
    [exit code 7]
    ");
    assert_snapshot!(refused("package a:b;\nworld v {}\nworld w {}\n", &[]), @"
    ── stderr
    error: `a:b` has several worlds, `v`, `w`: choose the first plugin's world with `--world`
    [exit code 7]
    ");
    assert_snapshot!(refused("package a:b;\nworld v {}\nworld w {}\n", &["--world", "x"]), @"
    ── stderr
    error: there is no world `x` in `a:b`, only `v`, `w`
    [exit code 7]
    ");
    assert_snapshot!(refused(&of("f: async func();"), &[]), @"
    ── stderr
    error: the function `i.f` is async, which this host does not support: remove `async` from it in `a:b/i`
    [exit code 7]
    ");
    assert_snapshot!(refused(&of("f: func() -> future<u8>;"), &[]), @"
    ── stderr
    error: in the function `i.f`: this host does not support the type `future`: use a function instead
    [exit code 7]
    ");
    assert_snapshot!(refused(&of("f: func(a: stream<u8>);"), &[]), @"
    ── stderr
    error: in the function `i.f`: this host does not support the type `stream`: use a list or a resource instead
    [exit code 7]
    ");
    assert_snapshot!(refused(&of("f: func(a: list<error-context>);"), &[]), @"
    ── stderr
    error: in the function `i.f`: this host does not support the type `error-context`: use a string instead
    [exit code 7]
    ");
    assert_snapshot!(refused(&of("f: func();"), &["--name", "Half Price"]), @"
    ── stderr
    error: `Half Price` is not a valid plugin name: use lowercase letters and digits, in words joined by `-`
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
