//! The description inside a plugin is shown and enforced without running the plugin.

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

/// Writes the plugin `count` with this description to a file in `folder`.
fn with_description(folder: &Path, text: &str) {
    let bytes = fs::read(dist_folder().join("count.wasm")).expect("the plugin is built");
    let described =
        candidate("count", &bytes).with_description(text).expect("the component is valid");
    fs::write(folder.join("count.wasm"), described).expect("the file can be written");
}

#[test]
fn each_plugin_of_documents_has_in_it_what_it_says_when_it_is_asked() {
    let (dist, mut wrong) = (dist(), 0);
    for plugin in dist.plugins() {
        let bytes = fs::read(dist.path(&plugin.name)).expect("the plugin is built");
        let schema = Schema::of(&candidate(&plugin.name, &bytes)).expect("the schema can be read");
        let loaded = load(&dist, &plugin.name).expect("the plugin loads");
        match loaded.transformer() {
            Some(transformer) => {
                let description = transformer.describe().expect("the plugin answers");
                let schema = schema.expect("the plugin has a description");
                assert!(schema.is_that_of(&description), "{}: {schema:?}", plugin.name);
                for option in &schema.options {
                    let check = |value: &str| schema.check(&[Setting::new(&*option.key, value)]);
                    let (taken, refused) = values(&option.values);
                    taken
                        .iter()
                        .chain([&option.default])
                        .for_each(|value| check(value).expect(value));
                    // A running plugin refuses the same values with the same words.
                    for value in refused {
                        let told = check(&value).expect_err(&value).to_string();
                        let document = Document::new("x", "text/plain", "1");
                        let setting = [Setting::new(&*option.key, value)];
                        let error = transformer.transform(&document, &setting);
                        let error = error.expect_err("the value is not valid").to_string();
                        assert!(error.ends_with(&told), "{told}: {error}");
                        wrong += 1;
                    }
                }
            }
            None => assert_eq!(schema, None, "{}", plugin.name),
        }
    }
    assert!(wrong > 40, "only {wrong} values were refused");
}

