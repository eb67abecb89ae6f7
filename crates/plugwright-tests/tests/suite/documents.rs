//! The documents: every command in them runs, every path in them is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tests::{Output, dist_folder, just, plugwright, program, root, target_folder};

use crate::guide;

/// Recipes that a run of the tests cannot contain, because it is a part of them, they ask a person or they
/// take minutes. That they exist is checked; CI runs `ci`, of which the others are steps.
pub(crate) const NOT_RUN: &[&str] = &[
    "test",
    "review",
    "bless",
    "bench",
    "bench-peers",
    "models",
    "registries",
    "http",
    "report",
    "reports",
    "engines",
    "browsers",
    "pages",
    "site",
    "install",
    "fuzz",
    "lint",
    "fmt",
    "ci",
    "clean",
    "dev",
    "new",
    "size",
    "repro",
    "verify",
    "audit",
    "workflows",
    "build-languages",
    "languages",
];

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("README.md")
}

/// The lines of the code blocks of the language `language`.
pub(crate) fn code(text: &str, language: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(info) => inside = !inside && info == language,
            None if inside => lines.push(line.to_owned()),
            None => {}
        }
    }
    lines
}

/// The words of a command, as a shell has them.
fn words(line: &str) -> Vec<String> {
    shlex::split(line).unwrap_or_else(|| panic!("a quote is not closed in `{line}`"))
}

/// What stands between single backquotes outside of code blocks.
pub(crate) fn code_spans(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    prose.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " ")).collect()
}

/// The documents in `folder` and below, without what is made, cases, which are input, and the template of the flake, which is
/// another repository.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("its entry")) {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let skipped =
            name.starts_with('.') || ["target", "dist", "cases", "template"].contains(&&*name);
        if entry.file_type().expect("it was just listed").is_dir() {
            documents.extend(if skipped { Vec::new() } else { self::documents(&path) });
        } else if name.ends_with(".md") {
            documents.push(path);
        }
    }
    documents
}

pub(crate) fn recipes() -> BTreeSet<String> {
    let target = target_folder("debug");
    let output = Output::of(&mut just(&root(), &target, ["--summary"]));
    assert_eq!(output.code, Some(0), "{output}");
    output.stdout.split_whitespace().map(str::to_owned).collect()
}

/// Runs cargo as a person does. What `cargo run` builds first is built together with the tests, with the
/// same result.
fn run_cargo(arguments: &[&str]) -> Output {
    let target = target_folder("");
    if let ["run", "--bin", name, arguments @ ..] = arguments {
        let path = |word: &&str| word.replace("target/", &target.to_string_lossy());
        let program_path = target.join("debug").join(name);
        return Output::of(&mut program(&program_path, &root(), arguments.iter().map(path)));
    }
    let mut command = program(Path::new("cargo"), &root(), arguments);
    Output::of(command.env("CARGO_TARGET_DIR", target).env("CARGO_NET_OFFLINE", "true"))
}

