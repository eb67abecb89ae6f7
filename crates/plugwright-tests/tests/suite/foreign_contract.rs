//! Takes a contract that is not part of this project all the way, from an empty folder to calls. The contract has
//! resources on both sides and types of all kinds, and the library needs no change for it.

mod differences;
mod folder;
mod program;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use plugwright::wasmtime::component::{Resource, ResourceAny};
use plugwright::{
    Access, Cache, CallError, Contract, Exceeded, Grants, Host, HostBuilder, KeptInstance, Limit,
    Limits, LoadError, LogLine, Plugin, Policy, PublicKey, Watched,
};
use tests::{Output, cache_folder, host, plugwright};

use folder::{CANVAS, OLDER, WIT};
use program::demo::canvas::shapes::{Cap, Element, Shape};
use program::exports::demo::canvas::studio::Flaw;
pub(crate) use program::{BRUSH, Canvas, Program, brush, put_away};
use program::{Frame, Mishap, Point, Style};

/// How long a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the path of a file in the project of the plugin `canvas`, which uses nothing of this project. The plugin
/// is built first.
pub(crate) fn canvas_folder(file: &str) -> PathBuf {
    CANVAS.path(file)
}

/// Returns the plugin's grants.
fn palette() -> Grants {
    let palette = Grants::none().folder(CANVAS.path("palette"), "/palette", Access::ReadOnly);
    palette.unwrap_or_else(|error| panic!("{error}"))
}

fn load(path: &Path) -> Result<Plugin<Canvas>, LoadError> {
    host().with_grants(palette()).load(path)
}

fn canvas() -> Plugin<Canvas> {
    load(&CANVAS.plugin()).unwrap_or_else(|error| panic!("{error}"))
}

fn build(host: HostBuilder) -> Host {
    let cache = Cache::open(cache_folder()).expect("the cache can be opened");
    host.cache(cache).concurrency(64).build().expect("the engine starts")
}

fn at(x: i32, y: i32) -> Point {
    Point { x, y }
}

/// Returns one element of each kind.
fn elements() -> [Element; 3] {
    [
        Element {
            shape: Shape::Dot(at(i32::MIN, i32::MAX)),
            style: Style::empty(),
            cap: None,
            label: None,
        },
        Element {
            shape: Shape::Line((at(0, -1), at(2, 3))),
            style: Style::FILLED | Style::HIDDEN,
            cap: Some(Cap::Square),
            label: Some(Ok("a löng one\0".to_owned())),
        },
        Element {
            shape: Shape::Path(vec![at(1, 1), at(2, 2), at(3, 1)]),
            style: Style::all(),
            cap: Some(Cap::Butt),
            label: Some(Err(255)),
        },
    ]
}

/// Returns the midpoints of lines, by a call that needs no imports.
fn halves(plugin: &Plugin<Canvas>) -> Vec<Point> {
    let lines = [(at(0, 0), at(10, 20)), (at(-4, 4), at(4, -4))];
    let halves = plugin.call("halves", async |canvas, store| {
        Ok(Ok::<_, String>(canvas.demo_canvas_studio().call_halves(store, &lines).await?))
    });
    halves.unwrap_or_else(|error| panic!("{error}"))
}

fn suffer(plugin: &Plugin<Canvas>, mishap: Mishap) -> CallError<String> {
    let call = plugin.call("suffer", async |canvas, store| {
        Ok(Ok::<_, String>(canvas.call_suffer(store, mishap).await?))
    });
    call.expect_err("the plugin misbehaves")
}

fn exceeded(error: &CallError<String>) -> Limit {
    match error {
        CallError::Exceeded { exceeded: Exceeded { limit, .. }, .. } => *limit,
        other => panic!("{other:?}"),
    }
}

