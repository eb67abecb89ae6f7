//! Follows the guide's page about custom contracts to a complete new repository, from an empty folder with only the
//! command, and with a contract that this project does not know.
//!
//! The page's commands run in order, in a shell. Files that the page asks the reader to write are written, its
//! changes are made, and everything else that it shows must exist.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::{Output, cache_folder, guests_dist, plugwright_path, program, root, target_folder};

use crate::build::PROFILE;
use crate::guide::{Block, OWN_CONTRACT, blocks, shows};

/// The files that the reader writes, as the page shows them.
const WRITTEN: &[&str] = &[
    "contract/tariff.wit",
    "crates/plugin-tariff/src/lib.rs",
    "crates/plugin-tariff/plugin.toml",
    "tests/cases/tariff/first.calls",
    "app/src/main.rs",
    "plugins/flat/plugin.js",
    "plugins/islands/app.py",
];

/// Commands that are not run, by their first words, with the reason.
const NOT_RUN: &[(&str, &str)] = &[
    ("./dev cargo build --bin plugwright", "makes the command that is under test"),
    ("export PATH=", "the command under test is on the PATH"),
];

/// The state of the reader.
struct Reader {
    folder: PathBuf,
    target: PathBuf,
    /// Whether to follow the page as CI does: with plugins as they ship, so that they can be rebuilt and compared,
    /// and with the plugin in Python, which takes minutes.
    is_whole: bool,
    has_tools: bool,
}

impl Reader {
    /// Starts in an empty folder. It is the same in each run, so that cargo compiles only what changed.
    fn begin() -> Self {
        let target = target_folder("pipeline");
        let folder = target.join("whole-way");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("the folder can be created");
        let is_whole = env::var_os("CI").is_some();
        Self { folder, target, is_whole, has_tools: guests_dist().is_some() }
    }

    /// Returns whether this part of the page is left out.
    fn leaves_out(&self, text: &str) -> bool {
        let is_python = text.contains("islands");
        let is_javascript = text.contains("flat");
        let is_rebuilt = text.starts_with("./dev just verify");
        ((is_python || is_rebuilt) && !self.is_whole)
            || ((is_python || is_javascript) && !self.has_tools)
            || NOT_RUN.iter().any(|(begin, _)| text.starts_with(begin))
    }

    /// Runs a line of the page, unless it is left out.
    fn run(&mut self, line: &str) -> Option<Output> {
        if let Some(name) = line.strip_prefix("cd ") {
            self.folder.push(name);
            assert!(self.folder.is_dir(), "`{line}` names no folder");
            return None;
        }
        if self.leaves_out(line) {
            return None;
        }
        if line == "./dev just run" {
            return Some(self.run_application());
        }
        let line = line.trim_start_matches("./dev ");
        // A command that was built elsewhere has no checkout to use.
        let from = match line.starts_with("plugwright init ") {
            true => format!(" --source 'path:{}'", root().display()),
            false => String::new(),
        };
        Some(Output::of(&mut self.command(Path::new("bash"), &["-c", &format!("{line}{from}")])))
    }

    /// Runs the application of the page. It is compiled beside this test, where wasmtime is already compiled.
    fn run_application(&self) -> Output {
        let built = Output::of(&mut self.command(&plugwright_path(), &["build", "tariff"]));
        assert_eq!(built.code, Some(0), "{built}");
        let mut tests = env::current_exe().expect("the path of this program is known");
        tests.pop();
        Output::of(&mut self.command(&tests.with_file_name("parcels-app"), &[]))
    }

    fn command(&self, path: &Path, arguments: &[&str]) -> Command {
        let mut command = program(path, &self.folder, arguments);
        let own = plugwright_path();
        let own = own.parent().expect("the path has a parent folder").to_owned();
        let paths = env::var_os("PATH").unwrap_or_default();
        let paths = [own].into_iter().chain(env::split_paths(&paths));
        command.env("PATH", env::join_paths(paths).expect("`PATH` is set"));
        command.env("PLUGWRIGHT", plugwright_path()).env("PLUGWRIGHT_CACHE", cache_folder());
        command.env("CARGO_TARGET_DIR", &self.target).env("CARGO_NET_OFFLINE", "true");
        if !self.is_whole {
            command.envs(PROFILE);
        }
        command
    }

