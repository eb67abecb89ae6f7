//! The manifest of a plugin: its form, that it must match the component around it, and that no plugin gets or uses
//! more than its manifest says.

use std::fs;
use std::sync::LazyLock;

use insta::assert_snapshot;
use plugwright::{Access, CallError, Clock, Grants, Limit, Limits, LoadError, Manifest, Scope};
use plugwright_contract::prelude::*;
use plugwright_contract::{Prettify, Transformer, inspect, worlds};
use tests::{
    Output, Wit, candidate, component, contract, dist, host, manifest, plugwright, trapping,
    with_section,
};

use crate::build::WORKSPACE;
use crate::curious::{self, Folders, granted, needed, tries};

/// A plugin of the world `transformer` that calls the clock.
pub(crate) static LATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let text =
        contract() + "world late { include transformer; import wasi:clocks/wall-clock@0.2.6; }";
    let dependency = "package wasi:clocks@0.2.6; interface wall-clock { \
                      record datetime { seconds: u64, nanoseconds: u32 } now: func() -> datetime; }";
    let dependency = Some(dependency.to_owned());
    component(&Wit { text, dependency, world: "late" })
});

/// A plugin of the world `prettify` that calls nothing.
static PLAIN: LazyLock<Vec<u8>> = LazyLock::new(|| trapping("prettify"));

fn parsed(text: &str) -> Manifest {
    Manifest::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the component with this manifest embedded. The manifest must match the component.
pub(crate) fn embedded(text: &str, component: &[u8]) -> Vec<u8> {
    parsed(text)
        .embed(&candidate("sample", component), worlds())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the component with a manifest at its end, whatever it says.
pub(crate) fn with_manifest(component: &[u8], text: &str) -> Vec<u8> {
    with_section(component, Manifest::SECTION, text)
}

/// Returns an error with its causes.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", told(source)),
        None => error.to_string(),
    }
}

