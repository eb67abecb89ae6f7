//! Scripts that cannot be run to the end. The errors say where and what to type.

use std::fs;

use insta::assert_snapshot;
use plugwright::{Dynamic, Plugin};

use super::{canvas, parse, quote, run, told};

/// Returns the errors of these scripts, which all begin with `begin`.
fn errors(plugin: &Plugin<Dynamic>, begin: &str, scripts: &[&str]) -> String {
    let error = |text: &&str| {
        let transcript = run(plugin, &format!("{begin}{text}"));
        let error = transcript.error().unwrap_or_else(|| panic!("{text}: {transcript}"));
        format!("{text}\n  {error}\n")
    };
    scripts.iter().map(error).collect()
}

#[test]
fn imports_trap_and_stay_unanswered() {
    let plugin = canvas();
    let trap =
        run(&plugin, "import tools.lend(round) = trap \"no\\n> brush()\"\npaint(\"ochre\")\n");
    assert_snapshot!(told(&trap), @r#"
    > paint("ochre")
      tools.lend(round) = trap "no\n> brush()"
    ! trap no\n> brush()
    [Trap]
    "#);
    assert_snapshot!(errors(&plugin, "", &[
        "\npaint(\"ochre\")",
        "import tools.lend(flat) = new\npaint(\"ochre\")",
        "import tools.lend(round)\npaint(\"ochre\")",
        "import tools.lend(round, 1) = new\npaint(\"ochre\")",
        "import tools.lend(rond) = new\npaint(\"ochre\")",
        "import tools.lend(_) = 1\npaint(\"ochre\")",
        "import tools.lend(_) = brush\npaint(\"ochre\")",
        "import tools.note(_, _, _) = 1\nlet b = new brush\ndrawing(\"a\", b)",
        "import tools.lent(_) = new\npaint(\"ochre\")",
        "import ledger.lend(_) = new\npaint(\"ochre\")",
        // The plugin does not call these functions.
        "import wider(_) = true\nhalves([])",
        "import tools.lend(rond) = new\nhalves([])",
        "import has-frame = true, maybe\nhalves([])",
        "import has-frame = true, ()\nhalves([])",
        "import has-frame({corners: 1}) = true\nhalves([])",
        "import has-frame(_) = trap \"no\"\nimport has-frame = true\nhalves([])",
    ]), @r#"

    paint("ochre")
      line 2, column 1: the plugin called `tools.lend`, but no statement answers: add `import tools.lend(round) = …`, with a value of type `tools.brush`
    import tools.lend(flat) = new
    paint("ochre")
      line 1, column 19: `flat` is not a value of `enum { butt, round, square }`; expected `cap: enum { butt, round, square }`
    import tools.lend(round)
    paint("ochre")
      line 1, column 8: `tools.lend` has a result: add `= …` with a value of type `tools.brush`
    import tools.lend(round, 1) = new
    paint("ochre")
      line 1, column 8: `tools.lend` takes one argument, `cap: enum { butt, round, square }`, but the call has 2
    import tools.lend(rond) = new
    paint("ochre")
      line 1, column 19: `rond` is not a value of `enum { butt, round, square }`: did you mean `round`?; expected `cap: enum { butt, round, square }`
    import tools.lend(_) = 1
    paint("ochre")
      line 1, column 24: `1` is not a value of `tools.brush`
    import tools.lend(_) = brush
    paint("ochre")
      line 1, column 24: the variable `brush` is not available here: write `new` for a handle to a new resource; expected `tools.brush`
    import tools.note(_, _, _) = 1
    let b = new brush
    drawing("a", b)
      line 1, column 8: `tools.note` has no result: remove `=` and what follows it
    import tools.lent(_) = new
    paint("ochre")
      line 1, column 8: the plugin does not import `tools.lent`: did you mean `tools.lend`?
    import ledger.lend(_) = new
    paint("ochre")
      line 1, column 8: the plugin does not import `ledger.lend`: a plugin imports only the functions of its world that it calls; remove this statement
    import wider(_) = true
    halves([])
      line 1, column 8: `tools.wider` takes 2 arguments, `one: borrow<tools.brush>`, `other: borrow<tools.brush>`, but the call has 1
    import tools.lend(rond) = new
    halves([])
      line 1, column 19: `rond` is not a value of `enum { butt, round, square }`: did you mean `round`?; expected `cap: enum { butt, round, square }`
    import has-frame = true, maybe
    halves([])
      line 1, column 26: `maybe` is not a value of `bool`
    import has-frame = true, ()
    halves([])
      line 1, column 26: `()` is not a value: empty tuple; expected `bool`
    import has-frame({corners: 1}) = true
    halves([])
      line 1, column 28: `1` is not a value of `tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>`; expected `frame: record { corners: tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>, styles: list<tuple<string, flags { filled, dashed, hidden }>> }`
    import has-frame(_) = trap "no"
    import has-frame = true
    halves([])
      line 2, column 8: this statement never answers, because an earlier `import` answers `has-frame` for any arguments: move this one before that
    "#);
}

#[test]
fn a_script_that_is_wrong_says_where_and_what_to_type() {
    let begin = "let b = new brush\nlet d = drawing(\"a\", b)\nlet f = 1\n";
    let begin = begin.replace("let f = 1\n", "let r = halves([({x: 0, y: 0}, {x: 2, y: 2})])\n");
    let import = "import has-frame = true\nimport brush.width(_) = 1\n";
    let begin = format!("{import}{begin}let f = ok some fit([{{x: 1, y: 2}}], [])\n");
    assert_snapshot!(errors(&canvas(), &begin, &[
        "halvs([])",
        "studio.halves()",
        "halves([(1, 2)])",
        "halves(nothing)",
        "halves(f)",
        "halves(f.corners)",
        "halves(f.cornres)",
        "halves(f.corners.x)",
        "halves(x.y)",
        "d.ad(1)",
        "d.add()",
        "f.add()",
        "copy(b)",
        "copy(f)",
        "copy(x)",
        "drawing(\"b\", d)",
        "drawing(\"b\", b)",
        "studio.drawing.merge(d, d)",
        "drop d\nd.elements()",
        "drop d\ndrop d",
        "drop f",
        "drop x",
        "let e = studio.drawing.finish(d)\ncopy(d)",
        "let n = suffer(stumbl)",
        "let x = d.name",
        "let x = y",
        "let x = new brsh",
        "fresh\nd.elements()",
        "fresh\ncopy(d)",
        "drawing(file(\"name.txt\"), b)",
    ]), @r#"
    halvs([])
      line 7, column 1: there is no `halvs`: did you mean `halves`?
    studio.halves()
      line 7, column 1: `studio.halves` takes one argument, `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>`, but the call has 0
    halves([(1, 2)])
      line 7, column 10: `1` is not a value of `record { x: s32, y: s32 }`; expected `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>`
    halves(nothing)
      line 7, column 8: `nothing` is not a value of `list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>`; expected `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>`
    halves(f)
      line 7, column 8: `f` is `{corners: ({x: 1, y: 2}, {x: 1, y: 2}), styles: []}`; expected `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>`
    halves(f.corners)
      line 7, column 8: `f.corners` is `({x: 1, y: 2}, {x: 1, y: 2})`; expected `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>`
    halves(f.cornres)
      line 7, column 8: `f` has no field `cornres`, only `corners`, `styles`; expected `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>`
    halves(f.corners.x)
      line 7, column 8: `f.corners` has no fields: it is `({x: 1, y: 2}, {x: 1, y: 2})`; expected `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>`
    halves(x.y)
      line 7, column 8: there is no variable `x`, only `b`, `d`, `f`, `r`; expected `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>`
    d.ad(1)
      line 7, column 1: there is no `ad`: did you mean `add`?
    d.add()
      line 7, column 1: `studio.drawing.add` takes one argument, `element: record { shape: variant { nothing, dot(record { x: s32, y: s32 }), line(tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>), path(list<record { x: s32, … }>) }, … }`, but the call has 0
    f.add()
      line 7, column 1: `f` is not a handle but a value: `{corners: ({x: 1, y: 2}, {x: 1, y: 2}), styles: []}`
    copy(b)
      line 7, column 6: `b` is `brush#1`; expected `drawing: borrow<studio.drawing>`
    copy(f)
      line 7, column 6: `f` is `{corners: ({x: 1, y: 2}, {x: 1, y: 2}), styles: []}`; expected `drawing: borrow<studio.drawing>`
    copy(x)
      line 7, column 6: there is no variable `x`, only `b`, `d`, `f`, `r`; expected `drawing: borrow<studio.drawing>`
    drawing("b", d)
      line 7, column 14: `d` is `drawing#1`; expected `brush: tools.brush`
    drawing("b", b)
      line 7, column 14: `b` is gone: `brush#1` was given away by `let d = drawing("a", b)`; expected `brush: tools.brush`
    studio.drawing.merge(d, d)
      line 7, column 25: `d` is used twice: `drawing#1` is given away in the same call; expected `other: borrow<studio.drawing>`
    drop d
    d.elements()
      line 8, column 1: `d` is gone: `drawing#1` was dropped by `drop d`
    drop d
    drop d
      line 8, column 5: `d` is gone: `drawing#1` was dropped by `drop d`
    drop f
      line 7, column 5: `f` is not a handle but a value: `{corners: ({x: 1, y: 2}, {x: 1, y: 2}), styles: []}`
    drop x
      line 7, column 5: there is no variable `x`, only `b`, `d`, `f`, `r`
    let e = studio.drawing.finish(d)
    copy(d)
      line 8, column 6: `d` is gone: `drawing#1` was given away by `let e = studio.drawing.finish(d)`; expected `drawing: borrow<studio.drawing>`
    let n = suffer(stumbl)
      line 7, column 16: `stumbl` is not a value of `enum { stumble, spin, hoard, collect }`: did you mean `stumble`?; expected `mishap: enum { stumble, spin, hoard, collect }`
    let x = d.name
      line 7, column 9: `d` has no fields: it is `drawing#1`
    let x = y
      line 7, column 9: there is no variable `y`, only `b`, `d`, `f`, `r`
    let x = new brsh
      line 7, column 13: the plugin imports no resource `brsh`, or several of this name: write `INTERFACE.RESOURCE`
    fresh
    d.elements()
      line 8, column 1: there is no `d.elements`: did you mean `drawing.elements`?; there is no variable `d` either
    fresh
    copy(d)
      line 8, column 6: there is no variable `d`: begin with `let d = …`; expected `drawing: borrow<studio.drawing>`
    drawing(file("name.txt"), b)
      line 7, column 14: cannot read `name.txt`: No such file or directory (os error 2); expected `name: string`
    "#);
}

#[test]
fn files_are_those_of_the_scripts_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    fs::create_dir(folder.path().join("inputs")).expect("the folder can be created");
    fs::create_dir(folder.path().join("inputs/more")).expect("the folder can be created");
    fs::write(folder.path().join("inputs/more/word"), "moon").expect("the file can be written");
    fs::write(folder.path().join("secret"), "secret").expect("the file can be written");
    let inputs = folder.path().join("inputs");
    let run = |text: &str| {
        let transcript = parse(text).run(&quote(), &inputs);
        transcript.error().map_or_else(|| transcript.to_string(), ToString::to_string)
    };
    assert_snapshot!(run("prettify([file(\"more/word\")])"), @r#"
    > prettify([file("more/word")])
      host.log(info, "quoting", [{key: "words", value: "1"}])
    < ok("\"moon\"")
    "#);
    assert_snapshot!(run("prettify([file(\"../secret\")])"), @"line 1, column 16: `../secret` is not in the script's folder: give a path relative to that folder; expected `words: list<string>`");
    assert_snapshot!(run("prettify([file(\"/etc/passwd\")])"), @"line 1, column 16: `/etc/passwd` is not in the script's folder: give a path relative to that folder; expected `words: list<string>`");
    assert_snapshot!(run("prettify([file(\"more\")])"), @"line 1, column 16: cannot read `more`: it is a folder; expected `words: list<string>`");
    assert_snapshot!(run("prettify([file(\"none\\u{1b}\")])"), @r"line 1, column 16: cannot read `none\u{1b}`: No such file or directory (os error 2); expected `words: list<string>`");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret", inputs.join("link"))
            .expect("the link can be created");
        assert_snapshot!(run("prettify([file(\"link\")])"), @"line 1, column 16: `link` is not in the script's folder: give a path relative to that folder; expected `words: list<string>`");
    }
}