/// Returns a kept instance, and a drawing in it made with a brush of this width from the program.
fn drawing(plugin: &Plugin<Canvas>, width: u32) -> (KeptInstance<Canvas>, ResourceAny) {
    let kept = plugin.keep::<Flaw>("drawing");
    let mut kept = kept.unwrap_or_else(|error| panic!("{error}"));
    let drawing = kept.call("drawing", async |canvas, store| {
        let brush = brush(store.data_mut(), width)?;
        let drawings = canvas.demo_canvas_studio().drawing();
        Ok(Ok::<_, Flaw>(drawings.call_constructor(store, "tree", brush).await?))
    });
    let drawing = drawing.unwrap_or_else(|error| panic!("{error}"));
    (kept, drawing)
}

fn add(
    kept: &mut KeptInstance<Canvas>,
    drawing: ResourceAny,
    element: &Element,
) -> Result<u32, CallError<Flaw>> {
    kept.call("add", async |canvas, store| {
        canvas.demo_canvas_studio().drawing().call_add(store, drawing, element).await
    })
}

#[test]
fn a_drawing_of_the_plugins_is_kept_and_gives_back_what_it_was_given() {
    let program = Arc::new(Program::default());
    let (mut kept, drawing) = drawing(&canvas().with_data(Arc::clone(&program)), 3);
    for (element, count) in elements().iter().zip(1..) {
        assert_eq!(add(&mut kept, drawing, element).expect("the counter has room"), count);
    }
    let back = kept.call("finish", async |canvas, store| {
        let (studio, drawings) =
            (canvas.demo_canvas_studio(), canvas.demo_canvas_studio().drawing());
        let copy = studio.call_copy(&mut *store, drawing).await?;
        let merged = drawings.call_merge(&mut *store, drawing, copy).await?;
        copy.resource_drop_async(&mut *store).await?;
        let (brush, elements) = drawings.call_finish(&mut *store, merged).await?;
        Ok(Ok::<_, Flaw>((put_away(store.data_mut(), brush)?, elements)))
    });
    let (brush, back) = back.expect("the drawing has one brush, made of two");
    assert_eq!((brush, back), ((6, None), [elements(), elements()].concat()));
    assert_eq!(program.told(), ["a brush of 3 was dropped"]);
}

#[test]
fn a_plugin_borrows_the_brush_of_the_program() {
    let (mut kept, drawing) = drawing(&canvas(), 3);
    let mut is_finer_than = |width: u32| {
        let finer = kept.call("is-finer-than", async |canvas, store| {
            let brush = brush(store.data_mut(), width)?;
            let lent = Resource::new_borrow(brush.rep());
            let drawings = canvas.demo_canvas_studio().drawing();
            let finer = drawings.call_is_finer_than(&mut *store, drawing, lent).await?;
            assert_eq!(put_away(store.data_mut(), brush)?.0, width);
            Ok(Ok::<_, Flaw>(finer))
        });
        finer.expect("the call succeeds")
    };
    assert_eq!([2, 3, 4].map(&mut is_finer_than), [false, false, true]);
}

#[test]
fn what_a_kept_drawing_refuses_is_typed_and_leaves_it_as_it_was() {
    let (mut kept, drawing) = drawing(&canvas(), 1);
    let [element, ..] = elements();
    let shape = Shape::Path(vec![at(0, 0); 4]);
    let refused = add(&mut kept, drawing, &Element { shape, ..element.clone() });
    assert!(matches!(refused, Err(CallError::Refused { failure: Flaw::TooMany((4, 3)), .. })));
    assert!(!kept.is_over());
    assert_eq!(add(&mut kept, drawing, &element).expect("the counter has room"), 1);
}

