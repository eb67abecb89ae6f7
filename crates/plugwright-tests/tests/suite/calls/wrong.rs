//! Errors in statements say where the error is, what is expected and what to type.

use std::fs;

use insta::assert_snapshot;

use super::harbour::{call, call_in, quay};

/// Returns the errors for each list of statements.
fn errors(lists: &[&[&str]]) -> String {
    let folder = quay();
    let error = |statements: &&[&str]| {
        let output = call_in(&folder, statements);
        assert_eq!(output.code, Some(2), "{statements:?}: {output}");
        format!("{}\n  {}", statements.join("\n"), output.stderr)
    };
    lists.iter().map(error).collect()
}

#[test]
fn what_does_not_parse() {
    assert_snapshot!(errors(&[
        &["forge(1"],
        &["forge 1"],
        &["forge"],
        &["idle()", "forge(\n  1,\n  2))"],
        &["forge(1) forge(2)"],
        &["let = forge(1)"],
        &["let ok = forge(1)"],
        &["let x = 1"],
        &["let x = \"a\""],
        &["let b = new ship, new ship"],
        &["drop"],
        &["fresh x"],
        &["import tide(_) = trap"],
        &["import tide(_) = trap 1"],
        &["import tide(_) ="],
        &["import"],
        &["forge(1;2)"],
        &["weigh([{label: 'ab'}])"],
        &["depth(\"a)"],
        &["depth('\\u{110000}')"],
    ]), @r#"
    forge(1
      error: column 6: the `(` of this call is not closed: add `)`
    forge 1
      error: column 6: expected `(` after `forge`: a call is `INTERFACE.FUNCTION(ARGUMENTS)`
    forge
      error: column 6: expected `(` after `forge`: a call is `INTERFACE.FUNCTION(ARGUMENTS)`
    idle()
    forge(
      1,
      2))
      error: statement 2, line 3, column 5: expected the end of the line after the call: one statement per line, found `)`
    forge(1) forge(2)
      error: column 10: expected the end of the line after the call: one statement per line, found `forge(2)`
    let = forge(1)
      error: column 5: expected the name of a variable: type `let NAME = CALL`, found `=`
    let ok = forge(1)
      error: column 5: `ok` cannot be the name of a variable, because it is a reserved word
    let x = 1
      error: column 9: `1` is not a name of a variable
    let x = "a"
      error: column 9: expected a call, a field of a variable as `NAME.FIELD`, or `new INTERFACE.RESOURCE`, found `"a"`
    let b = new ship, new ship
      error: column 17: expected the end of the line after `let`: one statement per line, found `,`
    drop
      error: column 5: expected the name of a variable: type `drop NAME`, but the line ends
    fresh x
      error: column 7: expected the end of the line after `fresh`: one statement per line, found `x`
    import tide(_) = trap
      error: column 22: expected the reason of the trap, as in `trap "words"`, but the line ends
    import tide(_) = trap 1
      error: column 23: expected the reason of the trap, as in `trap "words"`, found `1`
    import tide(_) =
      error: column 17: expected an answer after `=`, or `trap "words"`, but the line ends
    import
      error: column 7: expected `INTERFACE.FUNCTION(PATTERNS)` after `import`, but the line ends
    forge(1;2)
      error: column 8: `;2` is not a value: trailing characters after value; expected `length: u32`
    weigh([{label: 'ab'}])
      error: column 16: `'ab'}]` is not a value: invalid token; expected `parcels: list<record { label: string, mass: f64, seal: char, contents: list<u8>, danger: enum { none, flammable, explosive }, papers: flags { bill, customs, health }, remark: …, … }>`
    depth("a)
      error: column 7: this string is not closed: add `"` on the same line
    depth('\u{110000}')
      error: column 7: `'\u{110000}'` is not a value of `string`; expected `place: string`
    "#);
}

#[test]
fn values_of_another_type() {
    let parcel = |fields: &str| format!("berths.berth(1)\nlet b = berth(1)\nb.load({{{fields}}})");
    let mass = parcel("label: \"a\", mass: \"b\"");
    let seal = parcel("label: \"a\", mass: 1, seal: \"x\"");
    let rest = "label: \"a\", mass: 1, seal: 'x'";
    let contents = parcel(&format!("{rest}, contents: [256]"));
    let hex = parcel(&format!("{rest}, contents: hex(\"0\")"));
    let danger = parcel(&format!("{rest}, contents: [], danger: non"));
    let papers = parcel(&format!("{rest}, contents: [], danger: none, papers: {{custom}}"));
    let remark = parcel(&format!(
        "{rest}, contents: [], danger: none, papers: {{}}, remark: \"x\", bearing: (0, 0, 0, true)"
    ));
    let bearing =
        parcel(&format!("{rest}, contents: [], danger: none, papers: {{}}, bearing: (0, 0, 0)"));
    let unknown = parcel(&format!(
        "{rest}, contents: [], danger: none, papers: {{}}, bearing: (0, 0, 0, true), remrk: none"
    ));
    let records = [mass, seal, contents, hex, danger, papers, remark, bearing, unknown];
    let records: Vec<_> = records.iter().map(|text| [&**text]).collect();
    let records: Vec<_> = records.iter().map(|list| &list[..]).collect();
    // The error quotes the whole type of the parcel, which is long.
    let of_records = errors(&records).replace(PARCEL, "PARCEL");
    assert_snapshot!(of_records, @r#"
    berths.berth(1)
    let b = berth(1)
    b.load({label: "a", mass: "b"})
      error: statement 1, line 3, column 27: `"b"` is not a value of `f64`; expected `parcel: record { label: string, mass: f64, seal: char, contents: list<u8>, danger: enum { none, flammable, explosive }, papers: flags { bill, customs, health }, remark: …, … }`
    berths.berth(1)
    let b = berth(1)
    b.load({label: "a", mass: 1, seal: "x"})
      error: statement 1, line 3, column 36: `"x"` is not a value of `char`; expected `parcel: record { label: string, mass: f64, seal: char, contents: list<u8>, danger: enum { none, flammable, explosive }, papers: flags { bill, customs, health }, remark: …, … }`
    berths.berth(1)
    let b = berth(1)
    b.load({label: "a", mass: 1, seal: 'x', contents: [256]})
      error: statement 1, line 3, column 52: `256` is not a value of `u8`; expected `parcel: record { label: string, mass: f64, seal: char, contents: list<u8>, danger: enum { none, flammable, explosive }, papers: flags { bill, customs, health }, remark: …, … }`
    berths.berth(1)
    let b = berth(1)
    b.load({label: "a", mass: 1, seal: 'x', contents: hex("0")})
      error: statement 1, line 3, column 55: two hexadecimal digits are expected for each byte; expected `parcel: record { label: string, mass: f64, seal: char, contents: list<u8>, danger: enum { none, flammable, explosive }, papers: flags { bill, customs, health }, remark: …, … }`
    berths.berth(1)
    let b = berth(1)
    b.load({label: "a", mass: 1, seal: 'x', contents: [], danger: non})
      error: statement 1, line 3, column 63: `non` is not a value of `enum { none, flammable, explosive }`: did you mean `none`?; expected `parcel: record { label: string, mass: f64, seal: char, contents: list<u8>, danger: enum { none, flammable, explosive }, papers: flags { bill, customs, health }, remark: …, … }`
    berths.berth(1)
    let b = berth(1)
    b.load({label: "a", mass: 1, seal: 'x', contents: [], danger: none, papers: {custom}})
      error: statement 1, line 3, column 77: `custom` is not a value of `flags { bill, customs, health }`: did you mean `customs`?; expected `parcel: record { label: string, mass: f64, seal: char, contents: list<u8>, danger: enum { none, flammable, explosive }, papers: flags { bill, customs, health }, remark: …, … }`
    berths.berth(1)
    let b = berth(1)
    b.load({label: "a", mass: 1, seal: 'x', contents: [], danger: none, papers: {}, remark: "x", bearing: (0, 0, 0, true)})
      error: statement 1, line 3, column 89: `"x"` is not a value of `option<option<string>>`; expected `parcel: record { label: string, mass: f64, seal: char, contents: list<u8>, danger: enum { none, flammable, explosive }, papers: flags { bill, customs, health }, remark: …, … }`
    berths.berth(1)
    let b = berth(1)
    b.load({label: "a", mass: 1, seal: 'x', contents: [], danger: none, papers: {}, bearing: (0, 0, 0)})
      error: statement 1, line 3, column 90: `(0, 0, 0)` is not a value of `tuple<s8, u64, f32, bool>`; expected `parcel: record { label: string, mass: f64, seal: char, contents: list<u8>, danger: enum { none, flammable, explosive }, papers: flags { bill, customs, health }, remark: …, … }`
    berths.berth(1)
    let b = berth(1)
    b.load({label: "a", mass: 1, seal: 'x', contents: [], danger: none, papers: {}, bearing: (0, 0, 0, true), remrk: none})
      error: statement 1, line 3, column 114: there is no field `remrk`: did you mean `remark`?; expected `parcel: record { label: string, mass: f64, seal: char, contents: list<u8>, danger: enum { none, flammable, explosive }, papers: flags { bill, customs, health }, remark: …, … }`
    "#);
    assert_snapshot!(errors(&[
        &["forge(-1)"],
        &["forge(4294967296)"],
        &["forge(1.5)"],
        &["forge(\"a\")"],
        &["forge()"],
        &["forge(1, 2)"],
        &["list(0)"],
        &["depth(utf8(\"a\"))"],
        &["depth(file(\"nothing\"))"],
        &["depth(file(\"../quay.wasm\"))"],
        &["depth(file(\"quay.wasm\"))"],
        &["longest([1])"],
        &["longest([new])"],
        &["suffer(tripp)"],
        &["let p = ok plan-berths([1])", "sum({first: p.first})"],
        &["let x = some forge(1)"],
        &["let x = ok some plan-berths([1])"],
        &["let x = idle()"],
    ]), @r#"
    forge(-1)
      error: column 7: `-1` is not a value of `u32`; expected `length: u32`
    forge(4294967296)
      error: column 7: `4294967296` is not a value of `u32`; expected `length: u32`
    forge(1.5)
      error: column 7: `1.5` is not a value of `u32`; expected `length: u32`
    forge("a")
      error: column 7: `"a"` is not a value of `u32`; expected `length: u32`
    forge()
      error: column 1: `forge` takes one argument, `length: u32`, but the call has 0
    forge(1, 2)
      error: column 1: `forge` takes one argument, `length: u32`, but the call has 2
    list(0)
      error: column 6: `0` is not a value of `bool`; expected `record: bool`
    depth(utf8("a"))
      error: column 7: `utf8("a")` is not a value of `string`; expected `place: string`
    depth(file("nothing"))
      error: column 12: cannot read `nothing`: No such file or directory (os error 2); expected `place: string`
    depth(file("../quay.wasm"))
      error: column 12: `../quay.wasm` is not in the script's folder: give a path relative to that folder; expected `place: string`
    depth(file("quay.wasm"))
      error: column 7: the file is not text in UTF-8; expected `place: string`
    longest([1])
      error: column 10: `1` is not a value of `borrow<berths.berth>`; expected `berths: list<borrow<berths.berth>>`
    longest([new])
      error: column 10: the plugin does not import this resource; expected `berths: list<borrow<berths.berth>>`
    suffer(tripp)
      error: column 8: `tripp` is not a value of `enum { trip, drift, hoard, shout }`: did you mean `trip`?; expected `mishap: enum { trip, drift, hoard, shout }`
    let p = ok plan-berths([1])
    sum({first: p.first})
      error: statement 2, column 14: a field of a variable cannot be part of a value: assign the field first, as in `let field = cart.field`, and write `field` here; expected `plan: record { first: berths.berth, spare: option<berths.berth>, more: list<berths.berth>, named: list<tuple<string, berths.berth>> }`
    let x = some forge(1)
      error: column 1: `"\u{1b}"` is not an option: leave out `some`
    let x = ok some plan-berths([1])
      error: column 1: `{first: berth#1, spare: none, more: [], named: []}` is not an option: leave out `some`
    let x = idle()
      error: column 9: `x` gets no value, because `idle` has no result
    "#);
}

/// The type of a parcel.
const PARCEL: &str = "record { label: string, mass: f64, seal: char, contents: list<u8>, danger: enum { none, flammable, explosive }, papers: flags { bill, customs, health }, remark: option<option<string>>, bearing: tuple<s8, u64, f32, bool> }";

#[test]
fn names_that_are_none_and_handles_that_are_gone() {
    assert_snapshot!(errors(&[
        &["forg(1)"],
        &["berths.idel()"],
        &["build(1)"],
        &["quay.forge(1)"],
        &["tower.tide(1)"],
        &["tower.ship(\"Ada\")"],
        &["let s = new ship", "s.name()"],
        &["let s = new berth"],
        &["let b = berth(1)", "b.tide(1)"],
        &["let b = berth(1)", "b.lenght()"],
        &["drop b"],
        &["let b = berth(1)", "c.length()"],
        &["let b = berth(1)", "drop b", "b.length()"],
        &["let b = berth(1)", "b.unload(b)"],
        &["let b = berth(1)", "let c = berth(2)", "b.unload(c)", "drop c"],
        &["let p = ok plan-berths([1])", "let f = p.first", "sum(p)", "f.length()"],
        &["let p = ok plan-berths([1])", "p.spare.length()"],
        &["let p = ok plan-berths([1])", "let f = p.frist"],
        &["let b = berth(1)", "let s = new ship", "b.is-shorter-than(s)"],
        &["let b = berth(1)", "b.moor(b)"],
        &["let b = berth(1)", "regroup([some(b)])"],
        &["let b = berth(1)", "fresh", "b.length()"],
        &["let b = berth(1)", "fresh", "drop b"],
    ]), @r#"
    forg(1)
      error: column 1: there is no `forg`: did you mean `forge`?
    berths.idel()
      error: column 1: there is no `berths.idel`: did you mean `berths.idle`?
    build(1)
      error: column 1: there is no `build`: did you mean `berths.berth.build`?
    quay.forge(1)
      error: column 1: there is no `quay.forge`; there is no variable `quay` either
    tower.tide(1)
      error: column 1: `tower.tide` is a function of the host, which the plugin calls: `import tower.tide = …` answers it
    tower.ship("Ada")
      error: column 1: `tower.ship` is a resource of the host: `let NAME = new tower.ship` makes a handle
    let s = new ship
    s.name()
      error: statement 2, column 1: `s` is `ship#1`, a resource of the host: the plugin calls its functions, and `import` answers them
    let s = new berth
      error: column 13: the plugin imports no resource `berth`, or several of this name: write `INTERFACE.RESOURCE`
    let b = berth(1)
    b.tide(1)
      error: statement 2, column 1: there is no `tide`
    let b = berth(1)
    b.lenght()
      error: statement 2, column 1: there is no `lenght`: did you mean `length`?
    drop b
      error: column 5: there is no variable `b`: begin with `let b = …`
    let b = berth(1)
    c.length()
      error: statement 2, column 1: there is no `c.length`; there is no variable `c` either
    let b = berth(1)
    drop b
    b.length()
      error: statement 3, column 1: `b` is gone: `berth#1` was dropped by `drop b`
    let b = berth(1)
    b.unload(b)
      error: statement 2, column 10: `b` is used twice: `berth#1` is given away in the same call; expected `from: berths.berth`
    let b = berth(1)
    let c = berth(2)
    b.unload(c)
    drop c
      error: statement 4, column 5: `c` is gone: `berth#2` was given away by `b.unload(c)`
    let p = ok plan-berths([1])
    let f = p.first
    sum(p)
    f.length()
      error: statement 4, column 1: `f` is gone: `berth#1` was given away by `sum(p)`
    let p = ok plan-berths([1])
    p.spare.length()
      error: statement 2, column 1: `p.spare` is not a handle but a value: `none`
    let p = ok plan-berths([1])
    let f = p.frist
      error: statement 2, column 9: `p` has no field `frist`, only `first`, `spare`, `more`, `named`
    let b = berth(1)
    let s = new ship
    b.is-shorter-than(s)
      error: statement 3, column 19: `s` is `ship#1`; expected `other: borrow<berths.berth>`
    let b = berth(1)
    b.moor(b)
      error: statement 2, column 8: `b` is `berth#1`; expected `ship: tower.ship`
    let b = berth(1)
    regroup([some(b)])
      error: statement 2, column 15: `b` is `berth#1`; expected `ships: list<option<tower.ship>>`
    let b = berth(1)
    fresh
    b.length()
      error: statement 3, column 1: there is no `b.length`: did you mean `berth`?; there is no variable `b` either
    let b = berth(1)
    fresh
    drop b
      error: statement 3, column 5: there is no variable `b`: begin with `let b = …`
    "#);
}

#[test]
fn answers_to_nothing_that_is_asked() {
    assert_snapshot!(errors(&[
        &["import forge(_) = \"\""],
        &["import tower.tides(_) = none"],
        &["import next() = none"],
        &["import wasi:cli/exit.exit(_)"],
        &["import tide(_) = 1", "admit(1)"],
        &["import tide() = none", "admit(1)"],
        &["import tide(\"a\") = none", "admit(1)"],
        &["import tide(_)", "admit(1)"],
        &["import tide(_) = some(some(1))", "import tower.next = some(ship)", "admit(1)"],
        &[
            "import tide(_) = some(some(1))",
            "import tower.next = some(new), none",
            "import ship.name(s) = \"\"",
            "admit(1)",
        ],
        &[
            "import tide(_) = some(some(1))",
            "import tower.next = some(new), none",
            "import ship.name = \"\"",
            "import send-off(_) = 1",
            "admit(1)",
        ],
    ]), @r#"
    import forge(_) = ""
      error: column 8: the plugin does not import `forge`: a plugin imports only the functions of its world that it calls; remove this statement
    import tower.tides(_) = none
      error: column 8: the plugin does not import `tower.tides`: did you mean `tower.tide`?
    import next() = none
      error: column 8: `next` is ambiguous: write `port:harbour/tower@1.2.0.next` or `port:harbour/notice-board@1.2.0.next`
    import wasi:cli/exit.exit(_)
      error: column 8: the plugin does not import `wasi:cli/exit.exit`: a plugin imports only the functions of its world that it calls; remove this statement
    import tide(_) = 1
    admit(1)
      error: statement 1, column 18: `1` is not a value of `option<option<f32>>`
    import tide() = none
    admit(1)
      error: statement 1, column 8: `tower.tide` takes one argument, `hour: u8`, but the call has 0
    import tide("a") = none
    admit(1)
      error: statement 1, column 13: `"a"` is not a value of `u8`; expected `hour: u8`
    import tide(_)
    admit(1)
      error: statement 1, column 8: `tower.tide` has a result: add `= …` with a value of type `option<option<f32>>`
    import tide(_) = some(some(1))
    import tower.next = some(ship)
    admit(1)
      error: statement 2, column 26: the variable `ship` is not available here: write `new` for a handle to a new resource; expected `option<tower.ship>`
    import tide(_) = some(some(1))
    import tower.next = some(new), none
    import ship.name(s) = ""
    admit(1)
      error: statement 3, column 18: to match a handle, write `_` or the handle's name in the transcript, such as `ship#1`; expected `self: borrow<tower.ship>`
    import tide(_) = some(some(1))
    import tower.next = some(new), none
    import ship.name = ""
    import send-off(_) = 1
    admit(1)
      error: statement 4, column 8: `tower.send-off` has no result: remove `=` and what follows it
    "#);
}

#[test]
fn what_is_unanswered_shows_the_line_to_add_until_all_is_answered() {
    let folder = quay();
    let answers = [
        ("tower.tide(3)", "some(some(0.5))"),
        ("tower.next()", "none"),
        ("tower.next-convoy()", "ok({leader: new, others: []})"),
        ("tower.first(_)", "0"),
        ("tower.ship.name(_)", "\"Ada\""),
        ("notice-board.next()", "\"Queen\""),
        ("tower.ship.find(\"Queen\")", "ok(new)"),
    ];
    let mut statements = vec!["admit(3)".to_owned()];
    for (asked, answer) in answers {
        let output = call_in(&folder, &statements.iter().map(|it| &**it).collect::<Vec<_>>());
        assert_eq!(output.code, Some(2), "{output}");
        let line = output.stderr.split("add `").nth(1).and_then(|rest| rest.split(" = …`").next());
        assert_eq!(line, Some(&*format!("import {asked}")), "{output}");
        let line = line.expect("the line was just checked");
        statements.insert(statements.len() - 1, format!("{line} = {answer}"));
    }
    let output = call_in(&folder, &statements.iter().map(|it| &**it).collect::<Vec<_>>());
    assert_snapshot!(output, @r#"
    > admit(3)
      tower.tide(3) = some(some(0.5))
      stderr: the tide is 0.5
      tower.next() = none
      tower.next-convoy() = ok({leader: ship#1, others: []})
      tower.first([ship#1]) = 0
      tower.ship.name(ship#1) = "Ada"
      notice-board.next() = "Queen"
      tower.ship.find("Queen") = ok(ship#2)
      tower.ship.name(ship#2) = "Ada"
      tower.ship("Ada") = ship#3
      tower.ship.name(ship#3) = "Ada"
    < ok(["Ada", "Ada"])
    [exit code 0]
    "#);
}

#[test]
fn files_of_statements() {
    let folder = quay();
    let file = |name: &str, text: &[u8]| {
        fs::write(folder.path().join(name), text).expect("the file can be written");
    };
    file("second.calls", b"idle()\n\n  forge(\n    \"a\")\n");
    file("third.calls", b"idle()\nforge(");
    file("latin.calls", b"depth(\"\xfc\")\n");
    file("long.calls", "idle()\n".repeat(200_000).as_bytes());
    file("many.calls", "idle()\n".repeat(10_001).as_bytes());
    file("empty.calls", b"// Nothing.\n");
    let told = |name: &str, more: &[&str]| {
        call_in(&folder, &[&["--calls", name], more].concat()).to_string()
    };
    assert_snapshot!(told("second.calls", &[]), @r#"
    > idle()
    <
    > forge("a")
    ── stderr
    error: `second.calls`, line 4, column 5: `"a"` is not a value of `u32`; expected `length: u32`
    [exit code 2]
    "#);
    assert_snapshot!(told("third.calls", &[]), @"
    ── stderr
    error: `third.calls`, line 2, column 6: the `(` of this call is not closed: add `)`
    [exit code 2]
    ");
    assert_snapshot!(told("latin.calls", &[]), @"
    ── stderr
    error: cannot read the script `latin.calls`: it is not UTF-8
    [exit code 8]
    ");
    assert_snapshot!(told("long.calls", &[]), @"
    ── stderr
    error: cannot read the script `long.calls`: it is longer than 1MiB, the maximum for a script
    [exit code 8]
    ");
    assert_snapshot!(told("many.calls", &[]), @"
    ── stderr
    error: `many.calls`, line 10001, column 1: the script has more than 10000 statements
    [exit code 2]
    ");
    assert_snapshot!(told("empty.calls", &["forge(-1)"]), @"
    > forge(-1)
    ── stderr
    error: column 7: `-1` is not a value of `u32`; expected `length: u32`
    [exit code 2]
    ");
    assert_snapshot!(told("empty.calls", &[]), @"
    ── stderr
    error: there are no statements to run: add a call, as in `INTERFACE.FUNCTION(ARGUMENTS)`
    [exit code 2]
    ");
    assert_snapshot!(told("none.calls", &[]), @"
    ── stderr
    error: cannot read the script `none.calls`: No such file or directory (os error 2)
    [exit code 8]
    ");
    assert_snapshot!(call(&[""]), @"
    ── stderr
    error: there are no statements to run: add a call, as in `INTERFACE.FUNCTION(ARGUMENTS)`
    [exit code 2]
    ");
}