/// Returns values that an option takes, and some that it does not take.
fn values(values: &Values) -> (Vec<String>, Vec<String>) {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    match values {
        Values::Boolean => (texts(&["true", "false"]), texts(&["TRUE", "1", ""])),
        Values::Integer { least, most } => {
            let [least, most] =
                [least, most].map(|it| it.as_i128().expect("the value is a number"));
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
    error: `quote` does not take documents: `plugwright call quote` lists its functions
    [exit code 2]
    ");
    assert_snapshot!(options(&[]), @"
    ── stderr
    error: name a plugin, as in `plugwright run markdown --help-options`
    [exit code 2]
    ");
    assert_snapshot!(options(&["cuont"]), @"
    ── stderr
    error: there is no plugin `cuont` in `$DIST`, which has `checksum`, `count`, `csv-json`, `jq`, `markdown`, `quote`, `redact`, `template`, `thumbnail`: to name a file, give its folder or its ending `.wasm`
    [exit code 3]
    ");
    // A plugin without an embedded description is run and asked.
    copy_built("count.wasm", folder.path().join("count.wasm"));
    let bytes = fs::read(folder.path().join("count.wasm")).expect("the copy can be read");
    let described = Schema::of(&candidate("count", &bytes)).expect("the schema can be read");
    let (begin, _) = split(&bytes);
    fs::write(folder.path().join("count.wasm"), begin).expect("the file can be written");
    assert_eq!(Schema::of(&candidate("count", begin)).expect("the schema can be read"), None);
    assert!(described.is_some());
    assert_eq!(options(&["./count.wasm"]).stdout, options(&["count"]).stdout);
}

/// Splits the component into its last section, which is the description, and everything before it.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let name = b"plugwright:description";
    let at = bytes.windows(name.len()).position(|it| it == name).expect("the section exists");
    // The section's number, its length and the length of its name.
    let length = bytes.len() - at + 1;
    let digits = (1..5).find(|digits| length < 1 << (7 * digits)).expect("the length fits");
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
    error: `quote` has no options, because it does not take documents: leave out `--schema` to see what it has
    [exit code 2]
    ");
    let csv: Value =
        serde_json::from_str(&schema("csv-json").stdout).expect("the text is valid JSON");
    assert_eq!(csv["properties"]["header"]["type"], "boolean");
    assert_eq!(csv["properties"]["header"]["default"], true);
    let redact: Value =
        serde_json::from_str(&schema("redact").stdout).expect("the text is valid JSON");
    assert_snapshot!(redact["properties"]["kinds"]["pattern"].as_str().expect("the value is a string"), @r"^\s*((email|ip|card|iban|aws|github|slack|jwt|private-key)\s*)?(,\s*((email|ip|card|iban|aws|github|slack|jwt|private-key)\s*)?)*$");
    let both = shown(folder.path(), &["inspect", "count", "--schema", "--json"]);
    assert_eq!(both.code, Some(2), "{both}");
}

#[test]
fn a_wrong_option_of_a_pipeline_is_told_with_its_line_and_nothing_runs() {
    let folder = folder();
    let run = |pipeline: &str, arguments: &[&str]| {
        fs::write(folder.path().join("pipeline.toml"), pipeline).expect("the file can be written");
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
    // Options for one plugin are checked against that plugin.
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
    error: the description embedded in `count` differs from the one that the plugin returns: build it again
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
    // The text in the plugin is shown unchanged.
    let inspect = || shown(folder.path(), &["inspect", "./count.wasm"]);
    assert!(inspect().stdout.contains("\nsummary      counts\n"), "{}", inspect());
    // A description that cannot be read is ignored, except by `check`.
    let run = || shown(folder.path(), &["run", "./count.wasm", "page.md", "-O", "output=xml"]);
    for text in ["", "{", "[]", r#"{"summary":1}"#, "\u{1b}[2J"] {
        with_description(folder.path(), text);
        assert_eq!(check().code, Some(3), "{text}: {}", check());
        assert!(check().stderr.contains(": build the plugin again"), "{}", check());
        assert_eq!((inspect().code, run().code), (Some(0), Some(1)), "{text}: {}", run());
        assert!(inspect().stdout.contains(SUMMARY), "{text}: {}", inspect());
    }
    assert_snapshot!(check(), @"
    ── stderr
    error: `count`: cannot read the description in the plugin: expected value at line 1 column 1: build the plugin again
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
    // A default that is not a value, and a description with another name, are rejected, too.
    copy_built("count.wasm", folder.path().join("count.wasm"));
    let bytes = fs::read(folder.path().join("count.wasm")).expect("the copy can be read");
    let said =
        candidate("count", &bytes).description().expect("the plugin has a description").to_owned();
    for (from, to) in [("[\"counts\",\"document\"]", "[\"document\"]"), ("\"count\"", "\"c\"")] {
        assert!(said.contains(from), "{said}");
        with_description(folder.path(), &said.replace(from, to));
        assert_eq!(check().code, Some(3), "{to}: {}", check());
    }
    // A later release may add kinds of values.
    with_description(folder.path(), &said.replace("\"choice\"", "\"path\""));
    assert_eq!(check().code, Some(0), "{}", check());
    let long = candidate("count", &bytes).with_description(&" ".repeat((1 << 20) + 1));
    assert_snapshot!(long.expect_err("the description is too long"), @"the description of `count` is longer than 1048576 bytes: make its texts shorter");
    copy_built("count.wasm", folder.path().join("count.wasm"));
    assert_eq!(check().code, Some(0), "{}", check());
}

#[test]
fn code_is_compiled_once_whatever_is_said_of_it() {
    let folder = folder();
    let cache = Cache::open(folder.path().join("cache")).expect("the cache can be opened");
    let host = Host::builder().cache(cache.clone()).build().expect("the host can be created");
    let mut texts = vec![];
    for text in ["{}", "something else", ""] {
        with_description(folder.path(), text);
        let file = folder.path().join("count.wasm");
        let plugin: Plugin<Transformer> = host.load(&file).expect("the file is a plugin");
        assert_eq!(plugin.describe().expect("the plugin answers").name, "count");
        texts.push(fs::read(file).expect("the file can be read"));
    }
    assert_ne!(texts[0], texts[1]);
    assert_eq!((cache.misses(), cache.hits()), (1, 2));
    assert_eq!(cache.entries().expect("the cache can be read").len(), 1);
}
