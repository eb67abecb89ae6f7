//! The commands of the guide's page on reports.

use std::fs;
use std::path::Path;

use plugwright_report::Measured;
use tests::{Output, copy_built, program, root};

use crate::command::command;

/// The page's blocks of code, with their languages.
fn blocks() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("docs/src/report.md")).expect("a page");
    let blocks = text.split("```").skip(1).step_by(2);
    let blocks = blocks.map(|block| block.split_once('\n').expect("a language"));
    blocks.map(|(language, text)| (language.to_owned(), text.to_owned())).collect()
}

#[test]
fn the_page_shows_what_can_be_typed() {
    let folder = tempfile::tempdir().expect("a folder");
    for dist in ["mine/dist", "before/dist", "mine/base/dist"] {
        fs::create_dir_all(folder.path().join(dist)).expect("folders");
        copy_built("count.wasm", folder.path().join(dist).join("count.wasm"));
    }
    fs::create_dir(folder.path().join("mine/target")).expect("a folder");
    let mut run = 0;
    for (language, text) in blocks() {
        match &*language {
            "sh" => {
                let line =
                    text.replace("plugwright report", &format!("{} report", command().display()));
                let line = format!("set -e\n{line}");
                let mut shell =
                    program(Path::new("bash"), &folder.path().join("mine"), ["-c", &*line]);
                let output = Output::of(shell.env("GITHUB_STEP_SUMMARY", "shown.md"));
                assert_eq!(output.code, Some(0), "{text}: {output}");
                run += 1;
            }
            "json" => assert!(Measured::parse(text.as_bytes()).is_ok(), "{text}"),
            other => panic!("what is `{other}`?"),
        }
    }
    assert_eq!(run, 3);
    let shown = fs::read_to_string(folder.path().join("mine/shown.md")).expect("it is there");
    assert!(shown.starts_with("## Plugins in `dist`"), "{shown}");
}
