//! Calls to the application's own host functions are observed, and nothing else changes.

mod lent;

use std::convert::Infallible;
use std::path::Path;
use std::slice;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use insta::assert_snapshot;
use plugwright::wasmtime::component::{ResourceAny, Val};
use plugwright::{
    Access, CallError, Dynamic, DynamicError, Grants, Host, Limit, Limits, Observed, Plugin, World,
    symbols_beside, write_value,
};
use plugwright_test::{Script, Transcript};
use tests::{Wit, component_around, host};

use crate::foreign_contract::{BRUSH, Canvas, Program, brush, canvas_folder, put_away};
use lent::Lent;

/// Returns a host that grants what the plugin of the contract asks for.
fn granting(host: &Host) -> Host {
    let palette = canvas_folder("palette");
    let palette = Grants::none().folder(palette, "/palette", Access::ReadOnly);
    host.with_grants(palette.unwrap_or_else(|error| panic!("{error}")))
}

/// Returns the plugin twice: not observed and observed.
fn both(host: &Host) -> [Plugin<Dynamic<Canvas>>; 2] {
    let (host, path) = (granting(host), canvas_folder("dist/canvas.wasm"));
    let candidate = host
        .verify(host.open(&path).expect("the file can be opened"))
        .expect("the plugin can be verified");
    let plugins = [host.load_dynamic_as(&candidate), host.load_observed_as(&candidate)];
    plugins.map(|plugin| {
        plugin.unwrap_or_else(|error| panic!("{error:?}")).with_symbols(symbols_beside(&path))
    })
}

fn observed() -> Plugin<Dynamic<Canvas>> {
    let [_, observed] = both(&host());
    observed
}

fn parse(text: &str) -> Script {
    Script::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn run(plugin: &Plugin<Dynamic<Canvas>>, text: &str) -> Transcript {
    parse(text).run_with(plugin, Path::new("no such folder"))
}

type Lines = Arc<Mutex<Vec<String>>>;

/// Returns the plugin with an observer that records each call of a host function as a line.
fn in_lines<W: World>(plugin: &Plugin<Dynamic<W>>) -> (Plugin<Dynamic<W>>, Lines) {
    let lines = Lines::default();
    let write = Arc::clone(&lines);
    let plugin = plugin.with_observer(move |observed: &Observed<'_>| {
        let mut handle = |handle: &ResourceAny| match observed.handle(handle) {
            Some((name, number)) => format!("{name}#{number}"),
            None => "?".to_owned(),
        };
        let mut text = |value: &Val| write_value(value, 1000, 1000, &mut handle);
        let arguments: Vec<_> = observed.arguments().iter().map(&mut text).collect();
        let result = match observed.result() {
            Ok(result) => result.map_or_else(String::new, |value| format!(" = {}", text(value))),
            Err(error) => format!(" failed: {}", error.root_cause()),
        };
        let line = format!("{}({}){result}", observed.function().short(), arguments.join(", "));
        write.lock().expect("no thread panicked").push(line);
    });
    (plugin, lines)
}

