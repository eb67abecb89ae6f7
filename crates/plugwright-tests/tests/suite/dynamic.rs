//! Plugins of any world, called by name, with values and by text. Closures answer their imports.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use insta::{assert_debug_snapshot, assert_snapshot};
use plugwright::wasmtime::component::Val;
use plugwright::{
    Access, CallError, Contract, Dynamic, DynamicError, ExportedFunction, FunctionError,
    FunctionKind, Grants, Host, Import, Imports, Limit, Limits, LoadError, Plugin, write_value,
};
use tests::{dist_folder, host, root};

use crate::foreign_contract::{Canvas, canvas_folder};

/// Returns a host that grants what the plugin of the contract asks for.
fn granting() -> Host {
    let palette = canvas_folder("palette");
    let palette = Grants::none().folder(palette, "/palette", Access::ReadOnly);
    host().with_grants(palette.unwrap_or_else(|error| panic!("{error}")))
}

fn canvas() -> Plugin<Dynamic> {
    let plugin = granting().load_dynamic(canvas_folder("dist/canvas.wasm"), &[]);
    plugin.unwrap_or_else(|error| panic!("{error}"))
}

fn quote() -> Plugin<Dynamic> {
    let plugin = host().load_dynamic(dist_folder().join("quote.wasm"), &[]);
    plugin.unwrap_or_else(|error| panic!("{error}")).with_data(silent())
}

/// Returns answers for all functions without a result.
fn silent() -> Imports {
    Imports::default().otherwise(|_| Ok(None))
}

/// Returns the tools of a program that records the calls.
fn tools(asked: &Arc<Mutex<Vec<String>>>) -> Imports {
    let write = |asked: &Arc<Mutex<Vec<String>>>| {
        let asked = Arc::clone(asked);
        move |import: &Import<'_>| {
            let mut handle = |handle: &_| match import.handle(handle) {
                Some((name, number)) => format!("{name}#{number}"),
                None => "?".to_owned(),
            };
            let arguments = import.arguments().iter();
            let arguments: Vec<_> =
                arguments.map(|value| write_value(value, 100, 1000, &mut handle)).collect();
            let line = format!("{}({})", import.function().short(), arguments.join(", "));
            asked.lock().expect("no thread panicked").push(line);
        }
    };
    let [note, lend, width, dip, away, wider, brush] = [(); 7].map(|()| write(asked));
    Imports::default()
        .with("tools.note", move |import| {
            note(import);
            Ok(None)
        })
        .with("tools.lend", move |import| {
            lend(import);
            let resource = *import.result().expect("the function has a result").unwrap_own();
            Ok(Some(import.new_handle(resource)?.0))
        })
        .with("demo:canvas/tools@0.3.0.brush", move |import| {
            brush(import);
            let resource = *import.result().expect("the function has a result").unwrap_own();
            Ok(Some(import.new_handle(resource)?.0))
        })
        .with("tools.brush.width", move |import| {
            width(import);
            Ok(Some(Val::U32(7)))
        })
        .with("tools.brush.dip", move |import| {
            dip(import);
            let Some(colour @ Val::String(_)) = import.arguments().get(1).cloned() else {
                panic!("the argument is a colour")
            };
            let before = Val::Option(Some(Box::new(colour)));
            Ok(Some(Val::Result(Ok(Some(Box::new(before))))))
        })
        .with("tools.put-away", move |import| {
            away(import);
            let colour = Val::Option(None);
            Ok(Some(Val::Tuple(vec![Val::U32(7), colour])))
        })
        .with("tools.wider", move |import| {
            wider(import);
            Ok(Some(Val::Bool(true)))
        })
}

