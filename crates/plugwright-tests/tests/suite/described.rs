//! What a plugin says of itself, in the plugin: shown and held to without running it.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use plugwright::{Cache, Host};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Plugin, Schema, Setting, Transformer, Values};
use serde_json::Value;
use tests::{Output, candidate, copy_built, dist, dist_folder, load, plugwright};

use crate::pipelines::folder;

const SUMMARY: &str = "\nsummary      counts the lines, words, characters and bytes of a text\n";

fn shown(folder: &Path, arguments: &[&str]) -> Output {
    Output::of(&mut plugwright(folder, arguments))
}

/// The plugin `count` with this description in it, as a file in `folder`.
fn with_description(folder: &Path, text: &str) {
    let bytes = fs::read(dist_folder().join("count.wasm")).expect("it is built");
    let described = candidate("count", &bytes).with_description(text).expect("it is a component");
    fs::write(folder.join("count.wasm"), described).expect("a file");
}

#[test]
fn each_plugin_of_documents_has_in_it_what_it_says_when_it_is_asked() {
    let (dist, mut wrong) = (dist(), 0);
    for plugin in dist.plugins() {
        let bytes = fs::read(dist.path(&plugin.name)).expect("it is built");
        let schema = Schema::of(&candidate(&plugin.name, &bytes)).expect("it can be read");
        let loaded = load(&dist, &plugin.name).expect("it can be loaded");
        match loaded.transformer() {
            Some(transformer) => {
                let description = transformer.describe().expect("it answers");
                let schema = schema.expect("it is in it");
                assert!(schema.is_that_of(&description), "{}: {schema:?}", plugin.name);
                for option in &schema.options {
                    let check = |value: &str| schema.check(&[Setting::new(&*option.key, value)]);
                    let (taken, refused) = values(&option.values);
                    taken
                        .iter()
                        .chain([&option.default])
                        .for_each(|value| check(value).expect(value));
                    // What is refused is refused in the same words when it runs.
                    for value in refused {
                        let told = check(&value).expect_err(&value).to_string();
                        let document = Document::new("x", "text/plain", "1");
                        let setting = [Setting::new(&*option.key, value)];
                        let error = transformer.transform(&document, &setting);
                        let error = error.expect_err("it is no value").to_string();
                        assert!(error.ends_with(&told), "{told}: {error}");
                        wrong += 1;
                    }
                }
            }
            None => assert_eq!(schema, None, "{}", plugin.name),
        }
    }
    assert!(wrong > 40, "{wrong} values were refused");
}

/// Values that an option takes, and some that it does not.
fn values(values: &Values) -> (Vec<String>, Vec<String>) {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    match values {
        Values::Boolean => (texts(&["true", "false"]), texts(&["TRUE", "1", ""])),
        Values::Integer { least, most } => {
            let [least, most] = [least, most].map(|it| it.as_i128().expect("it is a number"));
            let taken = [least, most].map(|number| number.to_string()).to_vec();
            let beyond = [least - 1, most + 1].map(|number| number.to_string());
            (taken, [beyond.to_vec(), texts(&["", "1.0", "1 ", "ten"])].concat())
        }
        Values::Choice { choices } => (choices.clone(), texts(&["", " ", "\u{1}", "nothing"])),
        Values::Choices { choices, .. } => {
            ([choices.clone(), vec![choices.join(",")]].concat(), texts(&["nothing", "\u{1},"]))
        }
        _ => (texts(&["", "any"]), Vec::new()),
    }
}

