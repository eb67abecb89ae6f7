//! `plugwright contract` on a folder of WIT: its releases, and folders that are not a contract.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use plugwright_cli::sources::material;
use tests::{Output, plugwright, program, root};

use crate::given_files;

/// Runs the command on `contract/` in `folder`.
fn contract(folder: &Path, options: &[&str]) -> Output {
    Output::of(&mut plugwright(folder, [&["contract", "contract"], options].concat()))
}

/// Writes a contract to `contract/` in `folder`. It has a function of this type, and uses another package.
fn write(folder: &Path, version: &str, function: &str) {
    let wit = format!(
        "package demo:lines@{version};\ninterface lines {{ use demo:words/words.{{word}}; cut: {function}; }}\n\
         world cutter {{ export lines; }}\n"
    );
    fs::create_dir_all(folder.join("contract/deps/words")).expect("the folder can be created");
    fs::write(folder.join("contract/lines.wit"), wit).expect("the file can be written");
    let words = "package demo:words;\ninterface words { type word = string; }\n";
    fs::write(folder.join("contract/deps/words/words.wit"), words)
        .expect("the file can be written");
}

#[test]
fn a_folder_that_is_in_itself_by_a_link_is_told_by_the_link() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let folder = folder.path();
    write(folder, "0.1.0", "func()");
    std::os::unix::fs::symlink(".", folder.join("contract/deps/again"))
        .expect("the link can be created");
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: `contract/deps/again` is a link to a folder that contains it: remove the link
    [exit code 7]
    ");
    fs::remove_file(folder.join("contract/deps/again")).expect("the link exists");
    std::os::unix::fs::symlink("..", folder.join("contract/deps/whole"))
        .expect("the link can be created");
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: `contract/deps/whole` is a link to a folder that contains it: remove the link
    [exit code 7]
    ");
    // A package that the contract uses may be in a folder around the contract. Only that folder's own files are
    // read.
    fs::remove_file(folder.join("contract/deps/whole")).expect("the link exists");
    fs::write(folder.join("around.wit"), "package demo:around;\n")
        .expect("the file can be written");
    std::os::unix::fs::symlink("../..", folder.join("contract/deps/around"))
        .expect("the link can be created");
    assert_snapshot!(contract(folder, &[]), @"
    contract: demo:lines@0.1.0 has no release: `plugwright contract --release` stores this as the first
    [exit code 0]
    ");
    fs::remove_dir_all(folder.join("contract/deps")).expect("the folder can be removed");
    std::os::unix::fs::symlink(".", folder.join("contract/deps")).expect("the link can be created");
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: `contract/deps` is a link to a folder that contains it: remove the link
    [exit code 7]
    ");
}

#[test]
fn what_a_plugin_is_built_from_is_in_no_folder_that_is_in_itself() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let folder = folder.path();
    for (file, text) in [("one/a", "a"), ("other/b", "b")] {
        fs::create_dir_all(folder.join(file).with_file_name(""))
            .expect("the folder can be created");
        fs::write(folder.join(file), text).expect("the file can be written");
    }
    let link = |to: &str, from: &str| {
        std::os::unix::fs::symlink(to, folder.join(from)).expect("the link can be created");
    };
    // Linking the same folder twice is not a loop, and counts as two folders.
    link("../other", "one/other");
    link("../other", "one/more");
    let copied = tempfile::tempdir().expect("a temporary folder can be created");
    for (file, text) in [("one/a", "a"), ("one/other/b", "b"), ("one/more/b", "b")] {
        let file = copied.path().join(file);
        fs::create_dir_all(file.with_file_name("")).expect("the folder can be created");
        fs::write(file, text).expect("the file can be written");
    }
    let [linked, copied] =
        [folder, copied.path()].map(|it| material(it, "one").expect("the files can be read"));
    assert_eq!(linked, copied);
    fs::remove_file(folder.join("one/more")).expect("the link exists");
    // Loops by way of another folder, around all of them, and directly.
    for (to, from, leads) in [
        ("../one", "other/one", "one/other/one"),
        ("..", "other/up", "one/other/up"),
        (".", "one/here", "one/here"),
    ] {
        link(to, from);
        let error = material(folder, "one").expect_err("the folder has no end").to_string();
        let leads = folder.join(leads);
        let says = "is a link to a folder that contains it: remove the link";
        assert_eq!(error, format!("`{}` {says}", leads.display()));
        fs::remove_file(folder.join(from)).expect("the link exists");
    }
}

