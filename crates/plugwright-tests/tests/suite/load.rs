//! The host's errors for files that are not plugins, and for plugins that trap.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use insta::assert_snapshot;
use plugwright::wasmtime::component::{InstancePre, Linker};
use plugwright::wasmtime::{self, Store};
use plugwright::{Cache, CallError, Clock, DynamicError, Grants, Host, Limits, State, World};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Head, Prettify, Streamer, Transformer, inspect};
use tests::{Wit, component, contract, dist, host, markdown, released, trapping};

/// Returns the error from loading `bytes` as a plugin of the world `W`.
fn refusal<W: World>(bytes: &[u8]) -> String {
    match host().load_bytes::<W>("sample", bytes) {
        Ok(_) => panic!("the file must not load"),
        Err(error) => error.to_string(),
    }
}

fn markdown_bytes() -> Vec<u8> {
    dist().read("markdown").unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn text_is_not_webassembly() {
    assert_snapshot!(refusal::<Transformer>(b"# A document"), @r"`sample` is not WebAssembly: it does not begin with the bytes `\0asm`");
}

#[test]
fn an_empty_file_is_not_webassembly() {
    assert_snapshot!(refusal::<Transformer>(b""), @"`sample` is not WebAssembly: it is empty");
}

#[test]
fn text_format_is_not_webassembly() {
    assert_snapshot!(refusal::<Transformer>(b"(component)"), @"`sample` is not WebAssembly: it is in WebAssembly's text format, which `wasm-tools parse` translates");
}

#[test]
fn a_core_module_is_not_a_component() {
    assert_snapshot!(refusal::<Transformer>(b"\0asm\x01\0\0\0"), @"`sample` is a core module, not a component: build it for wasm32-wasip2, or wrap it with `wasm-tools component new`");
}

#[test]
fn a_truncated_component_is_damaged() {
    let markdown = markdown_bytes();
    expect_damaged(&markdown[..markdown.len() / 2]);
}

#[test]
fn a_component_with_other_bytes_in_it_is_damaged() {
    let mut markdown = markdown_bytes();
    markdown[2000..2100].fill(0xff);
    expect_damaged(&markdown);
}

/// The error and its position depend on what the toolchain put there.
fn expect_damaged(bytes: &[u8]) {
    let refusal = refusal::<Transformer>(bytes);
    assert!(refusal.starts_with("`sample` is damaged: "), "{refusal}");
    assert!(refusal.contains(" (at byte "), "{refusal}");
    assert!(refusal.ends_with("; build it again, or copy it again from its source"), "{refusal}");
}

#[test]
fn a_plugin_of_the_other_world_is_named_as_such() {
    assert_snapshot!(refusal::<Prettify>(&markdown_bytes()), @"
    `sample` does not fit the world `plugwright:plugin/prettify@0.2.0`:
      - it does not export `plugwright:plugin/words@0.2.0`
    it implements the world `plugwright:plugin/transformer@0.2.0`: load it for that world
    ");
}

#[test]
fn a_component_of_a_foreign_world_is_told_what_it_lacks() {
    let text = "package other:thing; world app { export run: func(); }".to_owned();
    let component = component(&Wit { text, dependency: None, world: "app" });
    assert_snapshot!(refusal::<Transformer>(&component), @"
    `sample` does not fit the world `plugwright:plugin/transformer@0.2.0`:
      - it does not export `plugwright:plugin/transform@0.2.0`
    export what a world of `plugwright:plugin@0.2.0` requires
    ");
}

#[test]
fn a_component_without_exports_is_told_what_it_lacks() {
    let text = contract() + "world nothing { import host; }";
    let component = component(&Wit { text, dependency: None, world: "nothing" });
    assert_snapshot!(refusal::<Transformer>(&component), @"
    `sample` does not fit the world `plugwright:plugin/transformer@0.2.0`:
      - it does not export `plugwright:plugin/transform@0.2.0`
    export what a world of `plugwright:plugin@0.2.0` requires
    ");
}

#[test]
fn another_version_of_the_contract_is_named() {
    let text = contract().replace("plugwright:plugin@0.2.0", "plugwright:plugin@0.3.0");
    let component = component(&Wit { text, dependency: None, world: "transformer" });
    assert_snapshot!(refusal::<Transformer>(&component), @"
    `sample` does not fit the world `plugwright:plugin/transformer@0.2.0`:
      - it imports `plugwright:plugin/host@0.3.0`; this host has `plugwright:plugin/host@0.2.0` and `plugwright:plugin/host@0.1.0`
      - it exports `plugwright:plugin/transform@0.3.0`; this host needs `plugwright:plugin/transform@0.2.0`
    it was built for `plugwright:plugin@0.3.0`, but this host serves 0.2.0 and 0.1.0: update the host, or rebuild the plugin for `plugwright:plugin@0.2.0`
    ");
}

#[test]
fn a_version_before_those_that_are_served_is_named() {
    let text = released("0.1.0").replace("plugwright:plugin@0.1.0", "plugwright:plugin@0.0.4");
    let component = component(&Wit { text, dependency: None, world: "prettify" });
    assert_snapshot!(refusal::<Prettify>(&component), @"
    `sample` does not fit the world `plugwright:plugin/prettify@0.2.0`:
      - it imports `plugwright:plugin/host@0.0.4`; this host has `plugwright:plugin/host@0.2.0` and `plugwright:plugin/host@0.1.0`
      - it exports `plugwright:plugin/words@0.0.4`; this host needs `plugwright:plugin/words@0.2.0`
    it was built for `plugwright:plugin@0.0.4`, but this host serves 0.2.0 and 0.1.0: rebuild the plugin for `plugwright:plugin@0.2.0`
    ");
}

#[test]
fn a_later_patch_of_a_version_that_is_served_is_loaded() {
    for (text, version, later) in
        [(released("0.1.0"), "0.1.0", "0.1.3"), (contract(), "0.2.0", "0.2.9")]
    {
        let text = text.replace(&format!("plugin@{version}"), &format!("plugin@{later}"));
        for world in ["prettify", "transformer", "streamer"] {
            let component = component(&Wit { text: text.clone(), dependency: None, world });
            let plugin = host().load_any_bytes("sample", &component);
            let plugin = plugin.unwrap_or_else(|error| panic!("{later}: {error}"));
            assert_eq!(plugin.world(), format!("plugwright:plugin/{world}@{version}"));
            let inspection = inspect("sample", &component).expect("the component is valid");
            assert_eq!(inspection.contract, Some(format!("plugwright:plugin@{later}").into()));
            assert_eq!(inspection.world, Some(plugin.world().into()));
        }
    }
}

#[test]
fn a_function_that_this_host_does_not_have_is_named() {
    let text = contract().replace("plugwright:plugin@0.2.0", "plugwright:plugin@0.2.1").replace(
        "    /// Writes one line to",
        "    now: func() -> u64;\n    /// Writes one line to",
    );
    let component = component(&Wit { text, dependency: None, world: "transformer" });
    assert_snapshot!(refusal::<Transformer>(&component), @"
    `sample` does not fit the world `plugwright:plugin/transformer@0.2.0`:
      - it calls `now` of `plugwright:plugin/host@0.2.1`; this host's `plugwright:plugin/host@0.2.0` does not have it
    it was built for `plugwright:plugin@0.2.1`, but this host serves 0.2.0 and 0.1.0: update the host, or rebuild the plugin for `plugwright:plugin@0.2.0`
    ");
}

#[test]
fn a_plugin_of_an_older_version_traps_as_any_does() {
    let wit = Wit { text: released("0.1.0"), dependency: None, world: "streamer" };
    let plugin = host()
        .load_bytes::<Streamer>("trapping", &component(&wit))
        .expect("the plugin fits the host");
    assert_eq!(plugin.world(), "plugwright:plugin/streamer@0.1.0");
    let transformer = plugin.to_transformer();
    assert_eq!(transformer.world(), "plugwright:plugin/transformer@0.1.0");
    let document = Document::new("a.md", "text/markdown", "text");
    assert_snapshot!(transformer.transform(&document, &[]).expect_err("the plugin traps"), @"plugin `trapping` trapped in `transform`: wasm trap: wasm `unreachable` instruction executed");
    assert_snapshot!(plugin.describe().expect_err("the plugin traps"), @"plugin `trapping` trapped in `describe`: wasm trap: wasm `unreachable` instruction executed");
    assert_snapshot!(plugin.session(&Head::new("a.md", "text/markdown"), &[]).expect_err("the plugin traps"), @"plugin `trapping` trapped in `open`: wasm trap: wasm `unreachable` instruction executed");
}

#[test]
fn the_same_version_with_other_types_is_noticed() {
    let text = contract().replace("line: u32,", "line: u64,");
    let component = component(&Wit { text, dependency: None, world: "transformer" });
    assert_snapshot!(refusal::<Transformer>(&component), @"
    `sample` does not fit the world `plugwright:plugin/transformer@0.2.0`:
      - a type differs from the contract: failed to convert function to given type: type mismatch with results: type mismatch for case invalid-input: type mismatch for field at: type mismatch for field line: expected `u32` found `u64`
    its `plugwright:plugin@0.2.0` differs from this host's: rebuild it for this host's contract
    ");
}

#[test]
fn an_import_that_the_host_does_not_give_is_named() {
    let text =
        contract() + "world connected { include transformer; import wasi:sockets/tcp@0.2.6; }";
    let dependency = "package wasi:sockets@0.2.6; interface tcp { connect: func(); }".to_owned();
    let component = component(&Wit { text, dependency: Some(dependency), world: "connected" });
    assert_snapshot!(refusal::<Transformer>(&component), @"
    `sample` does not fit the world `plugwright:plugin/transformer@0.2.0`:
      - it imports `wasi:sockets/tcp@0.2.6`, which this host does not provide
    a plugin may use only what its world imports and what Rust's standard library needs: remove the code or the dependency that needs more
    ");
}

#[test]
fn the_clock_needs_a_grant_and_the_type_of_its_times_does_not() {
    let text =
        contract() + "world late { include transformer; import wasi:clocks/wall-clock@0.2.6; }";
    let with = |functions: &str| {
        let clock = "record datetime { seconds: u64, nanoseconds: u32 }";
        let dependency =
            format!("package wasi:clocks@0.2.6; interface wall-clock {{ {clock} {functions} }}");
        component(&Wit { text: text.clone(), dependency: Some(dependency), world: "late" })
    };
    let only_types = with("");
    host().load_bytes::<Transformer>("sample", &only_types).expect("the plugin fits the host");
    assert!(inspect("sample", &only_types).expect("the component is valid").grants.is_empty());
    let calls = with("now: func() -> datetime;");
    assert_eq!(inspect("sample", &calls).expect("the component is valid").grants, ["wall-clock"]);
    assert_snapshot!(refusal::<Transformer>(&calls), @"
    `sample` does not fit the world `plugwright:plugin/transformer@0.2.0`:
      - it imports `wasi:clocks/wall-clock@0.2.6`, which needs the grant `wall-clock`
    a plugin gets nothing that is not granted: grant it, or remove the code that needs it
    ");
}

/// The world `transformer`, with a count of how often its host functions are linked.
struct Counted;

static LINKED: AtomicUsize = AtomicUsize::new(0);

impl World for Counted {
    const TYPE: &'static [u8] = Transformer::TYPE;
    const LINKS_THE_SAME: bool = true;

    type Data = <Transformer as World>::Data;
    type Pre = <Transformer as World>::Pre;

    fn link(linker: &mut Linker<State<Self::Data>>) -> wasmtime::Result<()> {
        LINKED.fetch_add(1, Ordering::Relaxed);
        Transformer::link(linker)
    }

    fn prepare(component: InstancePre<State<Self::Data>>) -> wasmtime::Result<Self::Pre> {
        Transformer::prepare(component)
    }

    async fn instantiate(
        pre: &Self::Pre,
        store: &mut Store<State<Self::Data>>,
    ) -> wasmtime::Result<Self> {
        Transformer::instantiate(pre, store).await.map(|_| Self)
    }
}

#[test]
fn what_was_loaded_a_moment_ago_is_held_against_what_counts_now() {
    let text =
        contract() + "world late { include transformer; import wasi:clocks/wall-clock@0.2.6; }";
    let clock = "record datetime { seconds: u64, nanoseconds: u32 } now: func() -> datetime;";
    let dependency = format!("package wasi:clocks@0.2.6; interface wall-clock {{ {clock} }}");
    let bytes = component(&Wit { text, dependency: Some(dependency), world: "late" });
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let cache = Cache::open(folder.path().join("cache")).expect("the cache can be opened");
    let host =
        Host::builder().cache(cache.clone()).concurrency(8).build().expect("the engine starts");
    let granting = host.with_grants(Grants::none().wall_clock(Clock::Real));
    let done = || (cache.misses(), cache.hits(), LINKED.load(Ordering::Relaxed));
    // The code is compiled, then read from disk, and then found in memory once a change would show in the file's
    // times.
    for expected in [(1, 0, 1), (1, 1, 2), (1, 2, 2), (1, 3, 2)] {
        let plugin =
            granting.load_bytes::<Counted>("sample", &bytes).expect("the plugin fits the host");
        assert_eq!((plugin.name(), done()), ("sample", expected));
        thread::sleep(Duration::from_millis(150));
    }
    let small = |limits: Limits| {
        let host = Host::builder().cache(cache.clone()).limits(limits).concurrency(8);
        let host = host.build().expect("the engine starts");
        host.with_grants(Grants::none().wall_clock(Clock::Real))
    };
    let refused = |host: &Host| {
        let loaded = host.load_bytes::<Counted>("other", &bytes);
        loaded.map(drop).expect_err("the plugin is refused").to_string()
    };
    assert_snapshot!(refused(&host), @"
    `other` does not fit the world `plugwright:plugin/transformer@0.2.0`:
      - it imports `wasi:clocks/wall-clock@0.2.6`, which needs the grant `wall-clock`
    a plugin gets nothing that is not granted: grant it, or remove the code that needs it
    ");
    assert_snapshot!(refused(&small(Limits::default().component_size(10))), @"`other` is not loaded: the size of a component is limited to 10 bytes; to allow more, raise the limit `component-size`");
    assert_snapshot!(refused(&small(Limits::default().instances(0))), @"`other` is not loaded: a component is limited to 0 core instances; to allow more, raise the limit `instances`");
    assert_eq!(done(), (1, 3, 2));
    // As a plugin of another world, the component is linked again and counted once.
    let prettify = granting.load_bytes::<Prettify>("other", &bytes).map(drop);
    assert_snapshot!(prettify.expect_err("the plugin is of another world"), @"
    `other` does not fit the world `plugwright:plugin/prettify@0.2.0`:
      - it does not export `plugwright:plugin/words@0.2.0`
    it implements the world `plugwright:plugin/transformer@0.2.0`: load it for that world
    ");
    let by_name =
        granting.load_dynamic_bytes("other", &bytes, &[]).expect("the component is valid");
    let error = by_name.call_text("describe()").expect_err("the plugin always traps");
    assert!(matches!(error, DynamicError::Call(CallError::Trapped { .. })), "{error:?}");
    assert_eq!(done(), (1, 4, 2));
    granting.load_bytes::<Transformer>("other", &bytes).expect("the plugin fits the host");
    assert_eq!(done(), (1, 5, 2));
    let plugin = granting.load_bytes::<Counted>("other", &bytes).expect("the plugin fits the host");
    assert_eq!((plugin.name(), done()), ("other", (1, 6, 2)));
}

#[test]
fn a_trap_is_told_and_harms_no_other_call() {
    let plugin = host()
        .load_bytes::<Transformer>("trapping", &trapping("transformer"))
        .expect("the plugin fits the host");
    let document = Document::new("a.md", "text/markdown", "text");
    let error = plugin.transform(&document, &[]).expect_err("the plugin traps");
    assert_snapshot!(error, @"plugin `trapping` trapped in `transform`: wasm trap: wasm `unreachable` instruction executed");
    let CallError::Trapped { backtrace, .. } = error else { panic!("{error:?}") };
    assert_eq!(backtrace.len(), 1);
    plugin.transform(&document, &[]).expect_err("the plugin traps again, in a fresh instance");
    assert_eq!(
        markdown().transform(&document, &[]).expect("the call succeeds").body,
        b"<p>text</p>\n"
    );
}

#[test]
fn a_plugin_can_be_called_inside_of_tokio() {
    let markdown = markdown();
    let document = Document::new("a.md", "text/markdown", "text");
    let runtime =
        tokio::runtime::Builder::new_current_thread().build().expect("the runtime starts");
    let html =
        runtime.block_on(async { markdown.transform(&document, &[]) }).expect("the call succeeds");
    assert_eq!(html.body, b"<p>text</p>\n");
}