#[test]
fn options_are_shown_without_a_file() {
    let folder = folder();
    let options = |arguments: &[&str]| {
        shown(folder.path(), &[&["run"], arguments, &["--help-options"]].concat())
    };
    assert_snapshot!(options(&["count"]), @"
    count: counts the lines, words, characters and bytes of a text
      --option counts=lines,words,characters,bytes  what to count, separated by commas
      --option output=counts  `counts` for a JSON document of the counts, `document` for the document as it is, with the counts as attributes
    [exit code 0]
    ");
    assert_snapshot!(options(&["count,checksum", "page.md"]), @"
    count: counts the lines, words, characters and bytes of a text
      --option counts=lines,words,characters,bytes  what to count, separated by commas
      --option output=counts  `counts` for a JSON document of the counts, `document` for the document as it is, with the counts as attributes
    checksum: tells the checksum of a document, as `sha256sum` does
      --option algorithm=sha-256  which checksum: one of `sha-256`, `blake3`, `crc32`
    [exit code 0]
    ");
    assert_snapshot!(options(&["--pipeline", "checksums.toml", "page.md"]), @"
    markdown: turns Markdown into HTML
      --option unsafe-html=false  `true` passes raw HTML and links such as `javascript:` on; `false` escapes the HTML and empties the links
      --option tag-filter=false  `true` shows tags such as `<script>` as text where `unsafe-html` passes raw HTML on, as GitHub does; `false` passes them on, too
      --option autolinks=false  `true` turns addresses in text into links, such as `www.example.org` and `somebody@example.org`, as GitHub does; `false` leaves them as text
      --option front-matter=true  `true` reads YAML between `---` lines at the beginning into the document's attributes; `false` takes it as Markdown
    checksum: tells the checksum of a document, as `sha256sum` does
      --option algorithm=sha-256  which checksum: one of `sha-256`, `blake3`, `crc32`
    [exit code 0]
    ");
    assert_snapshot!(options(&["quote"]), @"
    ── stderr
    error: `quote` takes no documents: `plugwright call quote` lists what of it can be called
    [exit code 2]
    ");
    assert_snapshot!(options(&[]), @"
    ── stderr
    error: a plugin is needed, as in `plugwright run markdown --help-options`
    [exit code 2]
    ");
    assert_snapshot!(options(&["cuont"]), @"
    ── stderr
    error: there is no plugin `cuont` in `$DIST`, which has `checksum`, `count`, `csv-json`, `jq`, `markdown`, `quote`, `redact`, `template`, `thumbnail`: a file is named with its folder or its `.wasm`
    [exit code 3]
    ");
    // One that has nothing in it is asked.
    copy_built("count.wasm", folder.path().join("count.wasm"));
    let bytes = fs::read(folder.path().join("count.wasm")).expect("a copy");
    let described = Schema::of(&candidate("count", &bytes)).expect("it can be read");
    let (begin, _) = split(&bytes);
    fs::write(folder.path().join("count.wasm"), begin).expect("a file");
    assert_eq!(Schema::of(&candidate("count", begin)).expect("it can be read"), None);
    assert!(described.is_some());
    assert_eq!(options(&["./count.wasm"]).stdout, options(&["count"]).stdout);
}

/// The component before its description, which is the last section, and that.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let name = b"plugwright:description";
    let at = bytes.windows(name.len()).position(|it| it == name).expect("it is there");
    // The number of the section, its length and the length of its name.
    let length = bytes.len() - at + 1;
    let digits = (1..5).find(|digits| length < 1 << (7 * digits)).expect("it is short");
    bytes.split_at(at - 2 - digits)
}

#[test]
fn options_have_a_json_schema() {
    let folder = folder();
    let schema = |plugin: &str| shown(folder.path(), &["inspect", plugin, "--schema"]);
    assert_snapshot!(schema("count"), @r#"
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "additionalProperties": false,
      "description": "counts the lines, words, characters and bytes of a text",
      "properties": {
        "counts": {
          "default": "lines,words,characters,bytes",
          "description": "what to count, separated by commas",
          "pattern": "^(lines|words|characters|bytes)(,(lines|words|characters|bytes))*$",
          "type": "string"
        },
        "output": {
          "default": "counts",
          "description": "`counts` for a JSON document of the counts, `document` for the document as it is, with the counts as attributes",
          "enum": [
            "counts",
            "document"
          ],
          "type": "string"
        }
      },
      "type": "object"
    }
    [exit code 0]
    "#);
    assert_snapshot!(schema("quote"), @"
    ── stderr
    error: `quote` has no options: those of documents have, and what it has is told without `--schema`
    [exit code 2]
    ");
    let csv: Value = serde_json::from_str(&schema("csv-json").stdout).expect("JSON");
    assert_eq!(csv["properties"]["header"]["type"], "boolean");
    assert_eq!(csv["properties"]["header"]["default"], true);
    let redact: Value = serde_json::from_str(&schema("redact").stdout).expect("JSON");
    assert_snapshot!(redact["properties"]["kinds"]["pattern"].as_str().expect("text"), @r"^\s*((email|ip|card|iban|aws|github|slack|jwt|private-key)\s*)?(,\s*((email|ip|card|iban|aws|github|slack|jwt|private-key)\s*)?)*$");
    let both = shown(folder.path(), &["inspect", "count", "--schema", "--json"]);
    assert_eq!(both.code, Some(2), "{both}");
}

#[test]
fn a_wrong_option_of_a_pipeline_is_told_with_its_line_and_nothing_runs() {
    let folder = folder();
    let run = |pipeline: &str, arguments: &[&str]| {
        fs::write(folder.path().join("pipeline.toml"), pipeline).expect("a file");
        shown(folder.path(), &[&["run", "--pipeline", "pipeline.toml"], arguments].concat())
    };
    let wrong = "[[stage]]\nplugin = \"markdown\"\n\n[[stage]]\nplugin = \"count\"\n\
                 options = { counts = \"lines,pages\" }\n";
    assert_snapshot!(run(wrong, &["page.md", "other.md", "--into", "results"]), @"
    ── stderr
    error: `pipeline.toml`, line 5: plugin `count` refused: option `counts` at line 1, column 7: `pages` is none of `lines`, `words`, `characters`, `bytes`
    [exit code 1]
    ");
    assert!(!folder.path().join("results").exists());
    assert_snapshot!(run(wrong, &["page.md", "--output", "page.json"]), @"
    ── stderr
    error: `pipeline.toml`, line 5: plugin `count` refused: option `counts` at line 1, column 7: `pages` is none of `lines`, `words`, `characters`, `bytes`
    [exit code 1]
    ");
    assert!(!folder.path().join("page.json").exists());
    let unknown = "[[stage]]\nplugin = \"markdown\"\noptions = { safe = true }\n";
    assert_snapshot!(run(unknown, &["page.md"]), @"
    ── stderr
    error: `pipeline.toml`, line 2: plugin `markdown` refused: unknown option `safe`: `plugwright inspect` lists the plugin's options
    [exit code 1]
    ");
    // What is meant for a plugin alone is held to that plugin.
    let right = "[[stage]]\nplugin = \"markdown\"\n\n[[stage]]\nplugin = \"count\"\n";
    assert_snapshot!(run(right, &["page.md", "-O", "count.output=xml"]), @"
    ── stderr
    error: `pipeline.toml`, line 5: plugin `count` refused: option `output`: `xml` is none of `counts`, `document`
    [exit code 1]
    ");
    assert_eq!(run(right, &["page.md", "-O", "count.output=counts"]).code, Some(0));
}

#[test]
fn a_plugin_that_says_something_else_than_is_in_it_is_refused() {
    let folder = folder();
    let check = || shown(folder.path(), &["check", "./count.wasm"]);
    let said = r#"{"name":"count","version":"0.1.0","summary":"counts","takes":["*/*"],"gives":["*/*"],"options":[]}"#;
    with_description(folder.path(), said);
    assert_snapshot!(check(), @"
    ── stderr
    error: `count` says something else of itself than what is in it: build it again
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
    // It is shown as what it is, which is what is in it.
    let inspect = || shown(folder.path(), &["inspect", "./count.wasm"]);
    assert!(inspect().stdout.contains("\nsummary      counts\n"), "{}", inspect());
    // What cannot be read is as if it were not there, but for whoever checks.
    let run = || shown(folder.path(), &["run", "./count.wasm", "page.md", "-O", "output=xml"]);
    for text in ["", "{", "[]", r#"{"summary":1}"#, "\u{1b}[2J"] {
        with_description(folder.path(), text);
        assert_eq!(check().code, Some(3), "{text}: {}", check());
        assert!(check().stderr.contains(": build it again"), "{}", check());
        assert_eq!((inspect().code, run().code), (Some(0), Some(1)), "{text}: {}", run());
        assert!(inspect().stdout.contains(SUMMARY), "{text}: {}", inspect());
    }
    assert_snapshot!(check(), @"
    ── stderr
    error: `count`: cannot read the description in the plugin: expected value at line 1 column 1: build the plugin again
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
    // Nor is a default that is no value, or what has another name.
    copy_built("count.wasm", folder.path().join("count.wasm"));
    let bytes = fs::read(folder.path().join("count.wasm")).expect("a copy");
    let said = candidate("count", &bytes).description().expect("it is in it").to_owned();
    for (from, to) in [("[\"counts\",\"document\"]", "[\"document\"]"), ("\"count\"", "\"c\"")] {
        assert!(said.contains(from), "{said}");
        with_description(folder.path(), &said.replace(from, to));
        assert_eq!(check().code, Some(3), "{to}: {}", check());
    }
    // A later release may know more kinds of values.
    with_description(folder.path(), &said.replace("\"choice\"", "\"path\""));
    assert_eq!(check().code, Some(0), "{}", check());
    let long = candidate("count", &bytes).with_description(&" ".repeat((1 << 20) + 1));
    assert_snapshot!(long.expect_err("it is too long"), @"`count` says more of itself than the 1048576 bytes that are put into a plugin: make its texts shorter");
    copy_built("count.wasm", folder.path().join("count.wasm"));
    assert_eq!(check().code, Some(0), "{}", check());
}

#[test]
fn code_is_compiled_once_whatever_is_said_of_it() {
    let folder = folder();
    let cache = Cache::open(folder.path().join("cache")).expect("a cache");
    let host = Host::builder().cache(cache.clone()).build().expect("a host");
    let mut texts = vec![];
    for text in ["{}", "something else", ""] {
        with_description(folder.path(), text);
        let file = folder.path().join("count.wasm");
        let plugin: Plugin<Transformer> = host.load(&file).expect("it is a plugin");
        assert_eq!(plugin.describe().expect("it answers").name, "count");
        texts.push(fs::read(file).expect("a file"));
    }
    assert_ne!(texts[0], texts[1]);
    assert_eq!((cache.misses(), cache.hits()), (1, 2));
    assert_eq!(cache.entries().expect("a folder").len(), 1);
}
