//! Tests the author's guide: every code block in it is built, run or compared.
//!
//! A block of `sh` is run, and a block of `text` after it is the output of its last command. Any other block
//! belongs to the file that the last path in the paragraph above names. That is either a file of this project,
//! which must contain the block, or a file that the reader creates. The tests create the reader's files, too, in
//! their own workspace. In output, `…` stands for any text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use plugwright::Dist;
use plugwright_test::{Case, Outcome};
use tests::{
    Output, cache_folder, dist_folder, plugin_crates, plugwright, plugwright_path, program, root,
};

use crate::build::WORKSPACE;
use crate::documents::{NOT_RUN, PAGES, code, code_spans, recipes};

/// Commands that the tests do not run, by their first words, with the reason.
const NOT_RUN_HERE: &[(&str, &str)] = &[
    ("./dev just new", "makes in the project what the tests make in their workspace"),
    ("./dev just dev", "goes on until it is interrupted"),
    ("python3 -m http.server", "goes on until it is interrupted"),
    (
        "./dev just size",
        "measures plugins as they ship, and those here are built to compile quickly",
    ),
    ("./dev cargo test --package", "is among the tests that `just test` runs"),
    ("./dev cargo doc", "compiles for half a minute what is not used otherwise"),
];

/// Files of the reader that the tests do not create, with the reason.
const NOT_MADE: &[(&str, &str)] =
    &[("crates/plugin-number/plugin.toml", "built to compile quickly, the plugin is larger")];

/// The page that has its own test, with its own repository.
pub(crate) const OWN_CONTRACT: &str = "own-contract.md";

/// The page that `just http` tests.
const HTTP: &str = "http.md";

/// The page that `just reports` tests.
const REPORT: &str = "report.md";

/// The page that `reference.rs` makes and compares.
const OPTIONS: &str = "options.md";

/// A block of code.
pub(crate) struct Block {
    /// The page, for messages.
    page: String,
    pub(crate) language: String,
    pub(crate) text: String,
    /// The file that the paragraph above names.
    pub(crate) file: Option<String>,
}

/// The guide's blocks, in the order of its pages, except for pages with their own tests.
static BLOCKS: LazyLock<Vec<Block>> = LazyLock::new(|| {
    let apart = [PAGES, &[OWN_CONTRACT, HTTP, REPORT, OPTIONS]].concat();
    let pages = pages().into_iter().filter(|page| !apart.contains(&&**page));
    pages.flat_map(|page| blocks(&page)).collect()
});

/// Returns the blocks of a page, in order.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let text = read(&format!("docs/src/{page}"));
    let mut parts = text.split("```");
    let mut prose = parts.next().unwrap_or_default();
    while let (Some(block), Some(after)) = (parts.next(), parts.next()) {
        let (language, text) = block.split_once('\n').expect("the code begins on a new line");
        let paragraph = prose.trim_end().rsplit("\n\n").next().unwrap_or_default();
        let spans = if paragraph.ends_with(':') { code_spans(paragraph) } else { Vec::new() };
        blocks.push(Block {
            page: page.to_owned(),
            language: language.to_owned(),
            text: text.to_owned(),
            file: spans.last().cloned().filter(|_| language != "sh"),
        });
        prose = after;
    }
    blocks
}

/// The files that the reader creates, with their text. The first block of such a file is the whole file.
pub(crate) static FILES: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let mut files = BTreeMap::new();
    for Block { text, file, .. } in &*BLOCKS {
        let Some(file) = file else { continue };
        let made = ["crates/plugin-", "tests/cases/", "policy.toml"]
            .iter()
            .any(|begin| file.starts_with(begin));
        let not_made = NOT_MADE.iter().any(|(name, _)| name == file);
        if made && !not_made && !root().join(file).exists() {
            files.entry(&**file).or_insert(&**text);
        }
    }
    files
});

/// Returns the plugins that the reader creates.
pub(crate) fn plugins() -> Vec<&'static str> {
    let name =
        |file: &'static str| file.strip_prefix("crates/plugin-")?.strip_suffix("/src/lib.rs");
    FILES.keys().copied().filter_map(name).collect()
}