#[test]
fn a_manifest_has_one_normal_form() {
    let manifest = parsed(
        r#"
        budget = "1024 KiB"
        limits = ["memory=65536 KiB", "deadline=1500", "requests=3"]
        grants = [
            "wall-clock", "stdin", "random", "variable=LANG", "argument", "http=https://Example.org",
            "folder=/b/", "folder-rw=/a",
        ]
        world = "plugwright:plugin/transformer@0.2.0"
        "#,
    );
    let text = manifest.to_toml();
    assert_snapshot!(text, @r#"
    world = "plugwright:plugin/transformer@0.2.0"
    grants = ["folder-rw=/a", "folder=/b", "variable=LANG", "argument", "stdin", "wall-clock", "random", "http=https://example.org:443"]
    limits = ["deadline=1500ms", "memory=64MiB", "requests=3"]
    budget = "1MiB"
    "#);
    assert_eq!(parsed(&text), manifest);
}

#[test]
fn what_is_wrong_in_a_manifest_is_told_with_its_place() {
    let refused = |text: &str| Manifest::parse(text).expect_err(text).to_string();
    let with = |rest: &str| refused(&format!("world = \"transformer\"\n{rest}"));
    let errors = [
        refused(""),
        refused("world"),
        refused("world = 1"),
        refused("world = \"\""),
        refused("world = \"a world\""),
        with("[size]\nbudget = \"20 KiB\""),
        with("budget = 20"),
        with("budget = \"20 KB\""),
        with("grants = [\"folder=/a\",\n  \"sockets\"]"),
        with("grants = [\"folder\"]"),
        with("grants = [\"folder=\"]"),
        with("grants = [\"folder=parts\"]"),
        with("grants = [\"folder-rw=/a/../b\"]"),
        with("grants = [\"variable=\"]"),
        with("grants = [\"variable=LANG=en\"]"),
        with("grants = [\"wall-clock=0\"]"),
        with("grants = [\"http=example.org\"]"),
        with("grants = [\"random\", \"random\"]"),
        with("grants = [\"folder=/a\", \"folder-rw=/a/\"]"),
        with("limits = [\"memory\"]"),
        with("limits = [\"speed=1\"]"),
        with("limits = [\"memory=none\"]"),
        with("limits = [\"stack=1MiB\"]"),
        with("limits = [\"fuel=1\"]"),
        with("limits = [\"memory=1MiB\", \"memory=2MiB\"]"),
        refused("world = transformer"),
        refused("world = markdown"),
        refused("world ="),
        refused("world = True"),
        refused("[world]"),
        with("limits = \"deadline=2s\""),
        with("limits = [deadline=2s]"),
        with("limits = [\n  \"deadline=2s\",\n  2,\n]"),
        with("limits = [\n  deadline=2s,\n]"),
        with("[limits]\ndeadline = 2"),
        with("grants = { folder = \"/a\" }"),
    ];
    assert_snapshot!(errors.join("\n"), @r#"
    line 1, column 1: `world` is missing: it is written `world = "transformer"`
    line 1, column 6: key with no value, expected `=`
    line 1, column 9: `world` is written `world = "transformer"`
    line 1, column 9: the world ``: it is not the name of a world, such as `transformer`
    line 1, column 9: the world `a world`: it is not the name of a world, such as `transformer`
    line 2, column 2: there is no key `size`, only `world`, `grants`, `limits`, `budget`, `build`, `target-features`
    line 2, column 10: `budget` is written `budget = "900KiB"`
    line 2, column 10: `20 KB` is not an amount: there is no unit `KB`, only GiB, MiB, KiB, bytes
    line 3, column 3: the grant `sockets`: there is no grant `sockets`, only folder, folder-rw, variable, argument, stdin, wall-clock, random and http
    line 2, column 11: the grant `folder`: it is written folder=NAME
    line 2, column 11: the grant `folder=`: it is written folder=NAME
    line 2, column 11: the grant `folder=parts`: the plugin's name for the folder, `parts`, is neither `.` nor an absolute path without `.` and `..`
    line 2, column 11: the grant `folder-rw=/a/../b`: the plugin's name for the folder, `/a/../b`, is neither `.` nor an absolute path without `.` and `..`
    line 2, column 11: the grant `variable=`: it is written variable=NAME
    line 2, column 11: the grant `variable=LANG=en`: it takes only the name: the operator sets the value
    line 2, column 11: the grant `wall-clock=0`: it takes no value here: the operator sets the value
    line 2, column 11: the grant `http=example.org`: it is not `http://` or `https://` followed by a host
    line 2, column 21: the grant `random`: it is asked for twice
    line 2, column 24: the grant `folder-rw=/a/`: it is asked for twice
    line 2, column 11: the limit `memory`: a limit is written NAME=VALUE
    line 2, column 11: the limit `speed=1`: there is no limit `speed`, only deadline, fuel, memory, table-elements, instances, stack, transfer, handles, host-memory, descriptors, output, log-lines, log-bytes, requests, download, component-size
    line 2, column 11: the limit `memory=none`: a manifest can set a limit, but not lift one: remove it
    line 2, column 11: the limit `stack=1MiB`: it is the same for all plugins of a host, and only the host can set it
    line 2, column 11: the limit `fuel=1`: it is the same for all plugins of a host, and only the host can set it
    line 2, column 26: the limit `memory=2MiB`: it is set twice
    line 1, column 9: `transformer` is not a value: write text in quotes, as "transformer"
    line 1, column 9: `markdown` is not a value: write text in quotes, as "markdown"
    line 1, column 8: the value is missing
    line 1, column 9: `True` is written `true`
    line 1, column 1: `world` is written `world = "transformer"`
    line 2, column 10: `limits` is written `limits = ["deadline=2s"]`
    line 2, column 19: `limits` is written `limits = ["deadline=2s"]`
    line 4, column 3: `limits` is written `limits = ["deadline=2s"]`
    line 3, column 11: `limits` is written `limits = ["deadline=2s"]`
    line 2, column 1: `limits` is written `limits = ["deadline=2s"]`
    line 2, column 10: `grants` is written `grants = ["folder=/templates"]`
    "#);
}

#[test]
fn a_manifest_goes_into_the_component_and_takes_the_place_of_another() {
    let once = embedded("world = \"prettify\"\nbudget = \"1 MiB\"", &PLAIN);
    let read = candidate("sample", &once);
    assert_snapshot!(read.manifest().expect("the plugin has a manifest").to_toml(), @r#"
    world = "plugwright:plugin/prettify@0.2.0"
    budget = "1MiB"
    "#);
    let twice = embedded("world = \"prettify\"\nlimits = [\"memory=4MiB\"]", &once);
    let inspection = inspect("sample", &twice).expect("the component is valid");
    assert_snapshot!(inspection.manifest.expect("the plugin has a manifest").to_toml(), @r#"
    world = "plugwright:plugin/prettify@0.2.0"
    limits = ["memory=4MiB"]
    "#);
    assert_eq!(inspection.mismatches, []);
    assert_eq!(embedded("world = \"prettify\"\nbudget = \"1 MiB\"", &twice), once);
    assert_eq!(candidate("sample", &PLAIN).manifest(), None);
}

#[test]
fn what_is_not_true_of_a_component_does_not_go_into_it() {
    let refused = |text: &str, component: &[u8]| {
        let error = parsed(text).embed(&candidate("sample", component), worlds()).expect_err(text);
        assert!(matches!(error, LoadError::ManifestMismatch { .. }), "{error:?}");
        error.to_string()
    };
    assert_snapshot!(refused("world = \"prettify\"", &LATE), @"
    `sample` does not match its manifest:
      - it declares the world `prettify`, but implements `plugwright:plugin/transformer@0.2.0`
      - it imports `wasi:clocks/wall-clock@0.2.6`, but does not ask for the grant `wall-clock`
    change `plugin.toml`, or the code or dependency that does not match it, and build the plugin again
    ");
    let idle = "world = \"plugwright:plugin/prettify@0.2.7\"\n\
                grants = [\"folder=/a\", \"variable=A\", \"argument\", \"stdin\", \"wall-clock\", \
                \"random\", \"http=http://localhost\"]";
    assert_snapshot!(refused(idle, &PLAIN), @"
    `sample` does not match its manifest:
      - it asks for the grant `folder=/a`, but imports nothing that uses it
      - it asks for the grant `variable=A`, but imports nothing that uses it
      - it asks for the grant `argument`, but imports nothing that uses it
      - it asks for the grant `stdin`, but imports nothing that uses it
      - it asks for the grant `wall-clock`, but imports nothing that uses it
      - it asks for the grant `random`, but imports nothing that uses it
      - it asks for the grant `http=http://localhost:80`, but imports nothing that uses it
    change `plugin.toml`, or the code or dependency that does not match it, and build the plugin again
    ");
    assert_snapshot!(refused("world = \"plugwright:plugin/prettify@0.1.0\"", &PLAIN), @"
    `sample` does not match its manifest:
      - it declares the world `plugwright:plugin/prettify@0.1.0`, but implements `plugwright:plugin/prettify@0.2.0`
    change `plugin.toml`, or the code or dependency that does not match it, and build the plugin again
    ");
    embedded("world = \"transformer\"\ngrants = [\"wall-clock\"]", &LATE);
    // A world that this host does not know, and a file that is not a component.
    let text = "package other:thing; world app { export run: func(); }".to_owned();
    let foreign = component(&Wit { text, dependency: None, world: "app" });
    let unknown = parsed("world = \"app\"").embed(&candidate("sample", &foreign), worlds());
    let unknown = unknown.expect_err("the world is unknown");
    assert!(matches!(unknown, LoadError::UnknownWorld { .. }), "{unknown:?}");
    assert_snapshot!(unknown, @"the world `app` in the manifest of `sample` is not known: the known worlds are `plugwright:plugin/prettify@0.1.0`, `plugwright:plugin/prettify@0.2.0`, `plugwright:plugin/streamer@0.1.0`, `plugwright:plugin/streamer@0.2.0`, `plugwright:plugin/transformer@0.1.0`, `plugwright:plugin/transformer@0.2.0`");
    // The manifest was embedded by a tool that knew the world.
    let declared = with_manifest(&foreign, "world = \"other:thing/app\"");
    let inspection = inspect("sample", &declared).expect("the component is valid");
    assert_eq!(inspection.world, Some("other:thing/app".into()));
    assert_eq!(inspection.mismatches, []);
    let cut = &PLAIN[..PLAIN.len() - 1];
    let error = inspect("sample", cut).expect_err("the file is truncated");
    assert!(matches!(error, LoadError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_component_whose_manifest_is_untrue_or_none_is_not_loaded() {
    let refused = |component: &[u8]| {
        let error = host()
            .load_bytes::<Transformer>("sample", component)
            .expect_err("the plugin has no manifest");
        told(&error)
    };
    let grants = Grants::none().wall_clock(Clock::Real);
    let error = host()
        .with_grants(grants)
        .load_bytes::<Transformer>("sample", &with_manifest(&LATE, "world = \"transformer\""))
        .expect_err("the plugin uses more than its manifest requests");
    assert_snapshot!(error, @"
    `sample` does not match its manifest:
      - it imports `wasi:clocks/wall-clock@0.2.6`, but does not ask for the grant `wall-clock`
    change `plugin.toml`, or the code or dependency that does not match it, and build the plugin again
    ");
    let plain = trapping("transformer");
    assert_snapshot!(refused(&with_manifest(&plain, "world = \"prettify\"")), @"
    `sample` does not match its manifest:
      - it declares the world `prettify`, but implements `plugwright:plugin/transformer@0.2.0`
    change `plugin.toml`, or the code or dependency that does not match it, and build the plugin again
    ");
    assert_snapshot!(refused(&with_manifest(&plain, "world = \"transformer\"\nspeed = 1")), @"cannot read the manifest in `sample`: line 2, column 1: there is no key `speed`, only `world`, `grants`, `limits`, `budget`, `build`, `target-features`");
    let one = with_manifest(&plain, "world = \"transformer\"");
    assert_snapshot!(refused(&with_manifest(&one, "world = \"transformer\"")), @"cannot read the manifest in `sample`: line 1, column 1: there is more than one manifest");
    let long = format!("world = \"transformer\"\n#{}", " ".repeat(64 << 10));
    assert_snapshot!(refused(&with_manifest(&plain, &long)), @"cannot read the manifest in `sample`: line 1, column 1: it is too long for a manifest");
    host().load_bytes::<Transformer>("sample", &one).expect("the manifest matches the component");
}

#[test]
fn a_streamer_is_loaded_as_the_transformer_that_it_is_too() {
    let checksum = dist().read("checksum").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(manifest(&dist(), "checksum").world, "plugwright:plugin/streamer@0.2.0");
    host().load_bytes::<Transformer>("checksum", &checksum).expect("the file is a plugin");
}

#[test]
fn a_plugin_gets_what_it_asks_for_and_no_more() {
    // The plugin asks to read the folder `/given`.
    let path = WORKSPACE.path("dist/curious.wasm");
    let folders = Folders::new();
    let grants = granted(&folders.path("open"), "/given", Access::ReadWrite);
    let grants = grants
        .folder(folders.path("open/deep"), "/deep", Access::ReadOnly)
        .expect("the folder is free");
    let grants = needed(grants.variable("GREETING", "hello").expect("the name is valid"));
    let grants = grants.http("http://localhost:2").expect("the origin is valid");
    let plugin = host().with_grants(grants).load(path).unwrap_or_else(|error| panic!("{error}"));
    let lines = [
        "list /given",
        "write /given/file.txt other",
        "list /deep",
        "variables",
        "arguments",
        "time",
        "get http://localhost:2/",
    ];
    assert_snapshot!(tries(&plugin, &lines), @r#"
    list /given: ["absolute-link", "deep", "file.txt", "folder-link", "inner-link", "relative-link"]
    write /given/file.txt other: Operation not permitted (os error 63)
    list /deep: No such file or directory (os error 44)
    variables: []
    arguments: []
    time: Ok(0ns)
    get http://localhost:2/: ErrorCode::HttpRequestDenied
    "#);
}

#[test]
fn a_plugin_uses_no_more_than_its_manifest_and_the_host_say() {
    let text = "world = \"prettify\"\nlimits = [\"memory=4MiB\", \"deadline=60s\"]";
    let plugin = embedded(text, &crate::hostile::component("memory-bomb"));
    let plugin =
        host().load_bytes::<Prettify>("memory-bomb", &plugin).expect("the plugin fits the host");
    let limit = |limit| plugin.limits().get(limit);
    assert_eq!((limit(Limit::Memory), limit(Limit::Deadline)), (Some(4 << 20), Some(10_000)));
    let error = plugin.prettify(&[]).expect_err("the plugin exceeds the limit");
    let CallError::Exceeded { exceeded, .. } = error else { panic!("{error}") };
    assert_eq!((exceeded.limit, exceeded.value), (Limit::Memory, 4 << 20));
    assert_eq!(exceeded.scope, Scope::Manifest);
    assert_snapshot!(exceeded, @"memory is limited to 4MiB by the plugin's own manifest; to allow more, raise the limit `memory` in its `plugin.toml`, and build it again");
    let stricter =
        plugin.with_limits(&Limits::none().memory(3 << 20)).expect("a call can have this limit");
    let error = stricter.prettify(&[]).expect_err("the plugin exceeds the limit");
    assert_snapshot!(error, @"plugin `memory-bomb` was ended in `prettify`: memory is limited to 3MiB; to allow more, raise the limit `memory`");
    // The error during loading also says that the limit comes from the manifest.
    let refused = |limit: &str| {
        let text = format!("world = \"prettify\"\nlimits = [\"{limit}\"]");
        let plugin = embedded(&text, &crate::hostile::harmless());
        host().load_bytes::<Prettify>("harmless", &plugin).expect_err(limit)
    };
    assert_snapshot!(refused("memory=1MiB"), @"`harmless` cannot be started: memory is limited to 1MiB by the plugin's own manifest; to allow more, raise the limit `memory` in its `plugin.toml`, and build it again");
    assert_snapshot!(refused("instances=0"), @"`harmless` is not loaded: a component is limited to 0 core instances by the plugin's own manifest; to allow more, raise the limit `instances` in its `plugin.toml`, and build it again");
}

#[test]
fn the_command_stamps_shows_and_keeps_to_a_manifest() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let run = |arguments: &[&str]| Output::of(&mut plugwright(folder.path(), arguments));
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).expect(name);
    write("late.wasm", &LATE);
    write("plugin.toml", b"world = \"transformer\"\ngrants = [\"random\"]\n");
    assert_snapshot!(run(&["stamp", "plugin.toml", "late.wasm"]), @"
    ── stderr
    error: `late` does not match its manifest:
      - it imports `wasi:clocks/wall-clock@0.2.6`, but does not ask for the grant `wall-clock`
      - it asks for the grant `random`, but imports nothing that uses it
    change `plugin.toml`, or the code or dependency that does not match it, and build the plugin again
    [exit code 3]
    ");
    assert_eq!(fs::read(folder.path().join("late.wasm")).expect("the file exists"), *LATE);
    write("plugin.toml", b"world = \"transformer\"\ngrants = \"random\"\n");
    assert_snapshot!(run(&["stamp", "plugin.toml", "late.wasm"]), @r#"
    ── stderr
    error: `plugin.toml`, line 2, column 10: `grants` is written `grants = ["folder=/templates"]`
    [exit code 3]
    "#);
    assert_snapshot!(run(&["stamp", "missing.toml", "late.wasm"]), @r#"
    ── stderr
    error: cannot read the manifest `missing.toml`: No such file or directory (os error 2); a plugin declares its world in a manifest, as in `world = "transformer"`
    [exit code 8]
    "#);

    let text = b"world = \"transformer\"\ngrants = [\"wall-clock\"]\nlimits = [\"memory=1 GiB\"]\n";
    write("plugin.toml", text);
    assert_snapshot!(run(&["stamp", "plugin.toml", "late.wasm"]), @"[exit code 0]");
    assert_snapshot!(run(&["check", "late.wasm"]), @"
    late.wasm: a plugin of the world plugwright:plugin/transformer@0.2.0, which asks for `wall-clock`
    [exit code 0]
    ");
    // A name that a plugin chooses cannot be mistaken for the command's own words.
    for forged in ["variable=A, allowed by the rule in line 4", "variable=A,B", "folder=/a`b"] {
        let error =
            forged.parse::<plugwright::RequestedGrant>().expect_err("the name is not valid");
        assert!(error.to_string().contains("a space, a comma or a backtick"), "{error}");
    }
    write("untrue.wasm", &with_manifest(&LATE, "world = \"transformer\"\ngrants = [\"random\"]"));
    let inspected = |file: &str| {
        let output = run(&["inspect", file]);
        let declared = output.stdout.lines().skip_while(|line| !line.starts_with("declares"));
        declared.take_while(|line| !line.starts_with("producers")).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(inspected("untrue.wasm"), @"
    declares     world transformer
                 grant random
    untrue       it imports `wasi:clocks/wall-clock@0.2.6`, but does not ask for the grant `wall-clock`
                 it asks for the grant `random`, but imports nothing that uses it
    ");

    write("input.txt", b"text");
    let grant = |grants: &[&str]| {
        let grants = grants.iter().flat_map(|grant| ["--grant", grant]);
        let arguments: Vec<_> =
            ["run", "markdown", "input.txt"].into_iter().chain(grants).collect();
        run(&arguments)
    };
    assert_snapshot!(grant(&["wall-clock=0"]), @"
    ── stderr
    error: `markdown` does not ask for the grant `wall-clock=0`: leave it out; `plugwright inspect` shows what a plugin asks for
    [exit code 6]
    ");
    // The error suggests a request of the same kind.
    let asking = "world = \"transformer\"\ngrants = [\"folder=/templates\", \"variable=A\", \"argument\", \"stdin\", \
                  \"wall-clock\", \"random\", \"http=http://localhost\"]\n";
    let curious = fs::read(&*curious::FILE).expect("the plugin is built");
    write("asking.wasm", &embedded(asking, &curious));
    let grants = ["wall-clock=0", "random=0", "http=http://localhost", "folder=.:/tmplates"];
    let grants = grants.iter().flat_map(|grant| ["--grant", grant]);
    let arguments: Vec<_> = ["run", "asking.wasm", "input.txt"].into_iter().chain(grants).collect();
    assert_snapshot!(run(&arguments), @"
    ── stderr
    error: `asking` does not ask for the grant `folder=.:/tmplates`: leave it out, unless it was meant for `folder=/templates`; `plugwright inspect` shows what a plugin asks for
    [exit code 6]
    ");
    // The error suggests neither a request that is already granted nor one with a very different name.
    let asking = "world = \"transformer\"\ngrants = [\"folder=/templates\", \"folder=/styles\", \"wall-clock\", \"random\", \"http=http://localhost\"]\n";
    write("asking.wasm", &embedded(asking, &curious));
    let asked = |grants: &[&str]| {
        let needed = ["wall-clock=0", "random=0", "http=http://localhost"];
        let grants = needed.iter().chain(grants).flat_map(|grant| ["--grant", grant]);
        let all: Vec<_> = ["run", "asking.wasm", "input.txt"].into_iter().chain(grants).collect();
        run(&all)
    };
    assert_snapshot!(asked(&["folder=.:/style"]), @"
    ── stderr
    error: `asking` does not ask for the grant `folder=.:/style`: leave it out, unless it was meant for `folder=/styles`; `plugwright inspect` shows what a plugin asks for
    [exit code 6]
    ");
    assert_snapshot!(asked(&["folder=.:/templates", "folder=.:/template"]), @"
    ── stderr
    error: `asking` does not ask for the grant `folder=.:/template`: leave it out, unless it was meant for `folder=/styles`; `plugwright inspect` shows what a plugin asks for
    [exit code 6]
    ");
    assert_snapshot!(asked(&["folder-rw=.:/templates"]), @"
    ── stderr
    error: `asking` does not ask for as much as the grant `folder-rw=.:/templates` gives, only for `folder=/templates`: grant the folder with `folder` instead of `folder-rw`
    [exit code 6]
    ");
    assert_snapshot!(asked(&["folder=.:/templates", "folder=.:/styles", "folder=.:/other"]), @"
    ── stderr
    error: `asking` does not ask for the grant `folder=.:/other`: leave it out; `plugwright inspect` shows what a plugin asks for
    [exit code 6]
    ");
    // The request can be granted to all plugins, or to this one only.
    let stage = |plugin: &str, folder: &str| {
        format!("[[stage]]\nplugin = \"{plugin}\"\ngrants = [\"folder=.:{folder}\"]\n")
    };
    let staged = |stages: &[(&str, &str)], grants: &[&str]| {
        let stages: String = stages.iter().map(|(plugin, folder)| stage(plugin, folder)).collect();
        write("pipeline.toml", stages.as_bytes());
        let needed = ["wall-clock=0", "random=0", "http=http://localhost"];
        let grants = needed.iter().chain(grants).flat_map(|grant| ["--grant", grant]);
        let run_it = ["run", "--pipeline", "pipeline.toml", "input.txt"];
        run(&run_it.into_iter().chain(grants).collect::<Vec<_>>())
    };
    assert_snapshot!(staged(&[("asking.wasm", "/templates")], &["folder=.:/template"]), @"
    ── stderr
    error: `asking` does not ask for the grant `folder=.:/template`: leave it out, unless it was meant for `folder=/styles`; `plugwright inspect` shows what a plugin asks for
    [exit code 6]
    ");
    assert_snapshot!(staged(&[("asking.wasm", "/style")], &["folder=.:/styles"]), @"
    ── stderr
    error: `pipeline.toml`, line 2: `asking` does not ask for the grant `folder=.:/style`: leave it out, unless it was meant for `folder=/templates`; `plugwright inspect` shows what a plugin asks for
    [exit code 6]
    ");
    // A grant to one plugin is not a grant to another.
    write("more.wasm", &embedded(asking, &curious));
    let both = [("asking.wasm", "/templates"), ("more.wasm", "/styles")];
    assert_snapshot!(staged(&both, &["folder=.:/template"]), @"
    ── stderr
    error: none of the plugins asks for the grant `folder=.:/template`: leave it out, unless it was meant for `folder=/templates`; `plugwright inspect` shows what a plugin asks for
    [exit code 6]
    ");
    let chain = ["run", "late.wasm", "markdown", "input.txt", "--grant", "wall-clock=0"];
    assert_snapshot!(run(&[&chain[..], &["--grant", "variable=A=b"]].concat()), @"
    ── stderr
    error: none of the plugins asks for the grant `variable=A=b`: leave it out; `plugwright inspect` shows what a plugin asks for
    [exit code 6]
    ");
    let pipeline = "[[stage]]\nplugin = \"markdown\"\ngrants = [\"random=1\"]\n";
    write("pipeline.toml", pipeline.as_bytes());
    assert_snapshot!(run(&["run", "--pipeline", "pipeline.toml", "input.txt"]), @"
    ── stderr
    error: `pipeline.toml`, line 2: `markdown` does not ask for the grant `random=1`: leave it out; `plugwright inspect` shows what a plugin asks for
    [exit code 6]
    ");
}