#[test]
fn a_transcript_has_what_the_plugin_called() {
    let limits = Limits::none().host_memory(2 * BRUSH);
    let plugin = observed().with_limits(&limits).expect("a call can have these limits");
    let transcript = run(
        &plugin,
        r#"
        paint("ochre")
        paint("swamp")
        fit([{x: 1, y: 2}], [("a", {filled})])
        suffer(collect)
        "#,
    );
    assert_snapshot!(transcript.snapshot(), @r#"
    > paint("ochre")
      tools.lend(round) = brush#1
      tools.brush.dip(brush#1, "yellow") = ok(none)
      tools.brush.dip(brush#1, "brown") = ok(some("yellow"))
      tools.put-away(brush#1) = (5, some("brown"))
    < ok((5, some("brown")))
    > paint("swamp")
      tools.lend(round) = brush#2
      tools.brush.dip(brush#2, "mud") = err(wrong-colour("mud"))
    < err(no-such-colour("Spill::WrongColour(\"mud\")"))
    > fit([{x: 1, y: 2}], [("a", {filled})])
      has-frame({corners: ({x: 1, y: 2}, {x: 1, y: 2}), styles: [("a", {filled})]}) = false
    < ok(none)
    > suffer(collect)
      tools.brush(0) = brush#3
      tools.brush(1) = brush#4
      tools.brush(
        2,
      ) = trap "the memory that the host holds for a plugin is limited to 2MiB; to allow more, raise the limit `host-memory`"
    ! limit host-memory: the memory that the host holds for a plugin is limited to 2MiB; to allow more, raise the limit `host-memory`
    "#);
    assert_snapshot!(transcript.script().expect("the call can be recorded"), @r#"
    import tools.lend(round) = new
    import tools.brush.dip(_, "yellow") = ok(none)
    import tools.brush.dip(_, "brown") = ok(some("yellow"))
    import tools.brush.dip(_, "mud") = err(wrong-colour("mud"))
    import tools.put-away(_) = (5, some("brown"))
    import has-frame({corners: ({x: 1, y: 2}, {x: 1, y: 2}), styles: [("a", {filled})]}) = false
    import tools.brush(0) = new
    import tools.brush(1) = new
    import tools.brush(2) = trap "the memory that the host holds for a plugin is limited to 2MiB; to allow more, raise the limit `host-memory`"

    paint("ochre")
    paint("swamp")
    fit([{x: 1, y: 2}], [("a", {filled})])
    suffer(collect)
    "#);
}

#[test]
fn a_recording_of_the_applications_answers_is_played_back_by_text() {
    let script = "paint(\"ochre\")\npaint(\"swamp\")\nfit([{x: 1, y: 2}], [])\npaint(\"ochre\")\n";
    let first = run(&observed(), script);
    let recorded = first.script().expect("the call can be recorded");
    let plugin = granting(&host()).load_dynamic(canvas_folder("dist/canvas.wasm"), &[]);
    let plugin = plugin.unwrap_or_else(|error| panic!("{error}"));
    let again = parse(&recorded).run(&plugin, Path::new("no such folder"));
    assert_eq!(again.to_string(), first.to_string());
    assert!(first.to_string().contains("tools.put-away(brush#1)"), "{first}");
}

/// Creates a drawing with a brush of the program, copies it, merges the two and gives the brush back.
fn draw(plugin: &Plugin<Dynamic<Canvas>>) -> String {
    let mut kept = plugin.keep::<Infallible>("draw").expect("the instance starts");
    let drawn = kept.call("draw", async |plugin, store| {
        let find = |name: &str| plugin.functions().find(name).expect(name);
        let own = brush(store.data_mut(), 3)?;
        let own = Val::Resource(ResourceAny::try_from_resource(own, &mut *store)?);
        let arguments = [Val::String("house".to_owned()), own];
        let drawing = plugin
            .call(store, find("studio.drawing"), &arguments)
            .await?
            .expect("the call returns a value");
        let wide = brush(store.data_mut(), 4)?;
        let wide = ResourceAny::try_from_resource(wide, &mut *store)?;
        let arguments = [drawing.clone(), Val::Resource(wide)];
        let finer = plugin.call(store, find("studio.drawing.is-finer-than"), &arguments).await?;
        let wide = wide.try_into_resource(&mut *store)?;
        let wide = put_away(store.data_mut(), wide)?;
        let copy = plugin
            .call(store, find("studio.copy"), slice::from_ref(&drawing))
            .await?
            .expect("the call returns a value");
        let arguments = [drawing, copy.clone()];
        let merged = plugin
            .call(store, find("studio.drawing.merge"), &arguments)
            .await?
            .expect("the call returns a value");
        plugin.drop_handle(store, &copy).await?;
        let finished = plugin.call(store, find("studio.drawing.finish"), &[merged]).await?;
        let Some(Val::Tuple(finished)) = finished else { panic!("{finished:?}") };
        let Val::Resource(back) = finished[0] else { panic!("{finished:?}") };
        let back = plugin.own_handle(store, back)?.try_into_resource(&mut *store)?;
        let back = put_away(store.data_mut(), back)?;
        Ok(Ok::<_, Infallible>(format!("{finer:?} {wide:?} {back:?}")))
    });
    drawn.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn handles_of_both_sides_go_through() {
    let [plain, observed] = both(&host());
    let (program, told) = (Arc::new(Program::default()), Arc::new(Program::default()));
    let (observed, lines) = in_lines(&observed.with_data(Arc::clone(&told)));
    let drawn = draw(&observed);
    assert_eq!(draw(&plain.with_data(Arc::clone(&program))), drawn);
    assert_eq!(told.told(), program.told());
    assert_snapshot!(drawn, @"Some(Bool(true)) (4, None) (6, None)");
    assert_snapshot!(lines.lock().expect("no thread panicked").join("\n"), @r#"
    tools.note(info, "a drawing is begun", [("name", "house")])
    tools.wider(tools.brush#2, tools.brush#1) = true
    tools.brush.width(tools.brush#1) = 3
    tools.brush(3) = tools.brush#3
    tools.note(info, "a drawing is begun", [("name", "house")])
    tools.brush.join(tools.brush#1, tools.brush#3) = tools.brush#4
    tools.note(warn, "a drawing is finished", [("name", "house")])
    "#);
}

#[test]
fn handles_are_lent_in_values_of_all_kinds() {
    let wit = Wit { text: lent::WIT.to_owned(), dependency: None, world: "lent" };
    let bytes = component_around(&wit, lent::CORE);
    let candidate =
        host().verify(host().of_bytes("lent", &bytes)).expect("the plugin can be verified");
    let plain = host().load_dynamic_as::<Lent>(&candidate).expect("the plugin fits the host");
    let observed = host().load_observed_as::<Lent>(&candidate);
    let (observed, lines) = in_lines(&observed.unwrap_or_else(|error| panic!("{error}")));
    let sums =
        [&plain, &observed].map(|plugin| plugin.call_text("go()").expect("the call returns a sum"));
    assert_eq!(sums[0], sums[1]);
    assert_snapshot!(sums[1], @"7669");
    assert_snapshot!(lines.lock().expect("no thread panicked").join("\n"), @r#"
    things.thing(3) = things.thing#1
    things.thing(40) = things.thing#2
    things.sum([things.thing#1, things.thing#2], some(things.thing#1), both((things.thing#2, 500))) = 586
    things.wide((0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7000), some(things.thing#2), [ok(things.thing#1), err("no thing"), ok(things.thing#2)]) = (7083, "no thing")
    "#);
}

/// Returns the outcome of the call.
fn told(plugin: &Plugin<Dynamic<Canvas>>, call: &str) -> String {
    match plugin.call_text(call) {
        Ok(result) => result,
        Err(error) => format!("{error:#?}"),
    }
}

#[test]
fn results_failures_and_traps_are_those_of_a_plugin_that_is_not_observed() {
    let limits = Limits::none().host_memory(4 * BRUSH);
    let [plain, observed] = both(&host())
        .map(|plugin| plugin.with_limits(&limits).expect("a call can have these limits"));
    let (observed, lines) = in_lines(&observed);
    let calls = [
        "paint(\"ochre\")",
        "paint(\"swamp\")",
        "paint(\"gold\")",
        "fit([{x: 1, y: 2}], [])",
        "fit([], [])",
        "suffer(stumble)",
        "suffer(hoard)",
        "suffer(collect)",
    ];
    for call in calls {
        assert_eq!(told(&plain, call), told(&observed, call), "{call}");
    }
    // The point in the loop at which the deadline ends the plugin is random, and so are the offsets in its
    // backtrace.
    let limits = Limits::none().deadline(Duration::from_millis(200));
    for plugin in [&plain, &observed] {
        let error = plugin
            .with_limits(&limits)
            .expect("a call can have these limits")
            .call_text("suffer(spin)");
        let DynamicError::Call(CallError::Exceeded { exceeded, .. }) =
            error.expect_err("the call ends with an error")
        else {
            panic!("the deadline must end the call")
        };
        assert_eq!(exceeded.limit, Limit::Deadline);
    }
    let collected = told(&observed, "suffer(collect)");
    assert!(collected.contains("limit: HostMemory"), "{collected}");
    assert!(collected.contains("canvas::Canvas as canvas::Guest>::suffer"), "{collected}");
    let lines = lines.lock().expect("no thread panicked");
    assert_snapshot!(lines.last().expect("the log has lines"), @"tools.brush(4) failed: the memory that the host holds for a plugin is limited to 4MiB; to allow more, raise the limit `host-memory`");
}

#[test]
fn the_deadline_ends_a_host_function_that_waits() {
    let limits = Limits::none().deadline(Duration::from_millis(200));
    for plugin in both(&host()) {
        let plugin = plugin.with_limits(&limits).expect("a call can have these limits");
        let plugin = plugin.with_data(Arc::new(Program::slow()));
        let error = plugin.call_text("paint(\"ochre\")").expect_err("the brush is never lent");
        let DynamicError::Call(CallError::Exceeded { exceeded, .. }) = error else {
            panic!("{error:?}")
        };
        assert_eq!(exceeded.limit, Limit::Deadline);
    }
}

/// Returns the smallest value of the limit with which the call succeeds.
fn least(plugin: &Plugin<Dynamic<Canvas>>, call: &str, limit: fn(Limits, u64) -> Limits) -> u64 {
    let is_enough = |value: u64| {
        let limited =
            plugin.with_limits(&limit(Limits::none(), value)).expect("a call can have this limit");
        limited.call_text(call).is_ok()
    };
    let (mut too_little, mut enough) = (0, 1 << 30);
    assert!(is_enough(enough));
    while enough - too_little > 1 {
        let middle = too_little.midpoint(enough);
        if is_enough(middle) { enough = middle } else { too_little = middle }
    }
    enough
}

#[test]
fn what_observes_counts_for_no_limit() {
    let counting = Host::builder().limits(Limits::default().fuel(1 << 40)).concurrency(8);
    let [plain, observed] = both(&counting.build().expect("the engine starts"));
    let (observed, lines) = in_lines(&observed);
    let call = "paint(\"ochre\")";
    for limit in [Limits::memory, Limits::fuel, Limits::host_memory, Limits::handles] {
        assert_eq!(least(&plain, call, limit), least(&observed, call, limit));
    }
    assert!(!lines.lock().expect("no thread panicked").is_empty());
}

#[test]
fn an_observer_that_panics_ends_its_call_and_no_other() {
    let plugin = observed();
    let wrong = plugin.with_observer(|_| panic!("it is wrong"));
    let error = wrong.call_text("paint(\"ochre\")").expect_err("the observer panics");
    assert_snapshot!(error, @"plugin `canvas` trapped in `studio.paint`: the observer of the plugin's calls panicked");
    assert_eq!(
        plugin.call_text("paint(\"ochre\")").expect("the call succeeds"),
        "ok((5, some(\"brown\")))"
    );
}