/// Returns the pages, in the order of the guide's summary.
fn pages() -> Vec<String> {
    let summary = read("docs/src/SUMMARY.md");
    let links = summary.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    links.map(str::to_owned).collect()
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("`{file}`: {error}"))
}

/// Returns whether the text contains the shown output, in which `…` stands for any text.
pub(crate) fn shows(text: &str, shown: &str) -> bool {
    // Built without optimisation and with Debian 12's C library, a plugin imports more than the contract.
    let alone = ", which imports only its contract";
    let (text, shown) = (text.replace(alone, ""), shown.replace(alone, ""));
    let mut rest = &*text;
    shown.trim_end().split('…').all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// Returns the case in the file `file` of the workspace, and its outcome.
fn outcome(file: &str) -> (Case, Outcome) {
    let plugin = file.split('/').nth(2).expect("the file is in a plugin's folder");
    let dist = Dist::open(WORKSPACE.path("dist")).unwrap_or_else(|error| panic!("{error}"));
    let case = Case::read(plugin, WORKSPACE.path(file)).unwrap_or_else(|error| panic!("{error}"));
    let outcome = tests::outcome(&case, &dist);
    (case, outcome)
}

/// Returns the snapshot of the case in the file `file`.
fn snapshot(file: &str) -> String {
    let (case, outcome) = outcome(file);
    let input = case.input();
    let input =
        input.strip_prefix(WORKSPACE.path("")).expect("the input is in the workspace").display();
    format!("---\nsource: plugwright test\ninput_file: {input}\n---\n{outcome}")
}

/// Runs a command as the reader does, unless other tests run it.
fn run(page: &str, line: &str) -> Option<Output> {
    // The plugins of this project are in another folder.
    let words: Vec<String> = line
        .split_whitespace()
        .map(|word| match plugin_crates().iter().any(|plugin| plugin == word) {
            true => dist_folder().join(format!("{word}.wasm")).display().to_string(),
            false => word.to_owned(),
        })
        .collect();
    let words: Vec<&str> = words.iter().map(|word| &**word).collect();
    let words = words.strip_prefix(&["./dev"]).unwrap_or(&words);
    let folder = WORKSPACE.path("");
    if let ["just", recipe, ..] = words {
        assert!(RECIPES.contains(*recipe), "docs/src/{page}: there is no recipe for `{line}`");
    }
    if NOT_RUN_HERE.iter().any(|(begin, _)| line.starts_with(begin)) || README.contains(line) {
        return None;
    }
    match words {
        // The plugins of the guide and of this project are already built.
        ["just", "build", ..] => None,
        ["just", recipe, ..] if NOT_RUN.contains(recipe) => None,
        ["just", "run", rest @ ..] => Some(Output::of(
            plugwright(&folder, [&["run"], rest].concat()).env("PLUGWRIGHT_DIST", "dist"),
        )),
        ["just", "sign", key] => Some(Output::of(
            plugwright(&folder, ["sign", "--key", key]).env("PLUGWRIGHT_DIST", "dist"),
        )),
        ["just", "contract"] | ["target/debug/plugwright", "contract", ..] => {
            let arguments = words.iter().skip_while(|word| **word != "contract");
            Some(Output::of(&mut plugwright(&root(), arguments)))
        }
        // These commands use plugins of this project, and quotes as in a shell.
        ["target/debug/plugwright", "call", ..] => {
            let command = plugwright_path().display().to_string();
            let dist = format!(" {}/examples/", dist_folder().display());
            let line = line.replace("target/debug/plugwright", &command);
            let line = line.replace(" dist/examples/", &dist);
            let mut shell = program(Path::new("bash"), &root(), ["-c", &line]);
            shell.env("PLUGWRIGHT_DIST", dist_folder()).env("PLUGWRIGHT_CACHE", cache_folder());
            Some(Output::of(&mut shell))
        }
        ["target/debug/plugwright", rest @ ..] => {
            Some(Output::of(plugwright(&folder, rest).env("PLUGWRIGHT_DIST", "dist")))
        }
        ["printf" | "cp" | "find", ..] => {
            Some(Output::of(&mut program(Path::new("bash"), &folder, ["-c", line])))
        }
        _ => panic!(
            "docs/src/{page}: the tests do not know how to run `{line}`: add it to \
             crates/plugwright-tests/tests/suite/guide.rs, or give the reason in `NOT_RUN_HERE` there"
        ),
    }
}

static RECIPES: LazyLock<BTreeSet<String>> = LazyLock::new(recipes);

/// The commands of the README, which has its own test.
static README: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| code(&read("README.md"), "sh").into_iter().collect());

