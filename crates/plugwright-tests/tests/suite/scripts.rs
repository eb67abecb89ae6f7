//! Scripts of calls that run plugins, and their transcripts.

mod answered;
mod bounded;
mod wrong;

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use plugwright::{Access, Dynamic, Grants, Limits, Plugin, symbols_beside};
use plugwright_contract::Prettify;
use plugwright_test::{Ending, RecordError, Script, Transcript};
use tests::{dist_folder, host};

use crate::foreign_contract::canvas_folder;
use crate::hostile;

fn quote() -> Plugin<Dynamic> {
    let plugin = host().load_dynamic(dist_folder().join("quote.wasm"), &[]);
    plugin.unwrap_or_else(|error| panic!("{error}"))
}

fn canvas() -> Plugin<Dynamic> {
    let palette = canvas_folder("palette");
    let palette = Grants::none().folder(palette, "/palette", Access::ReadOnly);
    let host = host().with_grants(palette.unwrap_or_else(|error| panic!("{error}")));
    let path = canvas_folder("dist/canvas.wasm");
    let plugin = host.load_dynamic(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
    plugin.with_symbols(symbols_beside(&path))
}

fn hostile(name: &str) -> Plugin<Dynamic> {
    let plugin = host().load_dynamic_bytes(name, &hostile::component(name), &[]);
    plugin.unwrap_or_else(|error| panic!("{error}"))
}

fn parse(text: &str) -> Script {
    Script::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn run(plugin: &Plugin<Dynamic>, text: &str) -> Transcript {
    parse(text).run(plugin, Path::new("no such folder"))
}

/// Returns the transcript, the outcome of the last call, and the error of the script.
fn told(transcript: &Transcript) -> String {
    let error = transcript.error().map_or_else(String::new, |error| format!("error: {error}\n"));
    format!("{}[{:?}]\n{error}", transcript.snapshot(), transcript.ending())
}

#[test]
fn calls_are_made_in_one_instance_and_told() {
    let transcript = run(
        &quote(),
        r#"
        // Greets a person, and asks for both names.
        let ada = words.person-resource("Ada", "Lovelace")
        words.greet(ada)
        ada.replica()
        prettify([
          "several", // comments
          "lines",
        ])
        drop ada
        let nobody = person-resource("", "")
        greet(nobody)
        "#,
    );
    assert_snapshot!(told(&transcript), @r#"
    > let ada = words.person-resource("Ada", "Lovelace")
    < person-resource#1
    > words.greet(ada)
      host.map-resource([("first-name", "Ada"), ("last-name", "Lovelace")]) = map-resource#1
      host.log-structured("greeting", map-resource#1)
    < ok("Hello, Ada Lovelace!")
    > ada.replica()
    < ("Ada", "Lovelace")
    > prettify(["several", "lines"])
      host.log(info, "quoting", [{key: "words", value: "2"}])
    < ok("\"several\" \"lines\"")
    > drop ada
    > let nobody = person-resource("", "")
    < person-resource#2
    > greet(nobody)
      host.map-resource([("first-name", ""), ("last-name", "")]) = map-resource#2
      host.log-structured("greeting", map-resource#2)
    < err("the person has no name")
    [Failure]
    "#);
}

#[test]
fn what_calls_give_is_taken_out_and_goes_into_others() {
    let transcript = run(
        &canvas(),
        r#"
        import tools.lend(_) = new
        import tools.put-away(_) = (7, some("ochre"))
        import wider(_, _) = true, false
        import tools.brush.width = 3
        import has-frame({corners: ({x: 1, y: 2}, {x: 3, y: 4}), styles: []}) = true
        import has-frame(_) = false
        import brush.join(_, _) = new

        let thin = new tools.brush
        let drawing = studio.drawing("house", thin)
        drawing.add({shape: dot({x: 1, y: 2}), style: {filled}, label: some(ok("a dot"))})
        drawing.add({shape: path([{x: 1, y: 2}, {x: 3, y: 4}, {x: 5, y: 6}, {x: 7, y: 8}]), style: {}})
        let copy = studio.copy(drawing)
        copy.elements()
        let pen = new brush
        drawing.is-finer-than(pen)
        drawing.is-finer-than(pen)
        let both = studio.drawing.merge(drawing, copy)
        let ended = studio.drawing.finish(both)
        let frame = ok some fit([{x: 1, y: 2}, {x: 3, y: 4}], [])
        let styles = frame.styles
        let lost = ended.0
        studio.drawing("another", ended.0)
        fit([{x: 1, y: 2}], styles)
        let nothing = ok some fit([{x: 9, y: 9}], frame.styles)
        halves([])
        "#,
    );
    assert_snapshot!(told(&transcript), @r#"
    > let thin = new tools.brush
    < brush#1
    > let drawing = studio.drawing("house", thin)
      tools.note(info, "a drawing is begun", [("name", "house")])
    < drawing#1
    > drawing.add({shape: dot({x: 1, y: 2}), style: {filled}, label: some(ok("a dot"))})
    < ok(1)
    > drawing.add({shape: path([{x: 1, y: 2}, {x: 3, y: 4}, {x: 5, y: 6}, {x: 7, y: 8}]), style: {}})
    < err(too-many((4, 3)))
    > let copy = studio.copy(drawing)
      tools.brush.width(brush#1) = 3
      tools.brush(3) = brush#2
      tools.note(info, "a drawing is begun", [("name", "house")])
    < drawing#2
    > copy.elements()
    < [{shape: dot({x: 1, y: 2}), style: {filled}, cap: none, label: some(ok("a dot"))}]
    > let pen = new brush
    < brush#3
    > drawing.is-finer-than(pen)
      tools.wider(brush#3, brush#1) = true
    < true
    > drawing.is-finer-than(pen)
      tools.wider(brush#3, brush#1) = false
    < false
    > let both = studio.drawing.merge(drawing, copy)
      tools.brush.join(brush#1, brush#2) = brush#4
    < drawing#3
    > let ended = studio.drawing.finish(both)
      tools.note(warn, "a drawing is finished", [("name", "house")])
    < (
        brush#4,
        [
          {shape: dot({x: 1, y: 2}), style: {filled}, cap: none, label: some(ok("a dot"))},
          {shape: dot({x: 1, y: 2}), style: {filled}, cap: none, label: some(ok("a dot"))},
        ],
      )
    > let frame = ok some fit([{x: 1, y: 2}, {x: 3, y: 4}], [])
      has-frame({corners: ({x: 1, y: 2}, {x: 3, y: 4}), styles: []}) = true
    < ok(some({corners: ({x: 1, y: 2}, {x: 3, y: 4}), styles: []}))
    > let styles = frame.styles
    < []
    > let lost = ended.0
    < brush#4
    > studio.drawing("another", ended.0)
      tools.note(info, "a drawing is begun", [("name", "another")])
    < drawing#4
    > fit([{x: 1, y: 2}], styles)
      has-frame({corners: ({x: 1, y: 2}, {x: 1, y: 2}), styles: []}) = false
    < ok(none)
    > let nothing = ok some fit([{x: 9, y: 9}], frame.styles)
      has-frame({corners: ({x: 9, y: 9}, {x: 9, y: 9}), styles: []}) = false
    < ok(none)
    ! the script ends: there is no `ok(some(…))` for `nothing`
    [Failure]
    "#);
}

#[test]
fn an_instance_ends_with_a_trap_or_a_limit_until_the_script_begins_another() {
    let plugin = canvas();
    let plugin =
        plugin.with_limits(&Limits::none().deadline(std::time::Duration::from_millis(200)));
    let transcript = run(
        &plugin.expect("a call can have this limit"),
        "suffer(stumble)\nhalves([])\nfresh\nhalves([])\nsuffer(spin)\nlet x = halves([])\n",
    );
    let frames = transcript.to_string();
    assert!(frames.contains("\n    in canvas::stumbles at "), "{frames}");
    assert_snapshot!(told(&transcript), @"
    > suffer(stumble)
      stderr:
      stderr: thread '<unnamed>' (1) panicked at src/lib.rs:120:14:
      stderr: a shoelace
      stderr: note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
    ! trap it panicked at src/lib.rs:120:14: a shoelace
    > halves([])
    ! the instance has ended: begin a new one with `fresh`
    > fresh
    > halves([])
    < []
    > suffer(spin)
    ! limit deadline: the time of a call is limited to 200ms; to allow more, raise the limit `deadline`
    > let x = halves([])
    ! the instance has ended: begin a new one with `fresh`
    [Limit]
    ");
    let said = run(&hostile("log-of-escape-codes"), "prettify([])\n");
    assert_snapshot!(told(&said), @r#"
    > prettify([])
      host.log(info, "\u{1b}[2J\u{1b}[H\r\nerror: all is well\u{8}", [])
    < err("\u{1b}[2J\u{1b}[H\r\nerror: all is well\u{8}")
    [Failure]
    "#);
}

#[test]
fn a_recording_does_the_same_again() {
    let plugin = canvas();
    let first = run(
        &plugin,
        "import lend = new\nimport tools.put-away(_) = (7, none)\nimport brush.width(_) = 1, 2, 2, 2\n\
         import brush.dip = ok(some(\"x\")), err(dry)\nlet b = new brush\nlet d = drawing(\"a \\\"b\\\"\", b) // comment\n\
         copy(d)\ncopy(d)\ncopy(d)\nsuffer(\n  stumble)\nfresh\npaint(\"ochre\")\nimport note(warn, _, _) = trap \"never\"\n",
    );
    assert_snapshot!(told(&first), @r#"
    > let b = new brush
    < brush#1
    > let d = drawing("a \"b\"", b)
      tools.note(info, "a drawing is begun", [("name", "a \"b\"")])
    < drawing#1
    > copy(d)
      tools.brush.width(brush#1) = 1
      tools.brush(1) = brush#2
      tools.note(info, "a drawing is begun", [("name", "a \"b\"")])
    < drawing#2
    > copy(d)
      tools.brush.width(brush#1) = 2
      tools.brush(2) = brush#3
      tools.note(info, "a drawing is begun", [("name", "a \"b\"")])
    < drawing#3
    > copy(d)
      tools.brush.width(brush#1) = 2
      tools.brush(2) = brush#4
      tools.note(info, "a drawing is begun", [("name", "a \"b\"")])
    < drawing#4
    > suffer(stumble)
      stderr:
      stderr: thread '<unnamed>' (1) panicked at src/lib.rs:120:14:
      stderr: a shoelace
      stderr: note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
    ! trap it panicked at src/lib.rs:120:14: a shoelace
    > fresh
    > paint("ochre")
      tools.lend(round) = brush#1
      tools.brush.dip(brush#1, "yellow") = ok(some("x"))
      tools.brush.dip(brush#1, "brown") = err(dry)
    < err(no-such-colour("Spill::Dry"))
    [Failure]
    "#);
    let script = first.script().unwrap_or_else(|error| panic!("{error}"));
    assert_snapshot!(script, @r#"
    import tools.note(info, "a drawing is begun", [("name", "a \"b\"")])
    import tools.brush.width(_) = 1, 2
    import tools.brush(1) = new
    import tools.brush(2) = new
    import tools.lend(round) = new
    import tools.brush.dip(_, "yellow") = ok(some("x"))
    import tools.brush.dip(_, "brown") = err(dry)

    let b = new brush
    let d = drawing("a \"b\"", b)
    copy(d)
    copy(d)
    copy(d)
    suffer(
      stumble)
    fresh
    paint("ochre")
    "#);
    let again = run(&plugin, &script);
    assert_eq!(told(&again), told(&first));
    assert_eq!(again.script().expect("the call can be recorded"), script);
}

#[test]
fn a_transcript_and_a_recording_have_a_most() {
    let text =
        "prettify([\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"])\n".repeat(9_999);
    let long = run(&quote(), &text);
    assert!(long.to_string().len() <= Transcript::MOST_BYTES + 200, "{}", long.to_string().len());
    assert_snapshot!(long.to_string().lines().rev().take(2).collect::<Vec<_>>().join("\n"), @r#"
    < ok("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"")
    … and 14424 more lines, SHA-256 01fca906fe7116f14f102fa39b675d73098c76e70cd9aaa06f75b739a11bfb1d
    "#);
    assert_eq!((long.ending(), long.script().is_ok()), (Ending::Result, true));
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    fs::write(folder.path().join("name"), "a".repeat(Script::MOST_BYTES))
        .expect("the file can be written");
    let wide =
        parse("let b = new brush\ndrawing(file(\"name\"), b)\n").run(&canvas(), folder.path());
    assert!(wide.to_string().len() < 100_000, "{}", wide.to_string().len());
    assert_eq!(wide.script(), Err(RecordError::TooLong));
}

#[test]
fn the_applications_own_host_functions_answer() {
    let host = host();
    let path = dist_folder().join("quote.wasm");
    let candidate = host
        .verify(host.open(&path).expect("the file can be opened"))
        .expect("the plugin can be verified");
    let plugin = host.load_dynamic_as::<Prettify>(&candidate);
    let plugin = plugin.unwrap_or_else(|error| panic!("{error}"));
    let run = |text: &str| told(&parse(text).run_with(&plugin, Path::new(".")));
    assert_snapshot!(run("let ada = person-resource(\"Ada\", \"Lovelace\")\ngreet(ada)\nprettify([])\n"), @r#"
    > let ada = person-resource("Ada", "Lovelace")
    < person-resource#1
    > greet(ada)
      log info greeting first-name=Ada last-name=Lovelace
    < ok("Hello, Ada Lovelace!")
    > prettify([])
    < err("there are no words to quote")
    [Failure]
    "#);
    assert_snapshot!(run("prettify([])\nimport log = 1"), @"
    [Result]
    error: line 2, column 1: the application's own functions answer the plugin's imports: remove this statement
    ");
    assert_snapshot!(run("let map = new map-resource"), @"
    > let map = new map-resource
    [Result]
    error: line 1, column 15: only the application's own functions can make handles to its resources
    ");
}

#[test]
fn a_value_that_is_kept_changes_nothing_of_what_the_last_call_came_to() {
    let ada = "let ada = words.person-resource(\"Ada\", \"Lovelace\")\n";
    let transcript = run(&quote(), &format!("{ada}words.prettify([])\nlet again = ada\n"));
    assert_eq!((transcript.ending(), transcript.error()), (Ending::Failure, None));
}
