//! Scripts that cannot be done to their end, and what is said of them: where, and what to type.

use std::fs;

use insta::assert_snapshot;
use plugwright::{Dynamic, Plugin};

use super::{canvas, parse, quote, run, told};

/// What is wrong with each of these scripts, which begin alike.
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
        // Nothing asks for these.
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
      line 1, column 19: `flat` is no `enum { butt, round, square }`; `cap: enum { butt, round, square }` is wanted
    import tools.lend(round)
    paint("ochre")
      line 1, column 8: `tools.lend` has a result: add `= …` with a value of type `tools.brush`
    import tools.lend(round, 1) = new
    paint("ochre")
      line 1, column 8: `tools.lend` takes one argument, `cap: enum { butt, round, square }`, and 2 are given
    import tools.lend(rond) = new
    paint("ochre")
      line 1, column 19: `rond` is no `enum { butt, round, square }`: did you mean `round`?; `cap: enum { butt, round, square }` is wanted
    import tools.lend(_) = 1
    paint("ochre")
      line 1, column 24: `1` is no `tools.brush`
    import tools.lend(_) = brush
    paint("ochre")
      line 1, column 24: the variable `brush` is not available here: write `new` for a handle to a new resource; `tools.brush` is wanted
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
      line 1, column 8: `tools.wider` takes 2 arguments, `one: borrow<tools.brush>`, `other: borrow<tools.brush>`, and 1 are given
    import tools.lend(rond) = new
    halves([])
      line 1, column 19: `rond` is no `enum { butt, round, square }`: did you mean `round`?; `cap: enum { butt, round, square }` is wanted
    import has-frame = true, maybe
    halves([])
      line 1, column 26: `maybe` is no `bool`
    import has-frame = true, ()
    halves([])
      line 1, column 26: `()` is no value: empty tuple; `bool` is wanted
    import has-frame({corners: 1}) = true
    halves([])
      line 1, column 28: `1` is no `tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>`; `frame: record { corners: tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>, styles: list<tuple<string, flags { filled, dashed, hidden }>> }` is wanted
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
      line 7, column 1: `studio.halves` takes one argument, `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>`, and 0 are given
    halves([(1, 2)])
      line 7, column 10: `1` is no `record { x: s32, y: s32 }`; `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>` is wanted
    halves(nothing)
      line 7, column 8: `nothing` is no `list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>`; `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>` is wanted
    halves(f)
      line 7, column 8: `f` is `{corners: ({x: 1, y: 2}, {x: 1, y: 2}), styles: []}`; `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>` is wanted
    halves(f.corners)
      line 7, column 8: `f.corners` is `({x: 1, y: 2}, {x: 1, y: 2})`; `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>` is wanted
    halves(f.cornres)
      line 7, column 8: `f` has no field `cornres`, only `corners`, `styles`; `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>` is wanted
    halves(f.corners.x)
      line 7, column 8: `f.corners` has no fields: it is `({x: 1, y: 2}, {x: 1, y: 2})`; `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>` is wanted
    halves(x.y)
      line 7, column 8: there is no variable `x`, only `b`, `d`, `f`, `r`; `points: list<tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>>` is wanted
    d.ad(1)
      line 7, column 1: there is no `ad`: did you mean `add`?
    d.add()
      line 7, column 1: `studio.drawing.add` takes one argument, `element: record { shape: variant { nothing, dot(record { x: s32, y: s32 }), line(tuple<record { x: s32, y: s32 }, record { x: s32, y: s32 }>), path(list<record { x: s32, … }>) }, … }`, and 0 are given
    f.add()
      line 7, column 1: `f` is not a handle but a value: `{corners: ({x: 1, y: 2}, {x: 1, y: 2}), styles: []}`
    copy(b)
      line 7, column 6: `b` is `brush#1`; `drawing: borrow<studio.drawing>` is wanted
    copy(f)
      line 7, column 6: `f` is `{corners: ({x: 1, y: 2}, {x: 1, y: 2}), styles: []}`; `drawing: borrow<studio.drawing>` is wanted
    copy(x)
      line 7, column 6: there is no variable `x`, only `b`, `d`, `f`, `r`; `drawing: borrow<studio.drawing>` is wanted
    drawing("b", d)
      line 7, column 14: `d` is `drawing#1`; `brush: tools.brush` is wanted
    drawing("b", b)
      line 7, column 14: `b` is gone: `brush#1` was given away by `let d = drawing("a", b)`; `brush: tools.brush` is wanted
    studio.drawing.merge(d, d)
      line 7, column 25: `d` is used twice: `drawing#1` is given away in the same call; `other: borrow<studio.drawing>` is wanted
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
      line 8, column 6: `d` is gone: `drawing#1` was given away by `let e = studio.drawing.finish(d)`; `drawing: borrow<studio.drawing>` is wanted
    let n = suffer(stumbl)
      line 7, column 16: `stumbl` is no `enum { stumble, spin, hoard, collect }`: did you mean `stumble`?; `mishap: enum { stumble, spin, hoard, collect }` is wanted
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
      line 8, column 6: there is no variable `d`: begin with `let d = …`; `drawing: borrow<studio.drawing>` is wanted
    drawing(file("name.txt"), b)
      line 7, column 14: cannot read `name.txt`: No such file or directory (os error 2); `name: string` is wanted
    "#);
}

#[test]
fn files_are_those_of_the_scripts_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("inputs")).expect("a folder in it");
    fs::create_dir(folder.path().join("inputs/more")).expect("a folder in it");
    fs::write(folder.path().join("inputs/more/word"), "moon").expect("a file");
    fs::write(folder.path().join("secret"), "secret").expect("a file");
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
    assert_snapshot!(run("prettify([file(\"../secret\")])"), @"line 1, column 16: `../secret` is not in the script's folder: give a path relative to that folder; `words: list<string>` is wanted");
    assert_snapshot!(run("prettify([file(\"/etc/passwd\")])"), @"line 1, column 16: `/etc/passwd` is not in the script's folder: give a path relative to that folder; `words: list<string>` is wanted");
    assert_snapshot!(run("prettify([file(\"more\")])"), @"line 1, column 16: cannot read `more`: it is a folder; `words: list<string>` is wanted");
    assert_snapshot!(run("prettify([file(\"none\\u{1b}\")])"), @r"line 1, column 16: cannot read `none\u{1b}`: No such file or directory (os error 2); `words: list<string>` is wanted");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret", inputs.join("link")).expect("a link");
        assert_snapshot!(run("prettify([file(\"link\")])"), @"line 1, column 16: `link` is not in the script's folder: give a path relative to that folder; `words: list<string>` is wanted");
    }
}