#[test]
fn every_command_runs_and_shows_what_the_guide_says() {
    // `just new` creates them for the reader.
    for plugin in plugins() {
        let cases = WORKSPACE.path(&format!("tests/cases/{plugin}"));
        fs::create_dir_all(cases).expect("the folder can be created");
    }
    // The reader has no keys yet.
    for pair in ["release", "next"] {
        for file in ["key", "pub"] {
            let _ = fs::remove_file(WORKSPACE.path(&format!("{pair}.{file}")));
        }
    }
    let mut blocks = BLOCKS.iter().peekable();
    while let Some(Block { page, language, text, .. }) = blocks.next() {
        if language != "sh" {
            continue;
        }
        let is_shown = |next: &&Block| next.language == "text" && next.file.is_none();
        let shown = blocks.next_if(|next| is_shown(next)).map_or("", |block| &*block.text);
        // If the shown output has an error, the last command fails.
        let fails = shown.lines().any(|line| line.starts_with("error: "));
        let count = text.lines().count();
        let mut found = None;
        for (index, line) in (1..).zip(text.lines()) {
            found = run(page, line).map(|output| {
                let failed = output.code != Some(0);
                assert_eq!(failed, fails && index == count, "docs/src/{page}: `{line}`: {output}");
                format!("{}{}", output.stderr, output.stdout)
            });
        }
        match found {
            Some(found) => {
                assert!(shows(&found, shown), "docs/src/{page}:\n{shown}is not in:\n{found}");
            }
            None => {
                assert!(shown.is_empty(), "docs/src/{page}: no command has this output:\n{shown}");
            }
        }
    }
}

#[test]
fn every_block_is_in_its_file() {
    let mut last = "";
    for Block { page, language, text, file } in &*BLOCKS {
        let shown = std::mem::replace(&mut last, language) == "sh" && language == "text";
        let place = format!("docs/src/{page}: this block of `{language}`:\n{text}");
        let Some(file) = file else {
            assert!(
                language == "sh" || shown,
                "{place}is covered by no rule: end the paragraph above it with a colon, and make the file of \
                 the block the last code in that paragraph, or put the block after its command"
            );
            continue;
        };
        if language == "toml" {
            let parsed = toml::from_str::<toml::Table>(text);
            parsed.unwrap_or_else(|error| panic!("{place}is not TOML: {error}"));
        }
        let case = file.strip_prefix("tests/snapshots/").and_then(|it| it.strip_suffix(".snap"));
        if file.starts_with("dist/") {
            let made = fs::read_to_string(WORKSPACE.path(file)).expect("the file was created");
            assert!(shows(&made, text), "{place}is not in `{file}`:\n{made}");
        } else if root().join(file).is_file() {
            assert!(read(file).contains(text), "{place}is not in `{file}`");
        } else if let Some(whole) = FILES.get(&**file) {
            assert!(whole.contains(text), "{place}is not in `{file}` as the guide first shows it");
        } else if let Some(case) = case {
            let snapshot = snapshot(&format!("tests/cases/{case}"));
            assert_eq!(text.trim_end(), snapshot.trim_end(), "{place}");
        } else {
            let not_made = NOT_MADE.iter().any(|(name, _)| name == file);
            assert!(not_made, "{place}belongs to `{file}`, which does not exist");
        }
    }
}

#[test]
fn every_case_comes_out_as_it_says() {
    for file in FILES.keys().filter(|file| file.ends_with(".case")) {
        let (case, outcome) = outcome(file);
        assert_eq!(case.expectation(), Some(outcome.kind()), "{file}: {outcome}");
    }
}

#[test]
fn every_page_is_in_the_summary() {
    let files = fs::read_dir(root().join("docs/src")).expect("the guide exists").flatten();
    let files = files.filter(|file| file.path().is_file());
    let mut files: BTreeSet<_> =
        files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    files.remove("SUMMARY.md");
    assert_eq!(files, pages().into_iter().collect());
}
