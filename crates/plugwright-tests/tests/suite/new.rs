//! `just new`: the new plugin builds and passes its cases without further work.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Guest, Output, folder_names, guests, guests_dist, just, plugwright, root};

use crate::build::{WORKSPACE, workspace_manifest};

/// Returns a folder with the parts of the project that `just new` needs.
fn project() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    copy(&root().join("templates"), &folder.path().join("templates"));
    for name in ["justfile", "README.md", "plugwright.toml", "wit"] {
        copy(&root().join(name), &folder.path().join(name));
    }
    fs::write(folder.path().join("Cargo.toml"), workspace_manifest())
        .expect("the file can be written");
    let guest = "crates/plugwright-guest";
    copy(&root().join(guest), &folder.path().join(guest));
    folder
}

/// Copies a file, or a folder and everything in it. An identical existing copy keeps its time.
pub(crate) fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("the folder can be created");
        for entry in fs::read_dir(from).expect("the folder can be read").flatten() {
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else if fs::read(to).ok() != Some(fs::read(from).expect("the file can be read")) {
        fs::create_dir_all(to.parent().expect("the path has a parent folder"))
            .expect("the folder can be created");
        fs::write(to, fs::read(from).expect("the file can be read"))
            .expect("the copy can be written");
    }
}

fn new(folder: &Path, arguments: &[&str]) -> Output {
    Output::of(&mut just(folder, folder, [&["new"], arguments].concat()))
}

/// Returns the files below `folder`, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("the folder can be read").flatten().map(|entry| entry.path());
    let mut files: Vec<_> =
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

