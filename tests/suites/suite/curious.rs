//! A plugin that looks for what it gets: each line of its input is something to try, and its answer
//! has a line for each.
#![expect(missing_docs, unsafe_code, reason = "what wit-bindgen generates")]

use std::fmt::Debug;
use std::hash::{BuildHasher as _, RandomState};
use std::io::Read as _;
use std::time::{Duration, SystemTime};
use std::{env, fs, thread};

wit_bindgen::generate!({
    path: "../../wit",
    inline: "
        package tests:curious;
        package wasi:random@0.2.0 {
            interface random {
                get-random-bytes: func(len: u64) -> list<u8>;
                get-random-u64: func() -> u64;
            }
            interface insecure {
                get-insecure-random-bytes: func(len: u64) -> list<u8>;
                get-insecure-random-u64: func() -> u64;
            }
        }
        world curious {
            include plugwright:plugin/transformer@0.1.0;
            import wasi:random/random@0.2.0;
            import wasi:random/insecure@0.2.0;
        }
    ",
    world: "tests:curious/curious",
    generate_all,
});

use exports::plugwright::plugin::transform::{Description, Document, Failure, Guest, Setting};
use wasi::random::{insecure, random};

struct Curious;

export!(Curious);

impl Guest for Curious {
    fn describe() -> Description {
        Description {
            name: "curious".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "looks for what it gets".into(),
            takes: vec!["text/plain".into()],
            gives: vec!["text/plain".into()],
            options: vec![],
        }
    }

    fn transform(input: Document, _: Vec<Setting>) -> Result<Document, Failure> {
        let text = String::from_utf8_lossy(&input.body).into_owned();
        let answers = text.lines().map(|line| format!("{line}: {}\n", try_out(line)));
        Ok(Document { body: answers.collect::<String>().into_bytes(), ..input })
    }
}

fn try_out(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["list", folder] => told(fs::read_dir(folder).and_then(|entries| {
            let names = entries.map(|it| Ok(it?.file_name().to_string_lossy().into_owned()));
            let mut names = names.collect::<std::io::Result<Vec<_>>>()?;
            names.sort();
            Ok(names)
        })),
        ["read", file] => told(fs::read_to_string(file)),
        ["write", file, text] => told(fs::write(file, text)),
        ["append", file, text] => told(
            fs::File::options()
                .append(true)
                .open(file)
                .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes())),
        ),
        ["remove", file] => told(fs::remove_file(file)),
        ["make-folder", folder] => told(fs::create_dir(folder)),
        ["rename", from, to] => told(fs::rename(from, to)),
        ["hard-link", from, to] => told(fs::hard_link(from, to)),
        #[expect(deprecated, reason = "what replaces it is not stable for WASI")]
        ["link", from, to] => told(fs::soft_link(from, to)),
        ["read-link", link] => told(fs::read_link(link)),
        ["touch", file] => {
            told(fs::File::open(file).and_then(|file| {
                file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1))
            }))
        }
        ["size", file] => told(fs::metadata(file).map(|it| it.len())),
        ["variable", name] => format!("{:?}", env::var(name)),
        ["variables"] => format!("{:?}", env::vars().collect::<Vec<_>>()),
        ["arguments"] => format!("{:?}", env::args().collect::<Vec<_>>()),
        ["stdin"] => {
            let mut text = String::new();
            told(std::io::stdin().read_to_string(&mut text).map(|_| text))
        }
        ["time"] => format!("{:?}", SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)),
        ["hash"] => RandomState::new().hash_one(0).to_string(),
        ["random"] => random::get_random_u64().to_string(),
        ["insecure"] => insecure::get_insecure_random_u64().to_string(),
        ["sleep", milliseconds] => {
            thread::sleep(Duration::from_millis(milliseconds.parse().unwrap_or_default()));
            "slept".to_owned()
        }
        _ => "the plugin does not know how".to_owned(),
    }
}

fn told<T: Debug>(result: std::io::Result<T>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{error}"),
    }
}
