//! Releases in places and environments that could change them.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use insta::assert_snapshot;

use crate::repository::{Output, Repository, names, root};

#[test]
fn the_command_is_built_as_that_of_a_release() {
    let small = Repository::small();
    small.packages("0.1.0");
    let program = small.path("target/programs/just");
    small.write(
        "target/programs/just",
        "#!/bin/sh
echo \"$1 $PLUGWRIGHT_RELEASED ${CARGO_BUILD_TARGET-none} ${PLUGWRIGHT-none} ${PLUGWRIGHT_DIST-none} $CARGO_TARGET_DIR\" >just.txt
[ -e other ] || [ -e target/release/plugwright ] || { mkdir -p target/release && cp target/plugwright target/release/; }
target/release/plugwright install \"$2\" --adapters dist/http
",
    );
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it exists");
    small.write("target/release/plugwright", "an earlier one, which fails");
    small.write(".gitignore", "/target\n/dist\n/just.txt\n/other\n");
    small.commit();
    let path = std::env::var("PATH").expect("it is set");
    let path = format!("{}:{path}", program.parent().expect("a folder").display());
    let variables = [
        ("PATH", &*path),
        ("CARGO_BUILD_TARGET", "wasm32-wasip2"),
        ("PLUGWRIGHT", "elsewhere"),
        ("PLUGWRIGHT_DIST", "elsewhere"),
    ];
    let output = small.release_with(&variables, ["archive", "target/parts"]);
    assert_eq!(output.code, Some(0), "{output}");
    let target = small.path("target").display().to_string();
    assert_eq!(small.read("just.txt"), format!("install 1 none none none {target}\n"));

    // A target in cargo's configuration.
    small.write("other", "");
    let output = small.release_with(&variables, ["archive", "target/parts"]);
    assert!(
        output.error().contains("remove `build.target` from cargo's configuration"),
        "{output}"
    );
}

#[test]
fn hooks_and_variables_of_git_have_no_effect() {
    let small = Repository::small();
    small.packages("0.1.0");
    let hooks = small.path("target/hooks");
    for hook in [
        "hooks/post-checkout",
        "hooks/pre-commit",
        "template/hooks/post-checkout",
        "hooks/prepare-commit-msg",
    ] {
        let name = format!("target/{hook}");
        small.write(&name, "#!/bin/sh\necho hook >&2\nexit 1\n");
        fs::set_permissions(small.path(&name), fs::Permissions::from_mode(0o755))
            .expect("it exists");
    }
    let config = format!(
        "[core]\nhooksPath = {0}\n[init]\ntemplateDir = {1}\n",
        hooks.display(),
        small.path("target/template").display()
    );
    small.write("target/home/git/config", config);
    let home = small.path("target/home").display().to_string();
    let template = small.path("target/template").display().to_string();
    let words = [
        "--dry-run",
        "0.1.0",
        "--plugwright",
        "target/plugwright",
        "--command",
        "target/plugwright",
        "--crates",
        "target/packages",
    ];
    let variables = [
        ("GIT_DIR", "/nowhere"),
        ("GIT_AUTHOR_NAME", "somebody"),
        ("GIT_TEMPLATE_DIR", &*template),
        ("XDG_CONFIG_HOME", &*home),
    ];
    let output = small.release_with(&variables, words);
    assert_eq!(output.code, Some(0), "{output}");
    let author =
        small.git(&["-C", "target/releases/0.1.0/source", "log", "-1", "--format=%an %cn"]);
    assert_eq!(author, "release release\n");
    assert!(!names(&small.path("target/releases/0.1.0/source/.git")).contains(&"hooks".to_owned()));
}