#[test]
fn a_plugin_has_brushes_lent_dips_them_and_gives_them_back() {
    let program = Arc::new(Program::default());
    let canvas = canvas().with_data(Arc::clone(&program));
    let paint = |colour: &str| {
        canvas.call("paint", async |canvas, store| {
            canvas.demo_canvas_studio().call_paint(store, colour).await
        })
    };
    assert_eq!(paint("ochre").expect("the call succeeds"), (5, Some("brown".to_owned())));
    assert_eq!(program.told(), ["a brush was lent: Cap::Round"]);
    assert_snapshot!(paint("swamp").expect_err("the colour is unusable"), @r#"plugin `canvas` refused: Flaw::NoSuchColour("Spill::WrongColour(\"mud\")")"#);
    // The plugin did not give back the lent brush.
    assert_eq!(program.told(), ["a brush was lent: Cap::Round", "a brush of 5 was dropped"]);
    assert_snapshot!(paint("gold").expect_err("the colour does not exist"), @r#"plugin `canvas` refused: Flaw::NoSuchColour("gold")"#);
}

#[test]
fn functions_and_types_of_the_world_itself_are_called_from_either_side() {
    let styles = vec![
        ("edge".to_owned(), Style::DASHED),
        ("paper".to_owned(), Style::FILLED | Style::HIDDEN),
    ];
    let frame = Frame { corners: (at(-5, 1), at(7, 9)), styles: styles.clone() };
    let canvas = canvas().with_data(Arc::new(Program::of(frame.clone())));
    let fit = |points: &[Point]| {
        canvas.call("fit", async |canvas, store| canvas.call_fit(store, points, &styles).await)
    };
    assert_eq!(fit(&[at(7, 1), at(-5, 9), at(0, 2)]).expect("the call succeeds"), Some(frame));
    assert_eq!(fit(&[at(0, 0)]).expect("the call succeeds"), None);
    assert_snapshot!(fit(&[]).expect_err("there are no points"), @"plugin `canvas` refused: there are no points");
}

#[test]
fn a_trap_is_told_by_the_plugins_functions() {
    let error = suffer(&canvas(), Mishap::Stumble);
    assert_snapshot!(error, @"plugin `canvas` trapped in `suffer`: it panicked at src/lib.rs:120:14: a shoelace");
    let CallError::Trapped { backtrace, .. } = error else { panic!("{error:?}") };
    let line = |words: &str| {
        let mut lines = include_str!("foreign_contract/plugin/lib.rs").lines();
        lines.position(|line| line.contains(words)).expect("the line exists") + 1
    };
    let own: Vec<_> = backtrace.iter().map(ToString::to_string).collect();
    let own: Vec<_> = own.iter().filter(|frame| frame.contains("/plugin/src/lib.rs:")).collect();
    let stumbles = own.iter().filter(|frame| frame.starts_with("canvas::stumbles at "));
    assert_eq!(stumbles.count(), 4, "{own:#?}");
    assert!(own[0].ends_with(&format!("lib.rs:{}", line("panic!"))), "{own:#?}");
    assert!(own[4].starts_with("<canvas::Canvas as canvas::Guest>::suffer at "), "{own:#?}");
}

#[test]
fn limits_of_the_manifest_and_of_the_handle_are_met() {
    let canvas = canvas();
    let hoards = suffer(&canvas, Mishap::Hoard);
    assert_eq!(exceeded(&hoards), Limit::Memory);
    assert_snapshot!(hoards, @"plugin `canvas` was ended in `suffer`: memory is limited to 8MiB by the plugin's own manifest; to allow more, raise the limit `memory` in its `plugin.toml`, and build it again");
    let quick = Limits::none().deadline(Duration::from_millis(50));
    let spins =
        suffer(&canvas.with_limits(&quick).expect("a call can have this limit"), Mishap::Spin);
    assert_eq!(exceeded(&spins), Limit::Deadline);
    assert_eq!(halves(&canvas), [at(5, 10), at(0, 0)]);
}

#[test]
fn what_the_program_holds_for_a_plugin_is_limited() {
    let limits = Limits::none().host_memory(4 * BRUSH);
    let program = Arc::new(Program::default());
    let canvas =
        canvas().with_limits(&limits).expect("a call can have this limit").with_data(program);
    let collects = suffer(&canvas, Mishap::Collect);
    assert_eq!(exceeded(&collects), Limit::HostMemory);
    // A drawing and its copy hold two brushes at a time, however many drawings there are in sequence.
    let (mut kept, drawing) = drawing(&canvas, 1);
    for _ in 0..10 {
        let copied = kept.call("copy", async |canvas, store| {
            let copy = canvas.demo_canvas_studio().call_copy(&mut *store, drawing).await?;
            copy.resource_drop_async(&mut *store).await?;
            Ok(Ok::<_, Flaw>(()))
        });
        copied.expect("the host has room for the call");
    }
}

#[test]
fn the_log_of_a_plugin_goes_to_its_sink() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&lines);
    let canvas =
        canvas().with_log(move |line| heard.lock().expect("no thread panicked").push(line));
    let (mut kept, drawing) = drawing(&canvas, 1);
    let finished = kept.call("finish", async |canvas, store| {
        let drawings = canvas.demo_canvas_studio().drawing();
        let (brush, _) = drawings.call_finish(&mut *store, drawing).await?;
        Ok(Ok::<_, Flaw>(put_away(store.data_mut(), brush)?))
    });
    assert_eq!(finished.expect("the plugin gives the brush back"), (1, None));
    let told = |line: &LogLine| {
        format!("{} {}: {} {:?}", line.plugin, line.level, line.message, line.fields)
    };
    let lines: Vec<_> = lines.lock().expect("no thread panicked").iter().map(told).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    canvas info: a drawing is begun [("name", "tree")]
    canvas warn: a drawing is finished [("name", "tree")]
    "#);
}

