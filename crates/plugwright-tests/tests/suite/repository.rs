//! The template of a repository of one's own: a plugin is added to it, built and tested.

use std::fs;
use std::path::{Path, PathBuf};

use tests::{Output, just, program, root, target_folder};

use crate::new::{copy, files};

/// The repository that the template makes, in the same place in each run, so that cargo compiles what
/// changed and no more.
fn repository() -> PathBuf {
    let folder = target_folder("pipeline").join("repository");
    let list = fs::read_to_string(root().join("templates/repository")).expect("the list");
    let entries: Vec<_> = list.lines().filter(|line| !line.starts_with('#')).collect();
    // What the last run made goes, and so does what the list has no more.
    for made in ["crates/plugin-hello", "tests/cases/hello", "tests/snapshots/hello"] {
        let _ = fs::remove_dir_all(folder.join(made));
    }
    fs::create_dir_all(&folder).expect("a folder");
    for file in files(&folder) {
        let listed = |entry: &&str| file.starts_with(folder.join(entry));
        let is_gone = || {
            let file = file.strip_prefix(&folder).expect("it is below");
            !root().join(file).is_file()
        };
        if !file.starts_with(folder.join("dist")) && (!entries.iter().any(listed) || is_gone()) {
            fs::remove_file(&file).expect("it is there");
        }
    }
    for entry in entries {
        copy(&root().join(entry), &folder.join(entry));
    }
    folder
}

fn expect(output: &Output, words: &str) {
    assert_eq!(output.code, Some(0), "{output}");
    assert!(format!("{output}").contains(words), "no word of `{words}` in: {output}");
}

#[test]
fn it_takes_a_plugin_builds_and_tests_it() {
    let repository = repository();
    let new = Output::of(&mut just(&repository, &target_folder("pipeline"), ["new", "hello"]));
    expect(&new, "crates/plugin-hello/ and tests/cases/hello/ are there");
    let readme = fs::read_to_string(repository.join("README.md")).expect("it was begun");
    let rows: Vec<_> = readme.lines().filter(|line| line.starts_with("| [")).collect();
    assert_eq!(
        rows,
        [
            "| [quote](crates/plugin-quote/src/lib.rs) | `prettify` | Puts words into quotation marks |",
            "| [hello](crates/plugin-hello/src/lib.rs) | `transformer` | Numbers the lines of a text |",
        ]
    );

    let mut build = just(&repository, &target_folder("pipeline"), ["build"]);
    let build = build.env("PLUGWRIGHT_DIST", "dist").env("CARGO_NET_OFFLINE", "true");
    expect(&Output::of(build), "dist/");
    expect(&Output::of(build), "nothing to do: dist/ is up to date");

    // The first run takes what comes out of the new plugin, and the second compares it.
    expect(&test(&repository, "always"), "test hello/first.txt");
    expect(&test(&repository, "no"), "test guards/every case is a file with a snapshot");
}

/// Runs the plugins' tests as `just test` does, with what is compiled for this project of other people's
/// crates. Cargo takes crates of the same place in two workspaces for the same, so these are compiled in
/// another way.
fn test(repository: &Path, update: &str) -> Output {
    let mut command = program(Path::new("cargo"), repository, ["test", "--package", "tests"]);
    for name in ["plugwright", "tests"] {
        command.arg(format!("--config=profile.dev.package.{name}.codegen-units=8"));
    }
    command.args(["--", "--skip", "plain cargo"]);
    command.env("CARGO_TARGET_DIR", target_folder("")).env("CARGO_NET_OFFLINE", "true");
    let force = if update == "no" { "0" } else { "1" };
    Output::of(command.env("INSTA_UPDATE", update).env("INSTA_FORCE_PASS", force))
}