#[test]
fn functions_are_called_as_short_as_is_clear() {
    let plugin = canvas();
    let paths: Vec<_> = plugin.functions().iter().map(ExportedFunction::path).collect();
    assert_snapshot!(paths.join("\n"), @"
    fit
    suffer
    studio.drawing
    studio.drawing.add
    studio.drawing.elements
    studio.drawing.is-finer-than
    studio.drawing.merge
    studio.drawing.finish
    studio.copy
    studio.paint
    studio.halves
    ");
    for name in ["demo:canvas/studio@0.3.0.halves", "studio.halves", "halves"] {
        let found = plugin.functions().find(name).expect(name);
        assert_eq!(found.path(), "studio.halves");
    }
    let add = plugin.functions().method("studio.drawing", "add").expect("the method exists");
    assert_eq!((add.path(), add.name().kind()), ("studio.drawing.add", FunctionKind::Method));
    let missing = |error: FunctionError| error.to_string();
    assert_snapshot!(plugin.functions().find("studio.halfs").map_err(missing).expect_err("the function does not exist"), @"there is no `studio.halfs`: did you mean `studio.halves`?");
    assert_snapshot!(plugin.functions().find("x").map_err(missing).expect_err("the function does not exist"), @"there is no `x`");
    let method = plugin.functions().method("studio.drawing", "ad");
    assert_snapshot!(method.map_err(missing).expect_err("the function does not exist"), @"there is no `ad`: did you mean `add`?");
    assert!(plugin.functions().method("studio.drawing", "merge").is_err(), "`merge` is static");
}

#[test]
fn a_call_is_text_and_so_is_what_it_gives() {
    let plugin = quote();
    let call = |text: &str| match plugin.call_text(text) {
        Ok(result) => result,
        Err(error) => format!("error: {error}"),
    };
    let calls = [
        r#"words.prettify(["some", "words"])"#,
        r#"plugwright:plugin/words@0.2.0.prettify([])"#,
        r#"prettify(["\u{202e}", "a\nb"])"#,
        r#"prettify(["a"]) and more"#,
        r#"prettify("a")"#,
        r#"prettify(["a", 1])"#,
        r#"prettify()"#,
        r#"prettify([], [])"#,
        r#"pretify([])"#,
        r#"greet(ada)"#,
        r#"prettify(["a")"#,
    ];
    let lines: Vec<_> = calls.iter().map(|text| format!("> {text}\n{}", call(text))).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    > words.prettify(["some", "words"])
    ok("\"some\" \"words\"")
    > plugwright:plugin/words@0.2.0.prettify([])
    err("there are no words to quote")
    > prettify(["\u{202e}", "a\nb"])
    ok("\"\u{202e}\" \"a\nb\"")
    > prettify(["a"]) and more
    error: column 17: the call ends before this: write one call at a time
    > prettify("a")
    error: column 10: `"a"` is not a value of `list<string>`; expected `words: list<string>`
    > prettify(["a", 1])
    error: column 16: `1` is not a value of `string`; expected `words: list<string>`
    > prettify()
    error: `words.prettify` takes one argument, `words: list<string>`, but the call has 0
    > prettify([], [])
    error: `words.prettify` takes one argument, `words: list<string>`, but the call has 2
    > pretify([])
    error: there is no `pretify`: did you mean `prettify`?
    > greet(ada)
    error: column 7: there is no variable `ada`: begin with `let ada = …`; expected `person: borrow<words.person-resource>`
    > prettify(["a")
    error: column 14: expected `]`, found `)`
    "#);
}

#[test]
fn values_of_all_kinds_go_in_and_come_out() {
    let plugin = canvas().with_data(silent().with("has-frame", |_| Ok(Some(Val::Bool(true)))));
    let call = |text: &str| match plugin.call_text(text) {
        Ok(result) => result,
        Err(error) => format!("error: {error}"),
    };
    let calls = [
        "studio.halves([({x: 0, y: 0}, {x: 10, y: 20})])",
        "fit([{x: 1, y: 2}, {x: -1, y: 5}], [(\"a\", {filled, hidden}), (\"b\", {})])",
        "fit([], [])",
        "fit([{x: 1, z: 2}], [])",
        "fit([{x: 1, y: 2, z: 3}], [])",
        "fit([{x: 1, y: 2147483648}], [])",
        "fit([{x: 1, y: 2}], [(\"a\", {filed})])",
        "suffer(stumbl)",
    ];
    let lines: Vec<_> = calls.iter().map(|text| format!("> {text}\n{}", call(text))).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    > studio.halves([({x: 0, y: 0}, {x: 10, y: 20})])
    [{x: 5, y: 10}]
    > fit([{x: 1, y: 2}, {x: -1, y: 5}], [("a", {filled, hidden}), ("b", {})])
    ok(some({corners: ({x: -1, y: 2}, {x: 1, y: 5}), styles: [("a", {filled, hidden}), ("b", {})]}))
    > fit([], [])
    err("there are no points")
    > fit([{x: 1, z: 2}], [])
    error: column 16: there is no field `z`; expected `points: list<record { x: s32, y: s32 }>`
    > fit([{x: 1, y: 2, z: 3}], [])
    error: column 22: there is no field `z`; expected `points: list<record { x: s32, y: s32 }>`
    > fit([{x: 1, y: 2147483648}], [])
    error: column 16: `2147483648` is not a value of `s32`; expected `points: list<record { x: s32, y: s32 }>`
    > fit([{x: 1, y: 2}], [("a", {filed})])
    error: column 28: `filed` is not a value of `flags { filled, dashed, hidden }`: did you mean `filled`?; expected `styles: list<tuple<string, flags { filled, dashed, hidden }>>`
    > suffer(stumbl)
    error: column 8: `stumbl` is not a value of `enum { stumble, spin, hoard, collect }`: did you mean `stumble`?; expected `mishap: enum { stumble, spin, hoard, collect }`
    "#);
}

#[test]
fn what_a_plugin_imports_is_answered_by_closures() {
    let asked = Arc::default();
    let plugin = canvas().with_data(tools(&asked));
    let painted = plugin.call_text("paint(\"ochre\")").unwrap_or_else(|error| panic!("{error}"));
    assert_snapshot!(painted, @"ok((7, none))");
    let asked = asked.lock().expect("no thread panicked").join("\n");
    assert_snapshot!(asked, @r#"
    tools.lend(round)
    tools.brush.dip(tools.brush#1, "yellow")
    tools.brush.dip(tools.brush#1, "brown")
    tools.put-away(tools.brush#1)
    "#);
    // No function answers the import. Only this call's instance ends.
    let error = canvas().call_text("paint(\"ochre\")").expect_err("no function answers the import");
    assert_snapshot!(error, @"plugin `canvas` trapped in `studio.paint`: nothing answers `tools.lend`");
    let error = canvas()
        .with_data(silent())
        .call_text("paint(\"ochre\")")
        .expect_err("the answer has no result");
    assert_snapshot!(error, @"plugin `canvas` trapped in `studio.paint`: the answer to `tools.lend` has no result, but the function has one");
}

#[test]
fn handles_of_both_sides_are_values_in_an_instance_that_is_kept() {
    let asked = Arc::default();
    let plugin = canvas().with_data(tools(&asked));
    let mut kept = plugin.keep::<Infallible>("drawing").expect("the instance starts");
    let told = kept.call("drawing", async |plugin, store| {
        let functions = plugin.functions();
        let find = |name: &str| functions.find(name).expect("the plugin exports the function");
        let brush = functions.host_resource("brush").expect("the plugin imports the resource");
        let (brush, number) = plugin.new_handle(store, brush)?;
        assert_eq!(number, 1);
        let arguments = [Val::String("house".to_owned()), brush];
        let drawing = plugin
            .call(store, find("drawing"), &arguments)
            .await?
            .expect("the call returns a drawing");
        let Val::Resource(handle) = &drawing else { panic!("{drawing:?}") };
        let name = plugin.resource_name(store, handle.ty()).map(str::to_owned);
        let add = functions.method("studio.drawing", "add").expect("the method exists");
        let wanted = plugin.parameters(store, add)?;
        let text = "{shape: dot({x: 1, y: 2}), style: {}, label: some(err(3))}";
        let element = plugwright::read_value(text, &wanted[1].1, &mut plugwright::NoNames);
        let element = element.unwrap_or_else(|error| panic!("{error}"));
        let added = plugin.call(store, add, &[drawing.clone(), element]).await?;
        let ended = plugin.call(store, find("studio.drawing.finish"), &[drawing]).await?;
        let Some(Val::Tuple(ended)) = ended else { panic!("{ended:?}") };
        let Val::Resource(brush) = &ended[0] else { panic!("{ended:?}") };
        let number = plugin.handle_number(store, *brush)?.map(|(_, number)| number);
        let rest = write_value(&ended[1], 100, 1000, &mut |_| String::new());
        Ok(Ok::<_, Infallible>((name, added, number, rest)))
    });
    assert_debug_snapshot!(told.unwrap_or_else(|error| panic!("{error}")), @r#"
    (
        Some(
            "studio.drawing",
        ),
        Some(
            Result(
                Ok(
                    Some(
                        U32(
                            1,
                        ),
                    ),
                ),
            ),
        ),
        Some(
            1,
        ),
        "[{shape: dot({x: 1, y: 2}), style: {}, cap: none, label: some(err(3))}]",
    )
    "#);
    // The engine reports a handle that no longer exists, and nothing else ends.
    let asked = asked.lock().expect("no thread panicked").join("\n");
    assert_snapshot!(asked, @r#"
    tools.note(info, "a drawing is begun", [("name", "house")])
    tools.note(warn, "a drawing is finished", [("name", "house")])
    "#);
}

#[test]
fn calls_by_name_have_the_limits_and_the_errors_of_typed_ones() {
    let plugin = canvas().with_data(silent());
    let suffer = |plugin: &Plugin<Dynamic>, mishap: &str| {
        let mishap = Val::Enum(mishap.to_owned());
        match plugin.call_values("suffer", &[mishap]).expect_err("the plugin misbehaves") {
            DynamicError::Call(error) => error,
            other => panic!("{other}"),
        }
    };
    let stumbled = suffer(&plugin, "stumble");
    let CallError::Trapped { function, backtrace, .. } = stumbled else { panic!("{stumbled}") };
    assert_eq!((&*function, backtrace.is_empty()), ("suffer", false));
    let limits = Limits::none().deadline(std::time::Duration::from_millis(200));
    let hurried = plugin.with_limits(&limits).expect("a call can have this limit");
    let CallError::Exceeded { exceeded, .. } = suffer(&hurried, "spin") else {
        panic!("the call exceeded no limit")
    };
    assert_eq!(exceeded.limit, Limit::Deadline);
    let CallError::Exceeded { exceeded, .. } = suffer(&plugin, "hoard") else {
        panic!("the call exceeded no limit")
    };
    assert_eq!(exceeded.limit, Limit::Memory);
    // Arguments and results both count.
    let small = quote().with_limits(&Limits::none().output(8)).expect("a call can have this limit");
    let error = small
        .call_text("prettify([\"a\", \"long\", \"one\"])")
        .expect_err("the output is too long");
    assert_snapshot!(error, @"plugin `quote` was ended in `words.prettify`: the result is limited to 8 bytes; to allow more, raise the limit `output`");
    // Values of the wrong types are rejected, and do no harm to other calls.
    assert!(plugin.call_values("suffer", &[Val::U8(1)]).is_err());
    let none = plugin.call_values("suffer", &[]);
    assert!(matches!(none, Err(DynamicError::Count { given: 0, .. })), "{none:?}");
    assert_eq!(plugin.call_text("studio.halves([])").expect("the call returns a list"), "[]");
}

#[test]
fn a_plugin_is_loaded_as_it_is_or_as_one_of_a_world() {
    let path = canvas_folder("dist/canvas.wasm");
    let contract = Contract::read(canvas_folder("wit")).expect("the contract is valid");
    let plugin =
        granting().load_dynamic(&path, &contract.worlds()).expect("the plugin fits the host");
    assert_eq!(plugin.world(), "demo:canvas/canvas@0.3.0");
    let ours = Contract::read(root().join("wit")).expect("the contract is valid");
    let error =
        granting().load_dynamic(&path, &ours.worlds()).expect_err("the plugin does not fit");
    assert!(matches!(error, LoadError::Contract { .. }), "{error}");
    // The file is of the world that its manifest declares, and what is not granted is not available.
    let plugin = host().load_dynamic(&path, &[]).expect("the file is a plugin");
    assert_eq!(plugin.world(), "demo:canvas/canvas@0.3.0");
    let painted = plugin.call_text("paint(\"ochre\")").expect("the call returns an answer");
    assert_eq!(painted, "err(no-such-colour(\"ochre\"))");
}

#[test]
fn the_applications_own_host_functions_answer() {
    let host = granting();
    let path = canvas_folder("dist/canvas.wasm");
    let candidate = host
        .verify(host.open(&path).expect("the file can be opened"))
        .expect("the plugin can be verified");
    let plugin = host.load_dynamic_as::<Canvas>(&candidate).unwrap_or_else(|it| panic!("{it}"));
    assert_eq!(
        plugin.call_text("paint(\"ochre\")").expect("the call succeeds"),
        "ok((5, some(\"brown\")))"
    );
}

#[test]
fn calls_by_name_can_be_waited_for() {
    let plugin = quote();
    let texts = ["prettify([\"a\"])", "words.prettify([\"b\"])"];
    let answers = texts.map(|text| pollster::block_on(plugin.call_text_async(text)));
    assert_eq!(
        answers.map(|answer| answer.expect("the call returns a text")),
        [r#"ok("\"a\"")"#, r#"ok("\"b\"")"#]
    );
}
