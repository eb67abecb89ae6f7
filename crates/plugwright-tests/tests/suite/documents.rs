//! Tests the documents: every command in them runs, and every path in them exists. `links.rs` tests the links.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use plugwright::{Limit, Limits};
use tests::{Output, dist_folder, just, plugwright, program, root, target_folder};

use crate::guide;

/// The guide pages whose commands are run here, like those of the README. They are about this project and its
/// plugins, not about files that the reader creates.
pub(crate) const PAGES: &[&str] =
    &["install.md", "command.md", "embedding.md", "limits.md", "recipes.md", "questions.md"];

/// Recipes that a test run cannot include: it is part of them, they ask questions, or they take minutes. The tests
/// check that they exist. CI runs `ci`, whose steps include the others.
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
    "release",
    "releases",
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
    "package",
    "semver",
    "workflows",
    "build-languages",
    "languages",
];

fn readme() -> String {
    read("README.md")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("`{file}`: {error}"))
}

/// Returns the README, the contributing guide, and the pages whose commands are run here.
fn texts() -> Vec<String> {
    let pages = PAGES.iter().map(|page| format!("docs/src/{page}"));
    ["README.md", "CONTRIBUTING.md"]
        .map(str::to_owned)
        .into_iter()
        .chain(pages)
        .map(|file| read(&file))
        .collect()
}

/// Returns the lines of the code blocks in the language `language`.
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

/// Splits a command into words, as a shell does.
fn words(line: &str) -> Vec<String> {
    shlex::split(line).unwrap_or_else(|| panic!("a quote is not closed in `{line}`"))
}

/// Returns the text between single backquotes, outside of code blocks.
pub(crate) fn code_spans(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    prose.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " ")).collect()
}

