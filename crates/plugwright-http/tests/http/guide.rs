//! The commands of the guide's page on HTTP.

use std::fs;
use std::path::Path;

use saphyr::{LoadableYamlNode as _, Yaml};
use tests::{Output, dist_folder, program, root};

use crate::command::command;
use crate::served::Server;

/// The address of the server on the page.
const ADDRESS: &str = "127.0.0.1:8080";

/// The page's blocks of code, with their languages.
fn blocks() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("docs/src/http.md")).expect("a page");
    let blocks = text.split("```").skip(1).step_by(2);
    let blocks = blocks.map(|block| block.split_once('\n').expect("a language"));
    blocks.map(|(language, text)| (language.to_owned(), text.to_owned())).collect()
}

#[test]
fn the_page_shows_what_comes_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server: Option<Server> = None;
    let mut said = String::new();
    for (language, text) in blocks() {
        match &*language {
            "sh" if text.starts_with("wasmtime serve ") => {
                let words = text.split_whitespace().skip(2);
                // The server chooses its own address here.
                let told: Vec<_> = words
                    .filter(|it| !it.contains("served") && *it != "--addr" && *it != ADDRESS)
                    .collect();
                let component =
                    fs::read(folder.path().join("served.wasm")).expect("it is composed");
                server = Some(Server::with(&component, &told));
            }
            "sh" => {
                let address = server.as_ref().map_or(ADDRESS, |server| &*server.address);
                let line = text.replace(ADDRESS, address);
                let line = line.replace("plugwright ", &format!("{} ", command().display()));
                let mut shell = program(Path::new("bash"), folder.path(), ["-c", &*line]);
                let output = Output::of(shell.env("PLUGWRIGHT_DIST", dist_folder()));
                assert_eq!(output.code, Some(0), "{text}: {output}");
                said = output.stdout;
            }
            "text" => assert_eq!(said, text),
            _ => {}
        }
    }
    assert!(server.is_some());
}

#[test]
fn what_other_engines_are_told_can_be_read() {
    let mut count = 0;
    for (language, text) in blocks() {
        count += match &*language {
            "yaml" => Yaml::load_from_str(&text).expect("YAML").len(),
            "toml" => toml::from_str::<toml::Table>(&text).map(|_| 1).expect("TOML"),
            _ => 0,
        };
    }
    assert_eq!(count, 5);
}