#[test]
fn what_was_compiled_is_found_in_the_cache() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let place = folder.path().canonicalize().expect("the path exists").join("cache");
    let cache = Cache::open(&place).unwrap_or_else(|error| panic!("{error}"));
    for counts in [(0, 1), (1, 1)] {
        let host = Host::builder().cache(cache.clone()).grants(palette()).concurrency(64);
        let canvas = host.build().expect("the engine starts").load::<Canvas>(CANVAS.plugin());
        assert_eq!(halves(&canvas.expect("the plugin fits the host")), [at(5, 10), at(0, 0)]);
        assert_eq!((cache.hits(), cache.misses()), counts);
    }
}

#[test]
fn a_plugin_is_loaded_by_who_trusts_the_key_that_signed_it() {
    let key = PublicKey::from_file(CANVAS.path("release.pub"));
    let key = key.unwrap_or_else(|error| panic!("{error}"));
    let trusting = build(Host::builder().grants(palette()).trust([key]));
    let canvas = trusting.load::<Canvas>(CANVAS.plugin()).expect("the plugin is signed");
    assert_eq!(halves(&canvas), [at(5, 10), at(0, 0)]);
    let unsigned = trusting.load::<Canvas>(OLDER.plugin()).expect_err("the plugin is not signed");
    assert!(matches!(unsigned, LoadError::Unsigned { .. }), "{unsigned:?}");
}