#[test]
fn a_release_is_kept_and_is_what_comes_later_is_compared_with() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let folder = folder.path();
    write(folder, "0.1.0", "func(line: string) -> list<word>");
    assert_snapshot!(contract(folder, &[]), @"
    contract: demo:lines@0.1.0 has no release: `plugwright contract --release` stores this as the first
    [exit code 0]
    ");
    assert_snapshot!(contract(folder, &["--release"]), @"
    contract/releases/0.1.0: demo:lines@0.1.0, stored as a release
    [exit code 0]
    ");
    assert_snapshot!(contract(folder, &["--release"]), @"
    contract: demo:lines@0.1.0, as released
    ── stderr
    error: `contract/releases/0.1.0` already exists, and a release must not change
    [exit code 2]
    ");
    for file in ["lines.wit", "deps/words/words.wit"] {
        let [one, other] = ["contract", "contract/releases/0.1.0"]
            .map(|at| fs::read(folder.join(at).join(file)).expect(file));
        assert_eq!(one, other);
    }

    write(folder, "0.1.0", "func(line: word) -> list<string>");
    assert_snapshot!(contract(folder, &[]), @"
    contract: demo:lines@0.1.0, as released
    [exit code 0]
    ");
    write(folder, "0.1.0", "func(line: u32) -> list<word>");
    assert_snapshot!(contract(folder, &["--release"]), @"
    ── stderr
    error: `contract` breaks plugins built for demo:lines@0.1.0, but its version 0.1.0 promises compatibility:
      - the function `cut` of `lines` changed from `func(line: string) -> list<word>` to `func(line: u32) -> list<word>`: a plugin that was built before has the old form, and both sides have to agree
    give the package the version 0.2.0 in `contract/lines.wit`; or leave the released parts unchanged, and put new parts into a separate interface and world
    [exit code 7]
    ");
    write(folder, "0.2.0", "func(line: u32) -> list<word>");
    assert_snapshot!(contract(folder, &["--release"]), @"
    contract: demo:lines@0.2.0, which breaks plugins built for 0.1.0:
      - the function `cut` of `lines` changed from `func(line: string) -> list<word>` to `func(line: u32) -> list<word>`: a plugin that was built before has the old form, and both sides have to agree
    contract/releases/0.2.0: demo:lines@0.2.0, stored as a release
    [exit code 0]
    ");
    // 0.10.0 comes after 0.2.0.
    write(folder, "0.10.0", "func(line: u64) -> list<word>");
    assert_eq!(contract(folder, &["--release"]).code, Some(0));
    assert_snapshot!(contract(folder, &[]), @"
    contract: demo:lines@0.10.0, as released
    [exit code 0]
    ");
}

#[test]
fn a_release_that_was_changed_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let folder = folder.path();
    write(folder, "0.1.0", "func()");
    assert_eq!(contract(folder, &["--release"]).code, Some(0));
    let releases = folder.join("contract/releases");
    fs::rename(releases.join("0.1.0"), releases.join("0.1.1")).expect("the path exists");
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: `contract/releases/0.1.1` contains demo:lines@0.1.0: a release must be in the folder of its version and must not change
    [exit code 7]
    ");
    fs::rename(releases.join("0.1.1"), releases.join("first")).expect("the path exists");
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: the name of `contract/releases/first` is not a version: unexpected character 'f' while parsing major version number
    [exit code 7]
    ");
}

#[test]
fn whatever_a_contract_is_the_comparison_comes_to_an_end() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let folder = folder.path();
    let write = |file: &str, version: &str, items: &str| {
        let text =
            format!("package a:b@{version};\ninterface i {{\n{items}}}\nworld w {{ import i; }}\n");
        fs::write(folder.join(file), text).expect("the file can be written");
    };
    let compared = || given_files::run(folder, &["contract", "new.wit", "--since", "old.wit"]);
    // Each type holds the previous one twice, so the last one holds the first 2^60 times.
    let twice = |name: &str| -> String {
        let of = |number: u32| {
            format!("type {name}{number} = tuple<{name}{0}, {name}{0}>;\n", number - 1)
        };
        let types: String = (1..60).map(of).collect();
        format!("type {name}0 = u8;\n{types}f: func(of: {name}59);\n")
    };
    write("old.wit", "0.1.0", &twice("a"));
    write("new.wit", "0.2.0", &twice("b"));
    let output = compared();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(!output.stdout.contains("`f`"), "the contract is unchanged: {output}");
    // Each type is a list of the previous one, and each function takes one of them.
    let deep = |name: &str, first: &str| -> String {
        let of = |number: u32| format!("type {name}{number} = list<{name}{}>;\n", number - 1);
        let types: String = (1..30_000).map(of).collect();
        format!("type {name}0 = {first};\n{types}f: func(of: {name}29999);\n")
    };
    write("old.wit", "0.1.0", &deep("a", "u8"));
    for (first, is_same) in [("u8", true), ("u16", false)] {
        write("new.wit", "0.2.0", &deep("b", first));
        let output = compared();
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert_eq!(!output.stdout.contains("`f`"), is_same);
    }
    // No version comes after this one.
    let last = format!("0.0.{}", u64::MAX);
    write("old.wit", &last, "f: func();\n");
    write("new.wit", &last, "f: func(a: u8);\n");
    let output = compared();
    assert_eq!(output.code, Some(7), "{output}");
    write(
        "new.wit",
        &last,
        &format!("type a = {}u8{};\n", "list<".repeat(100_000), ">".repeat(100_000)),
    );
    let output = compared();
    assert!(output.stderr.contains("nesting too deep"), "{output}");
}

#[test]
fn what_is_no_contract_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let folder = folder.path();
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: there is no contract `contract`: name its folder or file, or run this in the folder of a project
    [exit code 8]
    ");
    fs::create_dir(folder.join("contract")).expect("the folder can be created");
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: there is no WIT in the folder `contract`
    [exit code 7]
    ");
    fs::write(folder.join("contract/a.wit"), "package a:b;\nworld w {}\n")
        .expect("the file can be written");
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: the package `a:b` has no version: write `package a:b@0.1.0;` in `contract/a.wit`
    [exit code 7]
    ");
    fs::write(folder.join("contract/a.wit"), "package a:b@0.1.0;\nworld w { import x; }\n")
        .expect("the file can be written");
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: interface or world `x` does not exist
         --> contract/a.wit:2:18
          |
        2 | world w { import x; }
          |                  ^
    [exit code 7]
    ");
    fs::write(folder.join("contract/a.wit"), "package a:b@0.1.0;\nworld w { import c:d/x; }\n")
        .expect("the file can be written");
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: package 'c:d' not found. known packages:
        a:b@0.1.0
         --> contract/a.wit:2:18
          |
        2 | world w { import c:d/x; }
          |                  ^--
    [exit code 7]
    ");
}

#[test]
fn a_release_in_the_folder_is_none_of_the_contract() {
    let arguments = ["component", "wit", "wit"];
    let output = Output::of(&mut program(Path::new("wasm-tools"), &root(), arguments));
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(output.stdout.matches("package ").count(), 1, "{output}");
}

#[test]
fn a_contract_has_so_many_files_and_so_much_in_them() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let folder = folder.path();
    write(folder, "0.1.0", "func()");
    // A file of a package that the contract uses, and many links to it.
    let words = folder.join("contract/deps/words/words.wit");
    let text = fs::read_to_string(&words).expect("the file was just written");
    let link = |number: usize| {
        let link = words.with_file_name(format!("{number}.wit"));
        std::os::unix::fs::symlink("words.wit", link).expect("the link can be created");
    };
    fs::write(&words, text + &" ".repeat(4_000_000)).expect("the file can be written");
    (0..4).for_each(link);
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: the contract `contract` and the packages that it uses have more than 16 MiB of WIT, which is the maximum: remove what it does not need
    [exit code 7]
    ");
    fs::write(&words, "package demo:words;\n").expect("the file can be written");
    (4..999).for_each(link);
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: the contract `contract` and the packages that it uses have more than 1000 files of WIT, which is the maximum: remove what it does not need
    [exit code 7]
    ");
}

#[test]
fn a_release_is_kept_in_the_folder_and_of_what_is_in_it() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let folder = folder.path();
    write(folder, "0.1.0", "func()");
    let (releases, elsewhere) = (folder.join("contract/releases"), folder.join("elsewhere"));
    fs::create_dir(&elsewhere).expect("the folder can be created");
    std::os::unix::fs::symlink("../elsewhere", &releases).expect("the link can be created");
    assert_snapshot!(contract(folder, &["--release"]), @"
    ── stderr
    error: `contract/releases` is a link: replace it with a folder, because releases are kept in the contract's own folder
    [exit code 7]
    ");
    assert_eq!(fs::read_dir(&elsewhere).expect("the folder can be read").count(), 0);
    fs::remove_file(&releases).expect("the file exists");
    // A file that is a link, and a file in a folder that is a link.
    let words = folder.join("contract/deps/words");
    fs::rename(&words, elsewhere.join("words")).expect("the path exists");
    std::os::unix::fs::symlink("../../elsewhere/words", &words).expect("the link can be created");
    fs::write(elsewhere.join("secret"), "/// A secret.\nworld secret {}\n")
        .expect("the file can be written");
    std::os::unix::fs::symlink("../elsewhere/secret", folder.join("contract/more.wit"))
        .expect("the link can be created");
    assert_eq!(contract(folder, &[]).code, Some(0));
    assert_snapshot!(contract(folder, &["--release"]), @"
    ── stderr
    error: links lead out of the folder `contract`:
      - `contract/more.wit`
      - `contract/deps/words/words.wit`
    replace the links with the files, because a release only contains files in the folder
    [exit code 2]
    ");
    assert!(!releases.exists());
    // A link that stays inside the folder.
    fs::remove_file(folder.join("contract/more.wit")).expect("the file exists");
    fs::remove_file(&words).expect("the file exists");
    fs::rename(elsewhere.join("words"), folder.join("contract/words")).expect("the path exists");
    std::os::unix::fs::symlink("../words", &words).expect("the link can be created");
    assert_eq!(contract(folder, &["--release"]).code, Some(0));
    fs::rename(releases.join("0.1.0"), elsewhere.join("0.1.0")).expect("the path exists");
    std::os::unix::fs::symlink("../../elsewhere/0.1.0", releases.join("0.1.0"))
        .expect("the link can be created");
    assert_snapshot!(contract(folder, &[]), @"
    ── stderr
    error: `contract/releases/0.1.0` is a link: replace it with a folder, because releases are kept in the contract's own folder
    [exit code 7]
    ");
}

#[test]
fn a_character_that_there_must_not_be_is_told_as_it_is_written() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    write(folder.path(), "0.1.0", "func()");
    let file = folder.path().join("contract/lines.wit");
    for (character, told) in [
        ('\u{202e}', r"Input contains bidirectional override codepoint `\u{202e}`"),
        ('\u{149}', r"Codepoint `\u{149}` is discouraged by Unicode"),
        ('\u{1b}', r"Control code '\u{1b}'"),
    ] {
        fs::write(&file, format!("package a:b@0.1.0;\n/// ({character}'))\n"))
            .expect("the file can be written");
        let output = contract(folder.path(), &[]);
        assert_eq!(output.stderr.lines().next(), Some(&*format!("error: {told}")), "{output}");
        assert!(output.stderr.contains("'))"), "the line is shown unescaped: {output}");
    }
}

#[test]
fn comments_that_the_parser_panics_at_are_read() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    write(folder.path(), "0.1.0", "/**/ func(line: string) -> list<word>");
    let file = folder.path().join("contract/lines.wit");
    let text = fs::read_to_string(&file).expect("the file was just written");
    fs::write(&file, text.replace("world", "//**/ A line.\n/**//// What cuts.\nworld"))
        .expect("the file can be written");
    let output = contract(folder.path(), &["--release"]);
    assert_eq!((output.code, &*output.stderr), (Some(0), ""), "{output}");
    assert_eq!(contract(folder.path(), &[]).code, Some(0));
}

#[test]
fn a_name_for_two_parts_of_one_thing_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let refused = |function: &str, more: &str| {
        write(folder.path(), "0.1.0", function);
        let file = folder.path().join("contract/lines.wit");
        let text = fs::read_to_string(&file).expect("the file was just written");
        fs::write(&file, text.replace("cut:", &format!("{more} cut:")))
            .expect("the file can be written");
        let output = contract(folder.path(), &[]);
        assert_eq!(output.code, Some(7), "{output}");
        output.stderr
    };
    assert_snapshot!(refused("func()", "record point { x: u32, x: u64 }"), @"error: contract/lines.wit:2:55: the record `point` has two fields named `x`: give one of them another name");
    assert_snapshot!(refused("func()", "variant shape { round, round(u32) }"), @"error: contract/lines.wit:2:56: the variant `shape` has two cases named `round`: give one of them another name");
    assert_snapshot!(refused("func()", "enum color { red, red }"), @"error: contract/lines.wit:2:53: the enum `color` has two cases named `red`: give one of them another name");
    assert_snapshot!(refused("func()", "flags care { much, much }"), @"error: contract/lines.wit:2:54: the flags `care` has two flags named `much`: give one of them another name");
    assert_snapshot!(refused("func(a: u32, a: u64)", ""), @"
    error: param `a` is defined more than once
         --> contract/lines.wit:2:67
          |
        2 | interface lines { use demo:words/words.{word};  cut: func(a: u32, a: u64); }
          |                                                                   ^
    ");
}