#[test]
fn what_it_writes_builds_for_each_world_and_passes_its_first_case() {
    let project = project();
    let worlds = ["prettify", "streamer", "transformer"];
    let templates = folder_names(&root().join("templates"));
    assert_eq!(templates.into_iter().filter(|it| it != "count").collect::<Vec<_>>(), worlds);
    let workspace = &*WORKSPACE;
    let changes = workspace.changes.lock().unwrap_or_else(PoisonError::into_inner);
    for world in worlds {
        let name = format!("new-{world}");
        let output = new(project.path(), &[&name, "--world", world]);
        assert_eq!(output.code, Some(0), "{output}");
        let crate_folder = project.path().join(format!("crates/plugin-{name}"));
        // The files go into the workspace of the tests, where they are compiled only if they changed.
        for file in files(&crate_folder) {
            let text = fs::read_to_string(&file).expect("the file is UTF-8");
            assert!(!text.contains("NAME"), "{}: {text}", file.display());
            let file = file.strip_prefix(project.path()).expect("the path is inside the folder");
            workspace.write(file.to_str().expect("the path is UTF-8"), &text);
        }
    }
    let names = worlds.map(|world| format!("new-{world}"));
    let output = workspace.build("dist", &names.each_ref().map(String::as_str));
    assert_eq!(output.code, Some(0), "{output}");
    drop(changes);

    let plugin = |world: &str| workspace.path(&format!("dist/new-{world}.wasm"));
    let case = |world: &str, case: &str| {
        project.path().join(format!("tests/cases/new-{world}")).join(case)
    };
    let (prettify, calls) = (plugin("prettify"), case("prettify", "first.calls"));
    let call = ["call".as_ref(), prettify.as_os_str(), "--calls".as_ref(), calls.as_os_str()];
    assert_snapshot!(Output::of(&mut plugwright(project.path(), call)), @r#"
    > words.prettify(["words", "to", "begin", "with"])
      host.log(info, "converting to upper case", [{key: "words", value: "4"}])
    < ok("WORDS TO BEGIN WITH")
    [exit code 0]
    "#);
    let run = |world: &str, options: &[&str]| {
        let (plugin, case) = (plugin(world), case(world, "first.txt"));
        let files = [plugin.as_os_str(), case.as_os_str()];
        let arguments = ["run".as_ref()].into_iter().chain(files);
        let options = options.iter().map(AsRef::as_ref);
        Output::of(&mut plugwright(project.path(), arguments.chain(options)))
    };
    assert_snapshot!(run("streamer", &[]), @"
    one line
    and another
    [exit code 0]
    ");
    assert_snapshot!(run("transformer", &[]), @"
    1 one line
    2 and another
    [exit code 0]
    ");
    assert_snapshot!(run("transformer", &["-O", "first=ten"]), @"
    ── stderr
    error: plugin `new-transformer` refused: option `first`: `ten` is not a whole number from 0 to 18446744073709551615
    [exit code 1]
    ");
}

#[test]
fn it_writes_a_crate_cases_and_a_line_in_the_readme() {
    let project = project();
    let before = files(project.path());
    assert_snapshot!(new(project.path(), &["line-numbers"]), @"
    ── stderr
    created crates/plugin-line-numbers/ and tests/cases/line-numbers/: build the plugin with `plugwright build line-numbers`, and review the results of its cases with `plugwright test line-numbers --review`
    [exit code 0]
    ");
    let added: Vec<_> = files(project.path())
        .into_iter()
        .filter(|file| !before.contains(file))
        .map(|file| {
            file.strip_prefix(project.path())
                .expect("the path is inside the folder")
                .display()
                .to_string()
        })
        .collect();
    assert_snapshot!(added.join("\n"), @"
    crates/plugin-line-numbers/Cargo.toml
    crates/plugin-line-numbers/plugin.toml
    crates/plugin-line-numbers/src/lib.rs
    tests/cases/line-numbers/first-from-ten.case
    tests/cases/line-numbers/first-of-no-number.case
    tests/cases/line-numbers/first.txt
    ");
    let old = fs::read_to_string(root().join("README.md")).expect("the README exists");
    let new = fs::read_to_string(project.path().join("README.md")).expect("the README exists");
    let row = "| [line-numbers](crates/plugin-line-numbers/src/lib.rs) | `transformer` | Numbers the \
               lines of a text |\n";
    assert_eq!(new.replace(row, ""), old);
    // The new line is the last one of the plugin table.
    assert!(new.contains(&format!("{row}\n")) && new.contains(&format!("|\n{row}")), "{new}");
}

#[test]
fn a_plugin_that_takes_no_documents_begins_with_calls() {
    let project = project();
    assert_snapshot!(new(project.path(), &["capitals", "--world", "prettify"]), @"
    ── stderr
    created crates/plugin-capitals/ and tests/cases/capitals/: build the plugin with `plugwright build capitals`, and review the results of its cases with `plugwright test capitals --review`
    [exit code 0]
    ");
    let cases = project.path().join("tests/cases/capitals");
    assert_eq!(files(&cases), [cases.join("first.calls")]);
}

#[test]
fn it_refuses_what_it_cannot_write_and_leaves_nothing() {
    let project = project();
    let before = files(project.path());
    assert_snapshot!(new(project.path(), &["Line_Numbers"]), @"
    ── stderr
    error: `Line_Numbers` is not a valid plugin name: use a lowercase letter, and then lowercase letters, digits and single `-`, 64 characters at most
    error: recipe `new` failed with exit code 2
    [exit code 2]
    ");
    assert_snapshot!(new(project.path(), &["../numbers"]), @"
    ── stderr
    error: `../numbers` is not a valid plugin name: use a lowercase letter, and then lowercase letters, digits and single `-`, 64 characters at most
    error: recipe `new` failed with exit code 2
    [exit code 2]
    ");
    assert_snapshot!(new(project.path(), &["numbers", "--world", "pricing"]), @"
    ── stderr
    error: there is no world `pricing` in `wit`, which has `prettify`, `transformer`, `streamer`
    error: recipe `new` failed with exit code 2
    [exit code 2]
    ");
    assert_eq!(files(project.path()), before);
    assert_eq!(new(project.path(), &["numbers"]).code, Some(0));
    let before = files(project.path());
    assert_snapshot!(new(project.path(), &["numbers"]), @"
    ── stderr
    error: `crates/plugin-numbers` already exists: choose another name, or remove it
    error: recipe `new` failed with exit code 2
    [exit code 2]
    ");
    assert_eq!(files(project.path()), before);
}

#[test]
fn it_begins_a_plugin_in_each_language_with_cases_of_its_own() {
    for Guest { name: language, .. } in guests() {
        let project = project_with_guests();
        let output = new(project.path(), &["hello", "--lang", &language]);
        assert_eq!(output.code, Some(0), "{output}");
        let folder = project.path().join("tests/languages/hello");
        let (mut texts, mut is_named) = (Vec::new(), false);
        for file in files(&folder) {
            let text = fs::read_to_string(&file).expect("the file is UTF-8");
            is_named |= text.contains("\"hello\"");
            texts.push(text);
        }
        assert!(is_named, "no file for `{language}` names the plugin");
        assert!(!texts.concat().contains("reference = "), "`{language}` names a reference");
        assert_eq!(files(&project.path().join("tests/cases/hello")).len(), 2);
        let readme =
            fs::read_to_string(project.path().join("README.md")).expect("the README exists");
        assert!(readme.contains("| [hello](tests/languages/hello) | `transformer` | "), "{readme}");
    }
}

#[test]
fn the_plugin_that_it_begins_in_another_language_builds_and_runs() {
    let Some(built) = guests_dist() else { return };
    // CI tries all languages. On other machines, only the one that is quick to compile is tried.
    let is_tried = |language: &str| std::env::var_os("CI").is_some() || language == "c";
    for entry in built.plugins().iter().filter(|entry| is_tried(&entry.name)) {
        let project = project_with_guests();
        let output = new(project.path(), &["hello", "--lang", &entry.name]);
        assert_eq!(output.code, Some(0), "{output}");
        let target = project.path().join("target");
        let output = Output::of(&mut just(project.path(), &target, ["build-languages", "hello"]));
        assert_eq!(output.code, Some(0), "{output}");
        let plugin = target.join("dist/languages/hello.wasm");
        let case = project.path().join("tests/cases/hello/first.txt");
        let arguments = ["run".as_ref(), plugin.as_os_str(), case.as_os_str()];
        let output = Output::of(&mut plugwright(project.path(), arguments));
        let counts = "{\"lines\":2,\"words\":4,\"characters\":21,\"bytes\":21}\n";
        assert_eq!(output.stdout, counts, "{}: {output}", entry.name);
        let arguments = ["inspect".as_ref(), plugin.as_os_str(), "--json".as_ref()];
        let output = Output::of(&mut plugwright(project.path(), arguments));
        assert!(output.stdout.contains("\"hello\""), "{}: {output}", entry.name);
    }
}

#[test]
fn it_refuses_languages_and_worlds_that_it_has_nothing_for() {
    let project = project_with_guests();
    let before = files(project.path());
    let refused = |arguments: &[&str]| {
        let output = new(project.path(), arguments);
        let line = output.stderr.lines().next().unwrap_or_default().to_owned();
        format!("{line}\n[exit code {}]", output.code.expect("the program has an exit code"))
    };
    assert_snapshot!(refused(&["numbers", "--lang", "cobol"]), @"
    error: invalid value 'cobol' for '--lang <LANGUAGE>'
    [exit code 2]
    ");
    assert_snapshot!(refused(&["numbers", "--lang", "go", "--world", "streamer"]), @"
    error: cannot generate a plugin in Go for your own contract: the generator of Go bindings downloads modules, but this pipeline builds without a network; choose rust, c, cpp, javascript, typescript, python or zig
    [exit code 7]
    ");
    assert_snapshot!(refused(&["zig", "--lang", "c"]), @"
    error: `tests/languages/zig` already exists: choose another name, or remove it
    [exit code 2]
    ");
    assert_eq!(files(project.path()), before);
}

/// The same with what plugins in other languages need.
fn project_with_guests() -> TempDir {
    let project = project();
    for name in ["tests/languages", ".config/tools"] {
        copy(&root().join(name), &project.path().join(name));
    }
    project
}