#[test]
fn a_policy_says_what_the_plugin_is_granted() {
    let rule = "[[plugin]]\nname = \"canvas\"\n";
    let granted =
        format!("{rule}grants = [\"folder=palette:/palette\"]\nlimits = [\"memory=8MiB\"]\n");
    CANVAS.write("policy.toml", &granted);
    CANVAS.write("strict.toml", &format!("{rule}limits = [\"memory=1MiB\"]\n"));
    let check = |policy: &str| CANVAS.run(&["check", "dist/canvas.wasm", "--policy", policy]);
    assert_snapshot!(check("policy.toml"), @"
    dist/canvas.wasm: a plugin of the world demo:canvas/canvas@0.3.0, which asks for `folder=/palette`, allowed by the rule in line 1
    [exit code 0]
    ");
    assert_snapshot!(check("strict.toml"), @r#"
    ── stderr
    error: `canvas` is not allowed here:
      - it asks for `folder=/palette`, which the rule in line 1 neither grants nor denies
      - it declares `memory=8MiB`, but the rule in line 1 allows `memory=1MiB`
    to allow it, add "folder=PATH:/palette" to `grants` of the rule in line 1 of `strict.toml`, or "folder=/palette" to its `deny`
    to allow it, add "memory=8MiB" to `limits` of the rule in line 1 of `strict.toml`
    error: 1 of 1 files cannot be run
    [exit code 3]
    "#);

    let policy = Policy::open(CANVAS.path("policy.toml")).unwrap_or_else(|error| panic!("{error}"));
    let canvas = build(Host::builder().policy(policy)).load::<Canvas>(CANVAS.plugin());
    let painted =
        canvas.expect("the policy allows the plugin").call("paint", async |canvas, store| {
            canvas.demo_canvas_studio().call_paint(store, "ochre").await
        });
    assert_eq!(painted.expect("the grant allows the call"), (5, Some("brown".to_owned())));
}

#[test]
fn the_command_tells_what_the_plugin_is() {
    assert_snapshot!(CANVAS.run(&["check", "dist/canvas.wasm"]), @"
    dist/canvas.wasm: a plugin of the world demo:canvas/canvas@0.3.0, which asks for `folder=/palette`
    [exit code 0]
    ");
    let inspected = CANVAS.run(&["inspect", "dist/canvas.wasm"]).to_string();
    // The digest, the size and the WASI imports depend on the toolchain.
    let other = ["sha256", "size", "wasi:", "producers"];
    let rows = inspected.lines().filter(|row| !other.iter().any(|word| row.contains(word)));
    assert_snapshot!(rows.collect::<Vec<_>>().join("\n"), @"
    name         canvas
    version      0.1.0
    world        demo:canvas/canvas@0.3.0
    contract     demo:canvas@0.3.0
    imports      demo:canvas/shapes@0.3.0
                 demo:canvas/tools@0.3.0
                 point
                 style
                 frame
                 mishap
                 has-frame
    exports      fit
                 suffer
                 demo:canvas/studio@0.3.0
    declares     world demo:canvas/canvas@0.3.0
                 grant folder=/palette
                 limit deadline=8s
                 limit memory=8MiB

    functions to call

      fit: func(points: list<point>, styles: list<tuple<string, style>>) -> result<option<frame>, string>
          // Gives the smallest frame around the points, if the program has it.
      suffer: func(mishap: mishap)
          // Does something wrong.
      enum mishap { stumble, spin, hoard, collect }
      record point { x: s32, y: s32 }
      record frame { corners: tuple<point, point>, styles: list<tuple<string, style>> }
      flags style { filled, dashed, hidden }

    demo:canvas/studio@0.3.0
      // What plugins do.
      studio.drawing: constructor(name: string, brush: brush)
          // A drawing on which the plugin is at work.
      studio.drawing.add: func(element: element) -> result<u32, flaw>
      studio.drawing.elements: func() -> list<element>
      studio.drawing.is-finer-than: func(brush: borrow<brush>) -> bool
          // Says whether the brush is wider than the drawing's own.
      studio.drawing.merge: static func(drawing: drawing, other: borrow<drawing>) -> drawing
          // Puts what is on the other drawing onto this one.
      studio.drawing.finish: static func(drawing: drawing) -> tuple<brush, list<element>>
          // Gives the brush back, and what was drawn with it.
      studio.copy: func(drawing: borrow<drawing>) -> drawing
          // Draws the same once more.
      studio.paint: func(colour: string) -> result<tuple<u32, option<string>>, flaw>
          // Borrows the program's brush and gives it back, dipped into a colour of the palette.
      studio.halves: func(points: list<tuple<point, point>>) -> list<point>
          // The points, each in the middle between two.
      record element { shape: shape, style: style, cap: option<cap>, label: option<result<string, u8>> }
      variant flaw { nothing-to-draw, too-many(tuple<u32, u32>), no-such-colour(string) }
      variant shape { nothing, dot(point), line(tuple<point, point>), path(list<point>) }
      flags style { filled, dashed, hidden }
      record point { x: s32, y: s32 }
      enum cap { butt, round, square }

    functions that the plugin imports, answered by `import` statements

      has-frame: func(frame: frame) -> bool
          // Asks whether the frame is one that the program has.
      record frame { corners: tuple<point, point>, styles: list<tuple<string, style>> }
      record point { x: s32, y: s32 }
      flags style { filled, dashed, hidden }

    demo:canvas/tools@0.3.0
      // What the program gives to plugins.
      tools.brush: constructor(width: u32)
          // A brush, which takes memory of the program.
      tools.brush.width: func() -> u32
      tools.brush.dip: func(colour: string) -> result<option<string>, spill>
      tools.brush.join: static func(brush: brush, other: borrow<brush>) -> brush
          // Makes one brush of two, of which the second stays as it is.
      tools.lend: func(cap: cap) -> brush
          // Lends the brush that the program draws with.
      tools.wider: func(one: borrow<brush>, other: borrow<brush>) -> bool
          // Compares two brushes.
      tools.put-away: func(brush: brush) -> tuple<u32, option<string>>
          // Takes a brush back.
      tools.note: func(level: level, text: string, about: list<tuple<string, string>>)
          // Writes a line of the log.
      enum level { info, warn }
      enum cap { butt, round, square }
      variant spill { dry, wrong-colour(string) }
    [exit code 0]
    ");
}

#[test]
fn the_contract_is_kept_beside_the_plugin() {
    let elsewhere = tempfile::tempdir().expect("a temporary folder can be created");
    let dist = CANVAS.path("dist");
    let arguments = ["check".as_ref(), "canvas".as_ref(), "--dist".as_ref(), dist.as_os_str()];
    let known = Output::of(&mut plugwright(elsewhere.path(), arguments));
    assert_eq!(known.code, Some(0), "{known}");
    let kept = fs::read(dist.join("contracts/demo+canvas@0.3.0.wasm")).expect("the file is kept");
    let kept = Contract::decode(&kept).unwrap_or_else(|error| panic!("{error}"));
    let world = kept.world("canvas").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(world.documentation(), Some("Plugins that draw."));
}

#[test]
fn a_plugin_of_an_older_contract_is_told_which_type_differs() {
    assert_snapshot!(load(&OLDER.plugin()).expect_err("the plugin does not fit"), @"
    `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: failed to convert function to given type: type mismatch with parameters: type mismatch for field label: expected `u8` found `u16`
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    ");
    let older = OLDER.plugin();
    let checked = CANVAS.run(&["check".as_ref(), older.as_os_str()]);
    assert_snapshot!(checked, @"
    ── stderr
    error: `canvas` does not fit the world `demo:canvas/canvas@0.3.0`:
      - a type differs from the contract: err variant of record field `label` of `element` of `demo:canvas/shapes@0.3.0`: the plugin has `u16`, but the contract has `u8`
    its `demo:canvas@0.3.0` differs from this host's: rebuild it for this host's contract
    error: 1 of 1 files cannot be run
    [exit code 3]
    ");
}

#[test]
fn a_plugin_that_is_built_anew_serves_next_and_one_that_does_not_fit_does_not() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let file = folder.path().join("canvas.wasm");
    fs::copy(CANVAS.plugin(), &file).expect("the file can be copied");
    let watched: Watched<Canvas> =
        host().with_grants(palette()).watch(&file).expect("the plugin fits the host");
    let version = || watched.current().version().map(ToString::to_string);
    assert_eq!(version().as_deref(), Some("0.1.0"));

    let put = |bytes: Vec<u8>| {
        let beside = file.with_extension("new");
        fs::write(&beside, bytes).expect("the file can be written");
        fs::rename(beside, &file).expect("both paths are in the same folder");
    };
    let until = |is_so: &dyn Fn() -> bool| {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < deadline, "{watched:?}");
            watched.wait_for_change(watched.changes(), Duration::from_millis(20));
        }
    };
    CANVAS.label("0.2.0", "dist/canvas.wasm", "next.wasm");
    put(fs::read(CANVAS.path("next.wasm")).expect("the file was created"));
    until(&|| version().as_deref() == Some("0.2.0"));
    assert_eq!(halves(&watched.current()), [at(5, 10), at(0, 0)]);

    put(fs::read(OLDER.plugin()).expect("the plugin is built"));
    until(&|| watched.last_error().is_some());
    assert_eq!(version().as_deref(), Some("0.2.0"));
    assert_eq!(halves(&watched.current()), [at(5, 10), at(0, 0)]);
}