#[test]
fn folders_that_would_change_the_tree_are_refused() {
    let small = Repository::small();
    small.write("link.md", "## [Unreleased]\n\n- New.\n");
    let output = small.dry_run("0.1.0", &["--output", "new/out"]).error();
    assert!(output.contains("uncommitted"));
    small.commit();
    let inside = small.dry_run("0.1.0", &["--output", "new/out"]).error();
    let dots = small.dry_run("0.1.0", &["--output", "target/../new"]).error();
    let pattern = small.dry_run("0.1.0", &["--output", "target/a[b"]).error();
    let target = small.release_with(&[("CARGO_TARGET_DIR", "new")], ["package"]).error();
    fs::remove_file(small.path("CHANGELOG.md")).expect("it existed");
    symlink("link.md", small.path("CHANGELOG.md")).expect("a link");
    small.commit();
    let link = small.dry_run("0.1.0", &[]).error();
    assert_snapshot!([inside, dots, pattern, target, link].concat(), @"
    error: `$ROOT/new/out` is inside of this repository, and git does not ignore it: name another folder with `--output`
    error: `$ROOT/new` is inside of this repository, and git does not ignore it: name another folder with `--output`
    error: `$ROOT/target/a[b` contains a character that cargo takes for a pattern: choose a folder without `*`, `?` and `[`
    error: `$ROOT/new` is inside of this repository, and git does not ignore it: name another folder with CARGO_TARGET_DIR
    error: `$ROOT/CHANGELOG.md` is a link or a folder instead of a file: replace it with a file
    ");
    assert_eq!(small.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_dry_run_replaces_only_its_own_folder() {
    let small = Repository::small();
    small.packages("0.1.0");
    for _ in 0..2 {
        let output = small.dry_run("0.1.0", &[]);
        assert_eq!(output.code, Some(0), "{output}");
    }
    small.write("target/releases/0.1.0/mine.txt", "");
    let foreign = small.dry_run("0.1.0", &[]).error();
    fs::remove_dir_all(small.path("target/releases/0.1.0")).expect("it existed");
    small.write("target/releases/0.1.0/files/mine.txt", "");
    let unmarked = small.dry_run("0.1.0", &[]).error();
    fs::remove_dir_all(small.path("target/releases")).expect("it existed");
    let lock = File::create(small.path("target/release.lock")).expect("a file");
    lock.lock().expect("nobody else has it");
    let locked = small.dry_run("0.1.0", &[]).error();
    assert_snapshot!([foreign, unmarked, locked].concat(), @"
    error: `$ROOT/target/releases/0.1.0` has files that are not of a dry run: move them away, and remove the folder
    error: `$ROOT/target/releases/0.1.0` has files that are not of a dry run: move them away, and remove the folder
    error: another release is made in `$ROOT/target`: wait until it has ended
    ");
}

#[test]
fn archives_replace_links_and_leave_nothing_beside_them() {
    let small = Repository::small();
    let archive = small.tagged();
    fs::remove_file(small.path(&archive)).expect("it existed");
    symlink(small.path("README.md"), small.path(&archive)).expect("a link");
    let words = ["archive", "target/parts", "--command", "target/plugwright"];
    assert_eq!(small.release(words).code, Some(0));
    assert_eq!(small.read("README.md"), "README.md");
    assert_eq!(names(&small.path("target/parts")), [archive.trim_start_matches("target/parts/")]);
    assert!(!names(&small.path("target")).iter().any(|name| name.starts_with("release-")));
}

#[test]
fn messages_are_printable_and_empty_variables_are_unset() {
    let small = Repository::small();
    let control = small.dry_run("0.1\u{1b}[31m", &[]).error();
    let variables = [("PLUGWRIGHT", ""), ("PLUGWRIGHT_BUILT_BY", ""), ("CARGO_TARGET_DIR", "")];
    let empty = small.release_with(&variables, ["0.1.0"]).error();
    assert_snapshot!([control, empty].concat(), @r"
    error: `0.1\u{1b}[31m` is not a version such as 0.2.0 or 1.0.0-rc.1: unexpected character '\u{1b}' after minor version number
    error: cannot check the contract, because `$ROOT/target/debug/plugwright` does not exist: run `just build`, or name the command with `--plugwright`
    ");
    // A git that fails without a word.
    small.write("target/programs/git", "#!/bin/sh\nexit 3\n");
    let path = small.path("target/programs/git");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it exists");
    let path = path.parent().expect("a folder").display().to_string();
    assert_snapshot!(small.release_with(&[("PATH", &path)], ["0.1.0"]).error(), @"error: `git status --porcelain` failed: exit status: 3");
}

#[test]
fn the_recipe_compiles_the_command_only_to_check_the_contract() {
    let small = Repository::small();
    let program = small.path("target/programs/cargo");
    small.write("target/programs/cargo", "#!/bin/sh\necho \"$@\"\n");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it exists");
    let path = std::env::var("PATH").expect("it is set");
    let path = format!("{}:{path}", program.parent().expect("a folder").display());
    let recipe = |words: &[&str]| {
        let mut just = Command::new("just");
        just.arg("release").args(words).current_dir(root()).env("PATH", &path);
        just.env("CARGO_TARGET_DIR", small.path("target/none")).env_remove("PLUGWRIGHT");
        Output::well(&mut just)
    };
    let words: [&[&str]; 6] = [
        &["package"],
        &["join", "parts"],
        &["crates"],
        &["archive", "parts"],
        &["--help"],
        &["0.2.0", "-h"],
    ];
    for words in words {
        let expected = format!("run --quiet --locked --package release -- {}\n", words.join(" "));
        assert_eq!(recipe(words), expected);
    }
    let expected =
        "build --bin plugwright\nrun --quiet --locked --package release -- --dry-run 0.2.0\n";
    assert_eq!(recipe(&["--dry-run", "0.2.0"]), expected);
}
