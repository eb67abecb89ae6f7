//! `plugwright call` as a user runs it, with the plugin `quote`.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Output, dist_folder, plugwright, trapping};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be created")
}

fn call(folder: &Path, arguments: &[&str]) -> Output {
    Output::of(&mut plugwright(folder, [&["call"], arguments].concat()))
}

#[test]
fn without_a_statement_it_lists_what_can_be_called() {
    let folder = folder();
    assert_snapshot!(call(folder.path(), &["quote"]), @"
    plugwright:plugin/words@0.2.0
      // Plugins that make words and names look nice. The smallest useful contract: strings, results,
      // and a resource that the plugin implements and the host uses.
      words.person-resource: constructor(first-name: string, last-name: string)
          // Makes a person from a first and a last name. Either may be empty.
      words.person-resource.replica: func() -> tuple<string, string>
          // The first and the last name, as the plugin keeps them.
      words.prettify: func(words: list<string>) -> result<string, string>
          // Makes one text from `words`, or returns a sentence that says why it cannot.
      words.greet: func(person: borrow<person-resource>) -> result<string, string>
          // Greets `person`, or returns a sentence that says why it cannot.
          //
          // The host keeps the person: the plugin only borrows it.

    functions that the plugin imports, answered by `import` statements

    plugwright:plugin/host@0.2.0
      // Functions that the host provides to every plugin.
      host.map-resource: constructor(entries: list<tuple<string, string>>)
          // Makes a map in the host from key-value pairs.
      host.log: func(level: level, message: string, fields: list<field>)
          // Writes one line to the host's log. The host adds which plugin wrote it.
          //
          // Put variable values into `fields` and keep `message` constant, so that lines can be
          // found and counted.
      host.log-structured: func(message: string, properties: map-resource)
          // Writes one line at level `info` with the pairs of `properties` as its fields.
          //
          // The map goes back to the host: the plugin can no longer use it.
      enum level { trace, debug, info, warn, error }
      record field { key: string, value: string }
    [exit code 0]
    ");
    let output = call(folder.path(), &["quote", "--json"]);
    let json: serde_json::Value =
        serde_json::from_slice(&output.bytes).expect("the text is valid JSON");
    assert_snapshot!(serde_json::to_string_pretty(&json).expect("the value can be serialised"), @r#"
    {
      "exports": [
        {
          "documentation": "Plugins that make words and names look nice. The smallest useful contract: strings, results,\nand a resource that the plugin implements and the host uses.",
          "functions": [
            {
              "documentation": "Makes a person from a first and a last name. Either may be empty.",
              "path": "words.person-resource",
              "signature": "constructor(first-name: string, last-name: string)"
            },
            {
              "documentation": "The first and the last name, as the plugin keeps them.",
              "path": "words.person-resource.replica",
              "signature": "func() -> tuple<string, string>"
            },
            {
              "documentation": "Makes one text from `words`, or returns a sentence that says why it cannot.",
              "path": "words.prettify",
              "signature": "func(words: list<string>) -> result<string, string>"
            },
            {
              "documentation": "Greets `person`, or returns a sentence that says why it cannot.\n\nThe host keeps the person: the plugin only borrows it.",
              "path": "words.greet",
              "signature": "func(person: borrow<person-resource>) -> result<string, string>"
            }
          ],
          "interface": "plugwright:plugin/words@0.2.0",
          "types": []
        }
      ],
      "imports": [
        {
          "documentation": "Functions that the host provides to every plugin.",
          "functions": [
            {
              "documentation": "Makes a map in the host from key-value pairs.",
              "path": "host.map-resource",
              "signature": "constructor(entries: list<tuple<string, string>>)"
            },
            {
              "documentation": "Writes one line to the host's log. The host adds which plugin wrote it.\n\nPut variable values into `fields` and keep `message` constant, so that lines can be\nfound and counted.",
              "path": "host.log",
              "signature": "func(level: level, message: string, fields: list<field>)"
            },
            {
              "documentation": "Writes one line at level `info` with the pairs of `properties` as its fields.\n\nThe map goes back to the host: the plugin can no longer use it.",
              "path": "host.log-structured",
              "signature": "func(message: string, properties: map-resource)"
            }
          ],
          "interface": "plugwright:plugin/host@0.2.0",
          "types": [
            "enum level { trace, debug, info, warn, error }",
            "record field { key: string, value: string }"
          ]
        }
      ]
    }
    "#);
}

#[test]
fn a_call_shows_what_the_plugin_asked_and_what_came_out() {
    let folder = folder();
    let statement = r#"words.prettify(["to", "be"])"#;
    assert_snapshot!(call(folder.path(), &["quote", statement]), @r#"
    > words.prettify(["to", "be"])
      host.log(info, "quoting", [{key: "words", value: "2"}])
    < ok("\"to\" \"be\"")
    [exit code 0]
    "#);
    // The file name selects the same plugin.
    let file = dist_folder().join("quote.wasm");
    let by_file = call(folder.path(), &[file.to_str().expect("the path is UTF-8"), statement]);
    let by_name = call(folder.path(), &["quote", statement]);
    assert_eq!(by_file.to_string(), by_name.to_string());
}

#[test]
fn several_statements_share_an_instance() {
    let folder = folder();
    assert_snapshot!(call(folder.path(), &[
        "quote",
        r#"let ada = words.person-resource("Ada", "Lovelace")"#,
        "ada.replica()",
        "words.greet(ada)",
        "drop ada",
        "fresh",
        "prettify([])",
        r#"prettify(["or", "not"])"#,
    ]), @r#"
    > let ada = words.person-resource("Ada", "Lovelace")
    < person-resource#1
    > ada.replica()
    < ("Ada", "Lovelace")
    > words.greet(ada)
      host.map-resource([("first-name", "Ada"), ("last-name", "Lovelace")]) = map-resource#1
      host.log-structured("greeting", map-resource#1)
    < ok("Hello, Ada Lovelace!")
    > drop ada
    > fresh
    > prettify([])
    < err("there are no words to quote")
    > prettify(["or", "not"])
      host.log(info, "quoting", [{key: "words", value: "2"}])
    < ok("\"or\" \"not\"")
    [exit code 0]
    "#);
    assert_snapshot!(call(folder.path(), &[
        "quote",
        r#"let nobody = person-resource("", "")"#,
        "nobody.replica()",
        "--json",
    ]), @r#"
    {"statement":"let nobody = person-resource(\"\", \"\")"}
    {"result":"person-resource#1"}
    {"statement":"nobody.replica()"}
    {"result":["",""]}
    [exit code 0]
    "#);
}

#[test]
fn a_file_of_statements_comes_before_those_of_the_command_line() {
    let folder = folder();
    let calls = "// Who it is.\nlet ada = person-resource(\"Ada\", file(\"name\"))\n";
    fs::create_dir(folder.path().join("cases")).expect("the folder can be created");
    fs::write(folder.path().join("cases/ada.calls"), calls).expect("the file can be written");
    fs::write(folder.path().join("cases/name"), "Byron").expect("the file can be written");
    let arguments = ["quote", "--calls", "cases/ada.calls", "greet(ada)"];
    assert_snapshot!(call(folder.path(), &arguments), @r#"
    > let ada = person-resource("Ada", file("name"))
    < person-resource#1
    > greet(ada)
      host.map-resource([("first-name", "Ada"), ("last-name", "Byron")]) = map-resource#1
      host.log-structured("greeting", map-resource#1)
    < ok("Hello, Ada Byron!")
    [exit code 0]
    "#);
    assert_snapshot!(call(folder.path(), &["quote", "--calls", "cases/ada.calls", "greet(eve)"]), @r#"
    > let ada = person-resource("Ada", file("name"))
    < person-resource#1
    > greet(eve)
    ── stderr
    error: column 7: there is no variable `eve`, only `ada`; expected `person: borrow<words.person-resource>`
    [exit code 2]
    "#);
    fs::write(folder.path().join("cases/ada.calls"), "greet(\n").expect("the file can be written");
    assert_snapshot!(call(folder.path(), &arguments), @"
    ── stderr
    error: `cases/ada.calls`, line 1, column 6: the `(` of this call is not closed: add `)`
    [exit code 2]
    ");
}

#[test]
fn a_recorded_call_is_a_case_that_gives_the_same() {
    let folder = folder();
    let statements = [r#"let ada = person-resource("Ada", "")"#, "greet(ada)"];
    let recorded =
        call(folder.path(), &[&["quote"], &statements[..], &["--record", "ada.calls"]].concat());
    assert_eq!(recorded.code, Some(1), "{recorded}");
    let script = fs::read_to_string(folder.path().join("ada.calls")).expect("the file was written");
    assert_snapshot!(script, @r#"
    import host.map-resource([("first-name", "Ada"), ("last-name", "")]) = new
    import host.log-structured("greeting", _)

    let ada = person-resource("Ada", "")
    greet(ada)
    "#);
    let played = call(folder.path(), &["quote", "--calls", "ada.calls"]);
    assert_eq!(played.to_string(), recorded.to_string());
}

#[test]
fn exit_code_1_when_the_last_call_fails() {
    let folder = folder();
    assert_snapshot!(call(folder.path(), &["quote", "prettify([])"]), @r#"
    > prettify([])
    < err("there are no words to quote")
    ── stderr
    error: plugin `quote` refused the call (see the last line)
    [exit code 1]
    "#);
    // A statement that fails before the last one is only part of the output.
    let output = call(folder.path(), &["quote", "prettify([])", "prettify([\"a\"])"]);
    assert_eq!(output.code, Some(0), "{output}");
}

#[test]
fn exit_code_2_when_a_statement_is_none() {
    let folder = folder();
    let wrong = [
        &["prettify([\"a\""][..],
        &["pretify([])"],
        &["words.prettify([1])"],
        &["prettify([])", "greet(ada)"],
        &["import host.lag(_, _, _)", "prettify([])"],
    ];
    let told = wrong.map(|statements| {
        let output = call(folder.path(), &[&["quote"], statements].concat());
        assert_eq!(output.code, Some(2), "{output}");
        output.stderr
    });
    assert_snapshot!(told.concat(), @"
    error: column 10: this bracket is not closed: add `]`
    error: column 1: there is no `pretify`: did you mean `prettify`?
    error: column 17: `1` is not a value of `string`; expected `words: list<string>`
    error: statement 2, column 7: there is no variable `ada`: begin with `let ada = …`; expected `person: borrow<words.person-resource>`
    error: statement 1, column 8: the plugin does not import `host.lag`: did you mean `host.log`?
    ");
}

#[test]
fn exit_codes_4_and_5_when_a_call_traps_or_goes_beyond_a_limit() {
    let folder = folder();
    fs::write(folder.path().join("trapping.wasm"), trapping("prettify"))
        .expect("the file can be written");
    let output = call(folder.path(), &["trapping.wasm", "prettify([])"]);
    // The function's offset depends on the compiler.
    let (before, after) =
        output.stdout.split_once("<function at 0x").expect("the output has a backtrace");
    assert_snapshot!(before, @"
    > prettify([])
    ! trap wasm `unreachable` instruction executed
        in
    ");
    assert!(after.trim_end_matches(">\n").chars().all(|c| c.is_ascii_hexdigit()), "{output}");
    assert_eq!(output.code, Some(4), "{output}");
    let limited = ["quote", "prettify([\"a\"])", "--limit", "output=1"];
    assert_snapshot!(call(folder.path(), &limited), @r#"
    > prettify(["a"])
      host.log(info, "quoting", [{key: "words", value: "1"}])
    ! limit output: the result is limited to 1 byte; to allow more, raise the limit `output`
    ── stderr
    error: plugin `quote` exceeded a limit (see the last lines)
    [exit code 5]
    "#);
}