    /// Writes a file, changes it, or checks that it is as the page shows it.
    fn file(&self, name: &str, Block { language, text, .. }: &Block) {
        if self.leaves_out(name) {
            return;
        }
        if name.starts_with("examples/") || name.starts_with("crates/plugwright-tests/") {
            let there = read(&root().join(name));
            assert!(there.contains(text), "`{name}` does not have\n{text}");
            return;
        }
        let path = self.folder.join(name);
        let old = fs::read_to_string(&path).unwrap_or_default();
        if language == "diff" {
            let side = |other: char| -> String {
                let lines = text.lines().filter(|line| !line.starts_with(other));
                lines.map(|line| format!("{}\n", line.get(1..).unwrap_or_default())).collect()
            };
            let (from, to) = (side('+'), side('-'));
            assert!(
                old.contains(&from),
                "`{name}` has no line that this block could change:\n{text}in\n{old}"
            );
            fs::write(&path, old.replacen(&from, &to, 1)).expect("the file can be written");
        } else if !shows(&old, text) {
            assert!(WRITTEN.contains(&name), "`{name}` does not contain\n{text}but\n{old}");
            fs::create_dir_all(path.parent().expect("the path has a parent folder"))
                .expect("the folder can be created");
            fs::write(&path, text).expect("the file can be written");
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

#[test]
fn the_guide_leads_from_an_empty_folder_to_plugins_of_ones_own_contract() {
    let mut reader = Reader::begin();
    let page = blocks(OWN_CONTRACT);
    let mut blocks = page.iter().peekable();
    while let Some(block) = blocks.next() {
        if let Some(file) = &block.file {
            reader.file(file, block);
            continue;
        }
        assert_eq!(
            block.language, "sh",
            "this block belongs to no file and to no command:\n{}",
            block.text
        );
        let is_shown = |next: &&Block| next.language == "text" && next.file.is_none();
        let shown = blocks.next_if(is_shown).map_or("", |block| &*block.text);
        let fails = shown.lines().any(|line| line.starts_with("error: "));
        let count = block.text.lines().count();
        for (index, line) in (1..).zip(block.text.lines()) {
            let Some(output) = reader.run(line) else { continue };
            let (failed, is_last) = (output.code != Some(0), index == count);
            assert_eq!(failed, fails && is_last, "`{line}`: {output}");
            let said = format!("{}{}", output.stderr, output.stdout);
            assert!(!is_last || shows(&said, shown), "`{line}`:\n{shown}is not in:\n{said}");
        }
    }
}

#[test]
fn the_guide_goes_the_whole_way() {
    let page = blocks(OWN_CONTRACT);
    let commands = page.iter().filter(|block| block.language == "sh");
    let commands: String = commands.map(|block| &*block.text).collect();
    for verb in [
        "plugwright init parcels --wit ",
        "just build",
        "just new domestic",
        "--lang javascript",
        "--lang python",
        "plugwright call ",
        "just test",
        "just bless",
        " --record ",
        "plugwright contract --release",
        "just sign ",
        "just verify",
        " --trust ",
    ] {
        assert!(commands.contains(verb), "the page does not run `{verb}`");
    }
}

#[test]
fn the_application_of_the_guide_is_the_one_that_is_compiled() {
    let page = blocks(OWN_CONTRACT);
    let of = |name: &str| {
        let is_of =
            |block: &&Block| block.file.as_deref() == Some(name) && block.language != "diff";
        &page.iter().find(is_of).unwrap_or_else(|| panic!("the page does not show `{name}`")).text
    };
    let compiled = read(&root().join("crates/plugwright-tests/src/parcels.rs"));
    let compiled = compiled.replace("tests/suite/whole_way/tariff.wit", "../wit");
    // A reader's repository does not have the lints of this one.
    let lines = compiled.lines().filter(|line| !line.starts_with("#![expect("));
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    assert_eq!(&lines, of("app/src/main.rs"));
    let contract = root().join("crates/plugwright-tests/tests/suite/whole_way/tariff.wit");
    assert_eq!(&read(&contract), of("contract/tariff.wit"));
}
