//! `plugwright new` when it fails: it leaves nothing behind, so that the same command can be run again.

use std::fs;

use insta::assert_snapshot;

use crate::new::files;
use crate::project::{COPY, Project};

const CARGO: &str = "[workspace]\nmembers = [\"plugins/*\"]\nresolver = \"3\"\n";

/// Returns the output of `plugwright new`, and checks that it leaves nothing behind if it fails.
fn new(project: &Project, arguments: &[&str]) -> String {
    let before = files(&project.path("."));
    let output = project.run(&[&["new"], arguments].concat());
    if output.code != Some(0) {
        assert_eq!(files(&project.path(".")), before, "{output}");
        let begun = ["plugins", "tests/cases", "."].map(|folder| project.names(folder));
        assert!(!begun.concat().iter().any(|name| name.starts_with(".plugwright")), "{begun:?}");
    }
    output.to_string()
}

#[test]
fn a_name_that_is_taken_or_none_is_refused() {
    let project = Project::new();
    project.plugin("more/other", COPY);
    project.write("plugwright.toml", "[[group]]\nplugins = [\"more/*\"]\nfolder = \"more\"\n");
    project.write("tests/cases/tested/first.calls", "");
    let told = [
        "echo",
        "other",
        "tested",
        "Echo",
        "e_cho",
        "",
        "-",
        "a--b",
        "1st",
        "a/b",
        &"a".repeat(65),
    ];
    let told =
        told.map(|name| new(&project, &["--world", "transformer", "--lang", "c", "--", name]));
    assert_snapshot!(told.concat(), @"
    ── stderr
    error: `plugins/echo` already exists: choose another name, or remove it
    [exit code 2]
    ── stderr
    error: `more/other` already exists: choose another name, or remove it
    [exit code 2]
    ── stderr
    error: `tests/cases/tested` already exists: choose another name, or remove it
    [exit code 2]
    ── stderr
    error: `Echo` is not a valid plugin name: use a lowercase letter, and then lowercase letters, digits and single `-`, 64 characters at most
    [exit code 2]
    ── stderr
    error: `e_cho` is not a valid plugin name: use a lowercase letter, and then lowercase letters, digits and single `-`, 64 characters at most
    [exit code 2]
    ── stderr
    error: `` is not a valid plugin name: use a lowercase letter, and then lowercase letters, digits and single `-`, 64 characters at most
    [exit code 2]
    ── stderr
    error: `-` is not a valid plugin name: use a lowercase letter, and then lowercase letters, digits and single `-`, 64 characters at most
    [exit code 2]
    ── stderr
    error: `a--b` is not a valid plugin name: use a lowercase letter, and then lowercase letters, digits and single `-`, 64 characters at most
    [exit code 2]
    ── stderr
    error: `1st` is not a valid plugin name: use a lowercase letter, and then lowercase letters, digits and single `-`, 64 characters at most
    [exit code 2]
    ── stderr
    error: `a/b` is not a valid plugin name: use a lowercase letter, and then lowercase letters, digits and single `-`, 64 characters at most
    [exit code 2]
    ── stderr
    error: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` is not a valid plugin name: use a lowercase letter, and then lowercase letters, digits and single `-`, 64 characters at most
    [exit code 2]
    ");
}

#[test]
fn a_world_is_named_where_there_are_several_and_can_be_hosted() {
    let project = Project::new();
    let c = |world: &[&str]| new(&project, &[&["more", "--lang", "c"], world].concat());
    let mut told = c(&[]) + &c(&["--world", "nowhere"]);
    told += &new(&project, &["more", "--world", "transformer", "--lang", "go"]);
    fs::remove_dir_all(project.path("wit")).expect("the folder exists");
    told += &c(&[]);
    for (name, world) in [("one", "same"), ("two", "same")] {
        let wit = format!("package a:{name}@0.1.0;\nworld {world} {{ export f: func(); }}\n");
        project.write(&format!("wit/{name}/a.wit"), wit);
    }
    told += &(c(&[]) + &c(&["--world", "same"]));
    fs::remove_dir_all(project.path("wit")).expect("the folder exists");
    project.write("wit/a.wit", "package a:b@0.1.0;\nworld w { export f: async func(); }\n");
    told += &c(&[]);
    project.write("wit/a.wit", "package a:b@0.1.0;\nworld w { export f: func( }\n");
    told += &c(&[]);
    assert_snapshot!(told, @"
    ── stderr
    error: cannot choose the world of the plugin: `wit` has `prettify`, `transformer`, `streamer`; name one with `--world`
    [exit code 2]
    ── stderr
    error: there is no world `nowhere` in `wit`, which has `prettify`, `transformer`, `streamer`
    [exit code 2]
    ── stderr
    error: cannot generate a plugin in Go for your own contract: the generator of Go bindings downloads modules, but this pipeline builds without a network; choose rust, c, cpp, javascript, typescript, python or zig
    [exit code 7]
    ── stderr
    error: cannot read the WIT file `wit`: No such file or directory (os error 2)
    [exit code 8]
    ── stderr
    error: cannot choose the world of the plugin: `wit` has `a:one/same@0.1.0`, `a:two/same@0.1.0`; name one with `--world`
    [exit code 2]
    ── stderr
    error: there are several worlds `same` in `wit`: name one of `a:one/same@0.1.0`, `a:two/same@0.1.0` with `--world`
    [exit code 2]
    ── stderr
    error: the function `f` is async, which this host does not support: remove `async` from it in `w`
    [exit code 7]
    ── stderr
    error: expected an identifier or string, found '}'
         --> wit/a.wit:2:27
          |
        2 | world w { export f: func( }
          |                           ^
    [exit code 7]
    ");
}

#[test]
fn a_crate_that_the_workspace_does_not_take_is_none() {
    let project = Project::empty();
    fs::create_dir(project.path("plugins")).expect("the folder can be created");
    fs::create_dir_all(project.path("tests/cases")).expect("the folder can be created");
    let rust = || new(&project, &["more", "--world", "prettify"]);
    let mut told = rust();
    project.write("Cargo.toml", CARGO.replace("plugins/*", "app"));
    project.write(
        "app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    project.write("app/src/lib.rs", "");
    told += &rust();
    project.write("Cargo.toml", "[workspace\n");
    told += &rust();
    project.write("Cargo.toml", CARGO);
    assert_snapshot!(told, @"
    ── stderr
    error: there is no `Cargo.toml` in `$FOLDER`, and a plugin in Rust needs a workspace: create a repository that has one with `plugwright init FOLDER --wit wit`, or choose another language with `--lang`
    [exit code 2]
    ── stderr
    error: `plugins/more` is not a member of the workspace: add it to `members` in `Cargo.toml`
    [exit code 2]
    ── stderr
    error: `cargo metadata --no-deps --format-version 1` failed: error: unclosed table, expected `]`
     --> Cargo.toml:1:11
      |
    1 | [workspace
      |           ^
    [exit code 2]
    ");
    assert!(rust().contains("[exit code 0]"));
    // Cargo takes a plugin in another language for a crate, too, unless `exclude` names its folder.
    let c = || new(&project, &["other", "--world", "prettify", "--lang", "c"]);
    assert_snapshot!(c(), @r#"
    ── stderr
    error: cargo takes `plugins/other` for a crate and fails: add `exclude = ["plugins/other"]` to `[workspace]` in `Cargo.toml`, or set `plugins` in `plugwright.toml` to put plugins that are not crates into another folder
    [exit code 2]
    "#);
    project.write("Cargo.toml", format!("{CARGO}exclude = [\"plugins/other\"]\n"));
    assert!(c().contains("[exit code 0]"));
    assert!(new(&project, &["last", "--world", "prettify"]).contains("[exit code 0]"));
}

#[test]
fn what_cannot_be_written_leaves_nothing_and_a_table_gets_a_row() {
    let project = Project::new();
    let c = || new(&project, &["more", "--world", "prettify", "--lang", "c"]);
    project.write("tests", "a file");
    let mut told = c();
    fs::remove_file(project.path("tests")).expect("the file exists");
    fs::create_dir_all(project.path("tests/cases")).expect("the folder can be created");
    fs::write(project.path("README.md"), b"| [a](b) | \xff |\n").expect("the file can be written");
    told += &c();
    project.write("plugwright.toml", "[templates]\nc = \"nowhere\"\n");
    project.write("README.md", "no table\n");
    told += &c();
    project.write("plugwright.toml", "plugins = [\"plugins/echo\"]\n");
    told += &c();
    fs::remove_file(project.path("plugwright.toml")).expect("the file exists");
    assert_snapshot!(told, @"
    ── stderr
    error: cannot write `tests/cases`: a file is in the way of the folder: move it away
    [exit code 8]
    ── stderr
    error: cannot read the README `README.md`: it is not UTF-8
    [exit code 8]
    ── stderr
    error: there is no folder `nowhere`, named as a template in `plugwright.toml`
    [exit code 2]
    ── stderr
    error: `plugins` in `plugwright.toml` has no pattern with `*` for new plugins: add one
    [exit code 2]
    ");
    assert!(c().contains("[exit code 0]"));
    assert_eq!(project.read("README.md"), "no table\n");
    project.write("README.md", "| Plugin |\n|---|\n| [a](b) |");
    let told = new(&project, &["last", "--world", "prettify", "--lang", "c"]);
    assert!(told.contains("[exit code 0]"), "{told}");
    assert_snapshot!(project.read("README.md"), @"
    | Plugin |
    |---|
    | [a](b) |
    ");
}

#[test]
fn a_plugin_that_does_not_compile_is_not_blamed_for_its_contract() {
    let project = Project::new();
    project.plugin("plugins/echo", "echo 'error: cannot find `words`' >&2; exit 1");
    project.write(
        "wit/words.wit",
        "package demo:echo;\n\ninterface words { record line { from: string } }\n",
    );
    assert_snapshot!(project.run(&["build", "echo"]), @"
    ── stderr
    error: cannot find `words`
    error: expected an identifier or string, found keyword `from`
         --> wit/words.wit:3:33
          |
        3 | interface words { record line { from: string } }
          |                                 ^---
    to use the keyword as a name, write `%from`
    error: plugin `echo` failed to compile: fix the contract `wit`, whose error is the last one above; then build it again
    [exit code 1]
    ");
}