#[test]
fn every_command_of_the_readme_runs() {
    // Another version of the command may have kept another record of its results.
    let _ = fs::remove_dir_all(root().join("target/pages"));
    let recipes = recipes();
    let begun = tempfile::tempdir().expect("a temporary folder");
    for line in code(&readme(), "sh") {
        // The plugins under test can be elsewhere.
        let dist = dist_folder();
        let line = line.replace(" dist/", &format!(" {}/", dist.display()));
        let words = words(&line);
        let words: Vec<&str> = words.iter().map(|word| &**word).collect();
        let words = words.strip_prefix(&["./dev"]).unwrap_or(&words);
        let output = match words {
            // CI runs these; whether there is a Nix here is not for the tests to say.
            // What the template makes has a test of its own.
            ["nix", "develop"]
            | ["nix", "build", ".#plugins" | ".#plugwright"]
            | ["nix", "flake", "check"]
            | ["nix", "flake", "init", "--template", "../plugwright"] => continue,
            ["just", recipe, ..] if NOT_RUN.contains(recipe) => {
                assert!(recipes.contains(*recipe), "there is no recipe for `{line}`");
                continue;
            }
            // Whoever runs the tests has done this.
            ["just", "build"] => continue,
            // The recipe would build first.
            ["just", "run", arguments @ ..] => {
                assert!(recipes.contains("run"));
                Output::of(&mut plugwright(&root(), [&["run"], arguments].concat()))
            }
            // An optimised build takes minutes. What `install` does after it has tests of its own.
            ["cargo", "install", "--locked", "--path", path] => {
                let manifest = root().join(path).join("Cargo.toml");
                let manifest = fs::read_to_string(manifest).expect("a crate");
                assert!(manifest.contains("[[bin]]\nname = \"plugwright\""), "`{line}`");
                continue;
            }
            ["cargo", arguments @ ..] => run_cargo(arguments),
            // Not into this project.
            ["plugwright", "init", name, arguments @ ..] => {
                let folder = begun.path().join(name).display().to_string();
                let source = format!("path:{}", root().display());
                let begin = ["init", &folder, "--source", &source];
                Output::of(&mut plugwright(&root(), [&begin[..], arguments].concat()))
            }
            ["plugwright", arguments @ ..] => Output::of(&mut plugwright(&root(), arguments)),
            _ => panic!("the tests do not know how to run `{line}`"),
        };
        assert_eq!(output.code, Some(0), "`{line}`: {output}");
    }
}

#[test]
fn the_readme_names_every_recipe_and_no_other() {
    let named: BTreeSet<String> = code_spans(&readme())
        .iter()
        .filter_map(|span| span.trim_start_matches("./dev ").strip_prefix("just "))
        .filter_map(|words| words.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    assert_eq!(named, recipes());
}

#[test]
fn the_contract_of_ones_own_in_the_readme_is_the_one_that_runs() {
    let example = root().join("examples/own-contract");
    let files = ["wit/pricing.wit", "src/contract.rs", "src/catalogue.rs", "src/shop.rs"]
        .map(|file| fs::read_to_string(example.join(file)).expect(file));
    let readme = readme();
    let (_, section) = readme.split_once("\n## A contract of your own\n").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("another one after it");
    let blocks: Vec<_> = section.split("```").skip(1).step_by(2).collect();
    let shown = blocks.iter().filter_map(|block| {
        let (language, text) = block.split_once('\n').expect("a line of its own");
        ["rust", "wit"].contains(&language).then_some(text)
    });
    let mut count = 0;
    for text in shown {
        let is_there = files.iter().any(|file| file.contains(text));
        assert!(is_there, "no file of examples/own-contract/ holds what the README shows:\n{text}");
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn every_path_in_the_documents_is_there() {
    // Those that readers make.
    let made: Vec<_> = ["shout", "tariff", "flat"].into_iter().chain(guide::plugins()).collect();
    for document in documents(&root()) {
        let text = fs::read_to_string(&document).expect("it was just listed");
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let links = links.filter(|link| !link.contains("://"));
        let links = links.filter_map(|link| link.split('#').next());
        let links = links.map(|link| document.with_file_name(link));
        // A path in code is one of this project if its first folder is, and it holds no placeholder.
        let roots =
            ["crates/", "docs/", "examples/", "tests/", "wit/", ".github/", ".config/", ".ci/"];
        let spans = code_spans(&text).into_iter().filter(|span| {
            roots.iter().any(|root| span.starts_with(root))
                && !span.contains(['<', '*', ' '])
                && !made.iter().any(|plugin| span.contains(plugin))
        });
        for path in links.chain(spans.map(|span| root().join(span))) {
            let (document, path_shown) = (document.display(), path.display());
            assert!(path.exists(), "{document} names `{path_shown}`, which is not there");
        }
    }
}
