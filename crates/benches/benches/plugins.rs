//! `just bench plugins`: each plugin beside the program that people would run instead, a process each, on the same
//! file. A program that is not installed is left out.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use benches::{cells, host, number, photo, ratio, shipped, shown, table, text};
use plugwright::Limits;
use plugwright_contract::prelude::*;
use plugwright_contract::{AnyPlugin, Document, Head, Setting};

/// The first argument of the process that runs a plugin. A plugin, a file and options follow.
const RUN: &str = "--run-plugin";

/// A plugin, what it is given, and the program beside it.
struct Row {
    plugin: &'static str,
    options: &'static [&'static str],
    what: &'static str,
    file: &'static str,
    body: fn() -> Vec<u8>,
    /// The program and its arguments, before the file. Empty if there is none.
    program: &'static [&'static str],
}

const ROWS: &[Row] = &[
    Row {
        plugin: "markdown",
        options: &[],
        what: "3 MB of prose",
        file: "prose.md",
        body: || text(3_000_000),
        program: &["cmark-gfm", "--extension", "table", "--extension", "strikethrough"],
    },
    Row {
        plugin: "jq",
        options: &["filter=.", "output=compact"],
        what: "`.`, 6 MB",
        file: "places.json",
        body: || json(6_000_000),
        program: &["jq", "--compact-output", "."],
    },
    Row {
        plugin: "jq",
        options: &["output=compact", GROUPS],
        what: "`group_by`, 6 MB",
        file: "places.json",
        body: || json(6_000_000),
        program: &["jq", "--compact-output", GROUPS_FILTER],
    },
    Row {
        plugin: "checksum",
        options: &[],
        what: "SHA-256 of 200 MB",
        file: "bytes.bin",
        body: || bytes(200_000_000),
        program: &["sha256sum"],
    },
    Row {
        plugin: "checksum",
        options: &["algorithm=blake3"],
        what: "BLAKE3 of 200 MB",
        file: "bytes.bin",
        body: || bytes(200_000_000),
        program: &["b3sum", "--num-threads=1"],
    },
    Row {
        plugin: "thumbnail",
        options: &[],
        what: "JPEG of 23 megapixels",
        file: "photo.jpg",
        body: || photo::jpeg(5_840, 3_940),
        program: &["vipsthumbnail", "--size=256x256", "--output=vips.jpg"],
    },
    Row {
        plugin: "thumbnail",
        options: &[],
        what: "PNG of 6 megapixels",
        file: "photo.png",
        body: || photo::png(3_000, 2_000),
        program: &["vipsthumbnail", "--size=256x256", "--output=vips.png"],
    },
    Row {
        plugin: "csv-json",
        options: &[],
        what: "50 MB",
        file: "places.csv",
        body: || csv(50_000_000, false),
        program: &["mlr", "--icsv", "--ojson", "cat"],
    },
    Row {
        plugin: "csv-json",
        options: &["types=fields"],
        what: "50 MB in quotes, with types",
        file: "quoted.csv",
        body: || csv(50_000_000, true),
        program: &["mlr", "--icsv", "--ojson", "cat"],
    },
    Row {
        plugin: "redact",
        options: &[],
        what: "20 MB of prose",
        file: "prose.txt",
        body: || text(20_000_000),
        program: &[],
    },
    Row {
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

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, name, file, options @ ..] = &*arguments
        && first == RUN
    {
        return run(name, Path::new(file), options);
    }
    table(&["plugin", "input", "time", "per second", "program", "× program"]);
    let filters: Vec<_> = arguments.iter().filter(|it| !it.starts_with('-')).collect();
    let is_shown = |row: &&Row| filters.is_empty() || filters.iter().any(|it| row.plugin == **it);
    for row in ROWS.iter().filter(is_shown) {
        row.measure();
    }
}

impl Row {
    fn measure(&self) {
        let folder = tempfile::tempdir().expect("a folder");
        let body = (self.body)();
        fs::write(folder.path().join(self.file), &body).expect("a file");
        let plugin = || {
            let mut command = Command::new(std::env::current_exe().expect("this program"));
            command.args([RUN, self.plugin, self.file]).args(self.options);
            time(command.current_dir(&folder)).expect("the plugin runs")
        };
        let program = || {
            let (program, arguments) = self.program.split_first()?;
            let mut command = Command::new(program);
            command.args(arguments).arg(self.file);
            time(command.current_dir(&folder))
        };
        plugin();
        let best = (0..3).map(|_| plugin()).min().expect("three");
        let name = self.program.first().map_or_else(String::new, |name| format!("`{name}`"));
        let times = match program() {
            Some(_) => number(ratio(plugin, || program().expect("it ran before"))),
            None if name.is_empty() => String::new(),
            None => "not installed".to_owned(),
        };
        let speed = body.len() as f64 / best.as_secs_f64() / 1e6;
        cells(&[
            &format!("`{}`", self.plugin),
            self.what,
            &shown(best),
            &format!("{} MB", number(speed)),
            &name,
            &times,
        ]);
    }
}

/// How long the program takes, if there is one and it succeeds.
fn time(command: &mut Command) -> Option<Duration> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let status = command.status().ok()?;
    status.success().then(|| begin.elapsed())
}

/// Runs a plugin as the command does, which is not optimised where it is built for development.
fn run(name: &str, file: &Path, options: &[String]) {
    let host = host(Limits::default());
    let setting = |option: &String| {
        let (key, value) = option.split_once('=').expect("an option");
        Setting { key: key.to_owned(), value: value.to_owned() }
    };
    let options: Vec<_> = options.iter().map(setting).collect();
    let head = Head::of_path(file);
    let mut output = std::io::stdout().lock();
    match host.load_any_bytes(name, &shipped(name)).unwrap_or_else(|error| panic!("{error}")) {
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
            let input: Document = head.with_body(fs::read(file).expect("the file"));
            let result = plugin.transform(&input, &options);
            let result = result.unwrap_or_else(|error| panic!("{error}"));
            output.write_all(&result.body).expect("an output");
        }
        other => panic!("`{name}` is of the world `{}`", other.world()),
    }
}

const CITIES: [&str; 7] =
    ["Lisbon", "São Paulo", "Łódź", "Kyōto", "Reykjavík", "New York", "Nairobi"];

/// Objects with a few entries of each kind, as an array, about as long.
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

/// Rows with a few fields of each kind, about as long.
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

/// Bytes that nothing is to be made of.
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
