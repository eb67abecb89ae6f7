//! The inputs with which plugins are measured, and the programs that people would run instead.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read as _, Write};
use std::path::Path;

use plugwright::Host;
use plugwright_contract::prelude::*;
use plugwright_contract::{AnyPlugin, Head, Setting};

use crate::{photo, shipped, text};

/// A plugin, an input for it, and the program to compare it with.
pub struct Work {
    /// The plugin's name.
    pub plugin: &'static str,
    /// The plugin's options, each `KEY=VALUE`.
    pub options: &'static [&'static str],
    /// A description of the input.
    pub what: &'static str,
    /// The name of the input file.
    pub file: &'static str,
    /// The content of the input file.
    pub body: fn() -> Vec<u8>,
    /// The program and its arguments before the file. Empty if there is no program to compare with.
    pub program: &'static [&'static str],
}

/// The inputs with which each plugin is measured.
pub const WORK: &[Work] = &[
    Work {
        plugin: "markdown",
        options: &[],
        what: "3 MB of prose",
        file: "prose.md",
        body: || text(3_000_000),
        program: &["cmark-gfm", "--extension", "table", "--extension", "strikethrough"],
    },
    Work {
        plugin: "jq",
        options: &["filter=.", "output=compact"],
        what: "`.`, 6 MB",
        file: "places.json",
        body: || json(6_000_000),
        program: &["jq", "--compact-output", "."],
    },
    Work {
        plugin: "jq",
        options: &["output=compact", GROUPS],
        what: "`group_by`, 6 MB",
        file: "places.json",
        body: || json(6_000_000),
        program: &["jq", "--compact-output", GROUPS_FILTER],
    },
    Work {
        plugin: "checksum",
        options: &[],
        what: "SHA-256 of 200 MB",
        file: "bytes.bin",
        body: || bytes(200_000_000),
        program: &["sha256sum"],
    },
    Work {
        plugin: "checksum",
        options: &["algorithm=blake3"],
        what: "BLAKE3 of 200 MB",
        file: "bytes.bin",
        body: || bytes(200_000_000),
        program: &["b3sum", "--num-threads=1"],
    },
    Work {
        plugin: "thumbnail",
        options: &[],
        what: "JPEG of 23 megapixels",
        file: "photo.jpg",
        body: || photo::jpeg(5_840, 3_940),
        program: &["vipsthumbnail", "--size=256x256", "--output=vips.jpg"],
    },
    Work {
        plugin: "thumbnail",
        options: &[],
        what: "PNG of 6 megapixels",
        file: "photo.png",
        body: || photo::png(3_000, 2_000),
        program: &["vipsthumbnail", "--size=256x256", "--output=vips.png"],
    },
    Work {
        plugin: "csv-json",
        options: &[],
        what: "50 MB",
        file: "places.csv",
        body: || csv(50_000_000, false),
        program: &["mlr", "-S", "--icsv", "--ojson", "cat"],
    },
    Work {
        plugin: "csv-json",
        options: &["types=fields"],
        what: "50 MB in quotes, with types",
        file: "quoted.csv",
        body: || csv(50_000_000, true),
        program: &["mlr", "--icsv", "--ojson", "cat"],
    },
    Work {
        plugin: "redact",
        options: &[],
        what: "20 MB of prose",
        file: "prose.txt",
        body: || text(20_000_000),
        program: &[],
    },
    Work {
        plugin: "redact",
        options: &[],
        what: "1 MB of prose",
        file: "prose.txt",
        body: || text(1_000_000),
        program: &["detect-secrets", "scan"],
    },
];

const GROUPS_FILTER: &str =
    "[.[] | select(.price > 500)] | group_by(.city) | map({city: .[0].city, count: length})";
const GROUPS: &str =
    "filter=[.[] | select(.price > 500)] | group_by(.city) | map({city: .[0].city, count: length})";