/// Returns the documents in `folder` and below. It skips generated files, cases, which are input, and the template
/// of the flake, which is another repository.
pub(crate) fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder)
        .expect("the folder can be read")
        .map(|entry| entry.expect("the entry can be read"))
    {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let skipped =
            name.starts_with('.') || ["target", "dist", "cases", "template"].contains(&&*name);
        if entry.file_type().expect("the file was just listed").is_dir() {
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

/// Runs cargo as a user does. For `cargo run`, the program was already built together with the tests, with the same
/// result.
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
fn every_command_of_the_readme_and_of_these_pages_runs() {
    // Another version of the command may have left another record of its results.
    let _ = fs::remove_dir_all(root().join("target/pages"));
    let recipes = recipes();
    let begun = tempfile::tempdir().expect("a temporary folder can be created");
    // The folder in which a reader signs a plugin.
    let signed = tempfile::tempdir().expect("a temporary folder can be created");
    fs::create_dir(signed.path().join("dist")).expect("the folder can be created");
    for (from, to) in [
        (dist_folder().join("markdown.wasm"), "dist/markdown.wasm"),
        (root().join("README.md"), "README.md"),
    ] {
        fs::copy(from, signed.path().join(to)).expect("the file can be copied");
    }
    for line in texts().iter().flat_map(|text| code(text, "sh")) {
        if line.contains(" release.") {
            let words = words(&line);
            let arguments = words
                .strip_prefix(&["plugwright".to_owned()])
                .expect("the line begins with the command");
            let output = Output::of(&mut plugwright(signed.path(), arguments));
            assert_eq!(output.code, Some(0), "`{line}`: {output}");
            continue;
        }
        // The plugins under test can be in another folder.
        let dist = dist_folder();
        let line = line.replace(" dist/", &format!(" {}/", dist.display()));
        let words = words(&line);
        let words: Vec<&str> = words.iter().map(|word| &**word).collect();
        let words = words.strip_prefix(&["./dev"]).unwrap_or(&words);
        let output = match words {
            // CI runs these. The tests do not decide whether Nix must be installed. The output of the template has
            // a test of its own.
            ["nix", "develop"]
            | ["nix", "build", ".#plugins" | ".#plugwright"]
            | ["nix", "flake", "check"]
            | ["nix", "flake", "init", "--template", "../plugwright"] => continue,
            ["just", recipe, ..] if NOT_RUN.contains(recipe) => {
                assert!(recipes.contains(*recipe), "there is no recipe for `{line}`");
                continue;
            }
            // This was done before the tests were run. Cargo could replace the command while other tests use it.
            ["just", "build"] | ["cargo", "build", "--bin", "plugwright"] => continue,
            // The recipe would build first.
            ["just", "run", arguments @ ..] => {
                assert!(recipes.contains("run"));
                Output::of(&mut plugwright(&root(), [&["run"], arguments].concat()))
            }
            // An optimised build takes minutes. What `install` does after the build has tests of its own.
            ["cargo", "install", "--locked", "--path", path] => {
                let manifest = root().join(path).join("Cargo.toml");
                let manifest = fs::read_to_string(manifest).expect("the manifest exists");
                assert!(manifest.contains("[[bin]]\nname = \"plugwright\""), "`{line}`");
                continue;
            }
            ["cargo", arguments @ ..] => run_cargo(arguments),
            // `just registries` tests pushing and pulling.
            ["plugwright", "push", ..] => continue,
            // Begin the repository outside of this project.
            ["plugwright", "init", name, arguments @ ..] => {
                // `../shop` is beside the clone.
                let name = name.trim_start_matches("../");
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

/// Returns the recipes that a text names in code.
fn named(text: &str) -> BTreeSet<String> {
    let spans = code_spans(text);
    let words =
        spans.iter().filter_map(|span| span.trim_start_matches("./dev ").strip_prefix("just "));
    words.filter_map(|words| words.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn the_page_of_recipes_names_all_and_the_others_no_other() {
    assert_eq!(named(&read("docs/src/recipes.md")), recipes());
    for text in texts() {
        let unknown: Vec<_> = named(&text).difference(&recipes()).cloned().collect();
        assert!(unknown.is_empty(), "unknown recipes: {unknown:?}");
    }
}

/// Returns the default of a limit, as the tables show it.
fn default_of(limit: Limit) -> String {
    const BYTES: &[Limit] = &[
        Limit::Memory,
        Limit::Stack,
        Limit::Transfer,
        Limit::HostMemory,
        Limit::Output,
        Limit::LogBytes,
        Limit::Download,
        Limit::ComponentSize,
    ];
    match Limits::default().get(limit) {
        None => "none".to_owned(),
        Some(value) if limit == Limit::Deadline => format!("{} s", value / 1000),
        Some(value) if BYTES.contains(&limit) && value < 1 << 20 => format!("{} KiB", value >> 10),
        Some(value) if BYTES.contains(&limit) => format!("{} MiB", value >> 20),
        Some(value) if value < 10_000 => value.to_string(),
        Some(value) => format!("{} {:03}", value / 1000, value % 1000),
    }
}

#[test]
fn the_tables_of_limits_are_those_of_the_code() {
    let rows = |text: &str| -> Vec<(String, String)> {
        let cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
        let cells = cells.filter(|(name, _)| Limit::ALL.iter().any(|limit| limit.name() == *name));
        cells
            .map(|(name, rest)| {
                (name.to_owned(), rest.split(" | ").next().unwrap_or_default().to_owned())
            })
            .collect()
    };
    let all: Vec<_> =
        Limit::ALL.iter().map(|limit| (limit.name().to_owned(), default_of(*limit))).collect();
    assert_eq!(rows(&read("docs/src/limits.md")), all);
    let some = rows(&readme());
    assert!(!some.is_empty() && some.iter().all(|row| all.contains(row)), "{some:?}");
}

#[test]
fn the_table_of_verbs_has_those_of_the_help() {
    let help = Output::of(&mut plugwright(&root(), ["--help"])).stdout;
    let (_, help) = help.split_once("\nCommands:\n").expect("the help has this section");
    let (help, _) = help.split_once("\n\n").expect("the text has an end");
    let told: Vec<_> = help.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let page = read("docs/src/command.md");
    let (_, table) = page.split_once("\n## Verbs\n").expect("the text has this section");
    let (table, _) = table.split_once("\n## ").expect("another section follows");
    let cells = table.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let verbs: Vec<_> =
        cells.flat_map(|cell| cell.split(", ")).map(|verb| verb.trim_matches('`')).collect();
    assert_eq!(verbs, told);
}

#[test]
fn the_table_of_exit_codes_has_those_of_the_help() {
    let help = Output::of(&mut plugwright(&root(), ["--help"])).stdout;
    let (_, help) = help.split_once("\nExit codes:\n").expect("the help has this section");
    let code = |text: &str| text.split_whitespace().next()?.parse::<u8>().ok();
    let told: Vec<_> =
        help.lines().filter(|line| !line.starts_with("    ")).filter_map(code).collect();
    let page = read("docs/src/command.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    assert_eq!(rows.filter_map(code).collect::<Vec<_>>(), told);
    assert!(!told.is_empty());
}

#[test]
fn the_readme_begins_with_code_of_the_application_in_the_guide() {
    let app = guide::blocks(guide::OWN_CONTRACT);
    let app = app.iter().find(|block| block.file.as_deref() == Some("app/src/main.rs"));
    let mut lines = app.expect("the page has the application").text.lines().map(str::trim);
    for line in code(&readme().replacen("```rust", "```first", 1), "first") {
        let is_there = line.trim_start().starts_with("//")
            || line.is_empty()
            || lines.any(|it| it == line.trim());
        assert!(
            is_there,
            "the guide's application lacks this line, or has it in another order:\n{line}"
        );
    }
    assert!(readme().lines().count() <= 250, "the README is longer than 250 lines");
}

#[test]
fn the_contract_of_ones_own_in_the_readme_is_the_one_that_runs() {
    let example = root().join("examples/own-contract");
    let files = ["wit/pricing.wit", "src/contract.rs", "src/catalogue.rs", "src/shop.rs"]
        .map(|file| fs::read_to_string(example.join(file)).expect(file));
    let readme = readme();
    let (_, section) =
        readme.split_once("\n## A contract of your own\n").expect("the text has this section");
    let (section, _) = section.split_once("\n## ").expect("another section follows");
    let blocks: Vec<_> = section.split("```").skip(1).step_by(2).collect();
    let shown = blocks.iter().filter_map(|block| {
        let (language, text) = block.split_once('\n').expect("the block has a first line");
        ["rust", "wit"].contains(&language).then_some(text)
    });
    let mut count = 0;
    for text in shown {
        let is_there = files.iter().any(|file| file.contains(text));
        assert!(
            is_there,
            "no file of examples/own-contract/ contains this block of the README:\n{text}"
        );
        count += 1;
    }
    assert_eq!(count, 3);
}

#[test]
fn every_path_in_the_documents_is_there() {
    // Paths that readers create.
    let made: Vec<_> = ["shout", "tariff", "flat"].into_iter().chain(guide::plugins()).collect();
    for document in documents(&root()) {
        let text = fs::read_to_string(&document).expect("the file was just listed");
        // A path in code belongs to this project if its first folder does and it has no placeholder.
        let roots =
            ["crates/", "docs/", "examples/", "tests/", "wit/", ".github/", ".config/", ".ci/"];
        let spans = code_spans(&text).into_iter().filter(|span| {
            roots.iter().any(|root| span.starts_with(root))
                && !span.contains(['<', '*', ' '])
                && !made.iter().any(|plugin| span.contains(plugin))
        });
        for path in spans.map(|span| root().join(span)) {
            let (document, path_shown) = (document.display(), path.display());
            assert!(path.exists(), "{document} names `{path_shown}`, which does not exist");
        }
    }
}
