//! The output of `check` for each kind of difference between a plugin and its contract.

use super::*;

#[test]
fn each_kind_of_difference_from_the_contract_is_told() {
    let mut told = String::new();
    for (number, (from, to)) in [
        ("x: s32", "x: s64"),
        ("hidden,", "hidden,\n        dotted,"),
        ("butt,", "flat,"),
        ("line(tuple<point, point>)", "line(tuple<point, u32>)"),
        ("path(list<point>)", "path(option<point>)"),
        ("label: option<result<string, u8>>", "label: result<string, u8>"),
        ("constructor(width: u32)", "constructor(width: u64)"),
        ("width: func() -> u32", "width: func() -> u64"),
        ("join: static func", "unite: static func"),
        ("wider: func(one: borrow<brush>", "wider: func(one: brush"),
        ("put-away: func(brush: brush)", "put-away: func(brush: borrow<brush>)"),
        ("merge: static func(drawing: drawing, other", "merge: func(other"),
        ("merge: static func(drawing: drawing", "merge: static func(drawing: borrow<drawing>"),
        ("-> tuple<brush, list<element>>", "-> tuple<brush, element>"),
        ("copy: func(drawing: borrow<drawing>)", "copy: func(drawing: drawing)"),
        ("resource brush {", "resource pencil {\n    }\n    resource brush {"),
        ("styles: list<tuple<string, style>>,\n    }", "styles: list<style>,\n    }"),
        ("collect,", "collect,\n        more,"),
        ("import has-frame: func(frame: frame) -> bool", "import has-frame: func(frame: frame)"),
        ("export suffer: func(mishap: mishap)", "export suffer: func(mishap: mishap) -> bool"),
        ("export suffer:", "export endure:"),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = format!("changed/{number}");
        let mut changed = false;
        for (file, text) in WIT {
            changed |= text.contains(from);
            CANVAS.write(&format!("{folder}/{file}"), &text.replace(from, to));
        }
        assert!(changed, "the contract does not contain `{from}`");
        let output = CANVAS.run(&["check", "dist/canvas.wasm", "--wit", &folder]);
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        told += &format!("{} → {}\n{output}\n", line(from), line(to));
    }
    assert_snapshot!(told, @"
    x: s32 → x: s64
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: record field `x` of `point` of `demo:canvas/shapes@0.3.0`: the plugin has `s32`, but the contract has `s64`
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    hidden, → hidden, dotted,
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: `style` of `demo:canvas/shapes@0.3.0`: mismatch in flags elements
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    butt, → flat,
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: `cap` of `demo:canvas/shapes@0.3.0`: mismatch in enum elements
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    line(tuple<point, point>) → line(tuple<point, u32>)
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: tuple field 1 of variant case `line` of `shape` of `demo:canvas/shapes@0.3.0`: the plugin has record, but the contract has u32
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    path(list<point>) → path(option<point>)
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: variant case `path` of `shape` of `demo:canvas/shapes@0.3.0`: the plugin has list, but the contract has option
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    label: option<result<string, u8>> → label: result<string, u8>
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: record field `label` of `element` of `demo:canvas/shapes@0.3.0`: the plugin has option, but the contract has result
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    constructor(width: u32) → constructor(width: u64)
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: function parameter `width` of `[constructor]brush` of `demo:canvas/tools@0.3.0`: the plugin has `u32`, but the contract has `u64`
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    width: func() -> u32 → width: func() -> u64
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: `[method]brush.width` of `demo:canvas/tools@0.3.0`: the plugin has `u32`, but the contract has `u64`
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    join: static func → unite: static func
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: `demo:canvas/tools@0.3.0`: the contract does not have `[static]brush.join`
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    wider: func(one: borrow<brush> → wider: func(one: brush
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: function parameter `one` of `wider` of `demo:canvas/tools@0.3.0`: the plugin has borrow, but the contract has own
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    put-away: func(brush: brush) → put-away: func(brush: borrow<brush>)
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: function parameter `brush` of `put-away` of `demo:canvas/tools@0.3.0`: the plugin has own, but the contract has borrow
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    merge: static func(drawing: drawing, other → merge: func(other
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: `demo:canvas/studio@0.3.0`: the plugin does not have `[method]drawing.merge`
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    merge: static func(drawing: drawing → merge: static func(drawing: borrow<drawing>
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: function parameter `drawing` of `[static]drawing.merge` of `demo:canvas/studio@0.3.0`: the contract has borrow, but the plugin has own
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    -> tuple<brush, list<element>> → -> tuple<brush, element>
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: tuple field 1 of `[static]drawing.finish` of `demo:canvas/studio@0.3.0`: the contract has record, but the plugin has list
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    copy: func(drawing: borrow<drawing>) → copy: func(drawing: drawing)
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: function parameter `drawing` of `copy` of `demo:canvas/studio@0.3.0`: the contract has own, but the plugin has borrow
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    resource brush { → resource pencil { } resource brush {
    dist/canvas.wasm: a plugin of the world demo:canvas/canvas@0.3.0, which asks for `folder=/palette`
    [exit code 0]

    styles: list<tuple<string, style>>, } → styles: list<style>, }
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: record field `styles` of `frame`: the plugin has tuple, but the contract has flags
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    collect, → collect, more,
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: `mishap`: mismatch in enum elements
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    import has-frame: func(frame: frame) -> bool → import has-frame: func(frame: frame)
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: `has-frame`: the plugin has a result, but the contract has none
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    export suffer: func(mishap: mishap) → export suffer: func(mishap: mishap) -> bool
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: `suffer`: the contract has a result, but the plugin has none
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]

    export suffer: → export endure:
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - it does not export `endure`
    export what a world of `demo:canvas@0.3.0` requires
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
}