/// Runs a plugin on a file, as the command does.
///
/// # Panics
///
/// If a step fails.
pub fn run(host: &Host, name: &str, file: &Path, options: &[String], output: &mut impl Write) {
    call(&load(host, name), file, options, output);
}

/// Loads the plugin with this name as it ships.
///
/// # Panics
///
/// If it cannot be loaded.
pub fn load(host: &Host, name: &str) -> AnyPlugin {
    host.load_any_bytes(name, &shipped(name)).unwrap_or_else(|error| panic!("{error}"))
}

/// Calls a plugin with the file.
///
/// # Panics
///
/// If a step fails.
pub fn call(plugin: &AnyPlugin, file: &Path, options: &[String], output: &mut impl Write) {
    let setting = |option: &String| {
        let (key, value) = option.split_once('=').expect("an option");
        Setting { key: key.to_owned(), value: value.to_owned() }
    };
    let options: Vec<_> = options.iter().map(setting).collect();
    let head = Head::of_path(file);
    match plugin {
        AnyPlugin::Streamer(plugin) => {
            let mut session =
                plugin.session(&head, &options).unwrap_or_else(|error| panic!("{error}"));
            let (mut file, mut piece) = (File::open(file).expect("the file"), vec![0; 64 << 10]);
            loop {
                let length = file.read(&mut piece).expect("a piece");
                if length == 0 {
                    break;
                }
                let ready = session.push(&piece[..length]);
                let ready = ready.unwrap_or_else(|error| panic!("{error}"));
                output.write_all(&ready).expect("an output");
            }
            let (rest, _) = session.finish().unwrap_or_else(|error| panic!("{error}"));
            output.write_all(&rest).expect("an output");
        }
        AnyPlugin::Transformer(plugin) => {
            let input = head.with_body(fs::read(file).expect("the file"));
            let result = plugin.transform(&input, &options);
            let result = result.unwrap_or_else(|error| panic!("{error}"));
            output.write_all(&result.body).expect("an output");
        }
        other => panic!("it is of the world `{}`", other.world()),
    }
}

const CITIES: [&str; 7] =
    ["Lisbon", "São Paulo", "Łódź", "Kyōto", "Reykjavík", "New York", "Nairobi"];

/// Makes an array of objects with a few fields of each kind, about this long.
fn json(length: usize) -> Vec<u8> {
    let mut json = "[".to_owned();
    let mut index = 0_usize;
    while json.len() < length {
        let comma = if index == 0 { "" } else { ",\n" };
        let (city, price) = (CITIES[index % 7], (index * 7919) % 100_000);
        let _ = write!(
            json,
            "{comma}{{\"id\":{index},\"name\":\"Place number {index}\",\"city\":\"{city}\",\"price\":{}.{:02},\
             \"open\":{},\"tags\":[\"a\",\"longer tag\"]}}",
            price / 100,
            price % 100,
            index.is_multiple_of(3),
        );
        index += 1;
    }
    json.push(']');
    json.into_bytes()
}

/// Makes rows with a few fields of each kind, about this long.
fn csv(length: usize, quotes: bool) -> Vec<u8> {
    let mut csv = "id,name,city,price,open,note\n".to_owned();
    let mark = if quotes { "\"" } else { "" };
    let mut index = 0_usize;
    while csv.len() < length {
        let (city, price) = (CITIES[index % 7], (index * 7919) % 100_000);
        let note =
            if index.is_multiple_of(10) { "\"one, \"\"two\"\"\"" } else { "nothing to say of it" };
        let _ = writeln!(
            csv,
            "{mark}{index}{mark},{mark}Place number {index}{mark},{mark}{city}{mark},\
             {mark}{}.{:02}{mark},{mark}{}{mark},{note}",
            price / 100,
            price % 100,
            index.is_multiple_of(3),
        );
        index += 1;
    }
    csv.into_bytes()
}

/// Makes pseudo-random bytes.
fn bytes(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes
}
