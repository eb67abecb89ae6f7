//! A script's answers in sequence, both values and traps, and what is recorded of them.

use std::fs;

use insta::assert_snapshot;
use plugwright::{Dynamic, Plugin};
use plugwright_test::{RecordError, Transcript};
use tests::{Wit, component_around, host};

use super::{parse, quote, run, told};

/// Returns a plugin whose resource has the same name as one of the host's.
fn twins() -> Plugin<Dynamic> {
    let text = include_str!("twins.wit").to_owned();
    let wit = Wit { text, dependency: None, world: "twins" };
    let component = component_around(&wit, include_str!("twins.wat"));
    let plugin = host().load_dynamic_bytes("twins", &component, &[]);
    plugin.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_resource_of_the_plugins_can_have_the_name_of_one_of_the_hosts() {
    let transcript = run(
        &twins(),
        "let own = store.shelf()\nown.get()\nlet other = new store.shelf\nother.get()\n",
    );
    assert_snapshot!(told(&transcript), @"
    > let own = store.shelf()
    < shelf#1
    > own.get()
    < 7
    > let other = new store.shelf
    < shelf#1
    > other.get()
    [Result]
    error: line 4, column 1: `other` is `shelf#1`, a resource of the host: the plugin calls its functions, and `import` answers them
    ");
}

#[test]
fn answers_in_turn_can_be_values_nothing_and_traps() {
    let plugin = twins();
    let first = run(
        &plugin,
        "import disk.put(2) = (), (), trap \"the disk is full\", ()\nimport disk.put(_)\n\
         import shelf.get(_) = 1, 1, 5, trap \"it is \\\"lost\\\"\", 8\n\
         keep(1)\nkeep(2)\nfresh\nkeep(2)\nfresh\nkeep(2)\nfresh\nkeep(2)\nkeep(2)\n",
    );
    assert_snapshot!(told(&first), @r#"
    > keep(1)
      disk.put(1)
      store.shelf() = shelf#1
      store.shelf.get(shelf#1) = 1
      store.shelf() = shelf#2
      store.shelf.get(shelf#2) = 1
    < 2
    > keep(2)
      disk.put(2)
      store.shelf() = shelf#3
      store.shelf.get(shelf#3) = 5
      store.shelf() = shelf#4
      store.shelf.get(shelf#4) = trap "it is \"lost\""
    ! trap it is "lost"
    > fresh
    > keep(2)
      disk.put(2)
      store.shelf() = shelf#1
      store.shelf.get(shelf#1) = 8
      store.shelf() = shelf#2
      store.shelf.get(shelf#2) = 8
    < 16
    > fresh
    > keep(2)
      disk.put(2) = trap "the disk is full"
    ! trap the disk is full
    > fresh
    > keep(2)
      disk.put(2)
      store.shelf() = shelf#1
      store.shelf.get(shelf#1) = 8
      store.shelf() = shelf#2
      store.shelf.get(shelf#2) = 8
    < 16
    > keep(2)
      disk.put(2)
      store.shelf() = shelf#3
      store.shelf.get(shelf#3) = 8
      store.shelf() = shelf#4
      store.shelf.get(shelf#4) = 8
    < 16
    [Result]
    "#);
    let script = first.script().unwrap_or_else(|error| panic!("{error}"));
    assert_snapshot!(script, @r#"
    import disk.put(1)
    import disk.put(2) = (), (), trap "the disk is full", ()
    import store.shelf() = new
    import store.shelf.get(_) = 1, 1, 5, trap "it is \"lost\"", 8

    keep(1)
    keep(2)
    fresh
    keep(2)
    fresh
    keep(2)
    fresh
    keep(2)
    keep(2)
    "#);
    let again = run(&plugin, &script);
    assert_eq!(told(&again), told(&first));
    assert_eq!(again.script().expect("the call can be recorded"), script);
}

#[test]
fn what_files_hold_is_recorded() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    fs::write(folder.path().join("word"), "the \"moon\"").expect("the file can be written");
    let script = parse("prettify([\"ä\", file(\"word\"), // one\n \"sun\"]) // two\n");
    let first = script.run(&quote(), folder.path());
    let script = first.script().unwrap_or_else(|error| panic!("{error}"));
    assert_snapshot!(script, @r#"
    import host.log(info, "quoting", [{key: "words", value: "3"}])

    prettify(["ä", "the \"moon\"", "sun"])
    "#);
    let results = |transcript: &Transcript| transcript.entries().last().cloned();
    assert_eq!(results(&run(&quote(), &script)), results(&first));
}

#[test]
fn a_recording_of_nothing_is_refused() {
    assert_eq!(run(&quote(), "import log(_, _, _)\n").script(), Err(RecordError::Empty));
}
