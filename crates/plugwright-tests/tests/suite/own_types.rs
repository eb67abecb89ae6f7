//! Worlds with their own types, which a component does not import from any instance.

use std::sync::{Arc, Mutex};

use insta::assert_snapshot;
use plugwright::wasmtime::component::{InstancePre, Linker, Resource, bindgen};
use plugwright::wasmtime::{Result, Store};
use plugwright::{
    CallError, Held, Limit, Limits, LoadError, LogLevel, LogSource, Plugin, State, World,
};
use plugwright_contract::inspect;
use tests::{Wit, component_around, host};

/// Returns a plugin of a world whose WIT is `text`.
fn plugin<W: World>(text: &str, world: &'static str, core: &str) -> Result<Plugin<W>, LoadError> {
    let wit = Wit { text: text.to_owned(), dependency: None, world };
    host().load_bytes("sample", &component_around(&wit, core))
}

mod shelf {
    //! A record of the world itself, and one of an interface that has only types.
    use plugwright::State;

    pub(super) const WIT: &str = include_str!("own_types/shelf.wit");

    plugwright::world!(Shelf, ShelfPre = "shelf" in "tests/suite/own_types/shelf.wit");

    impl tests::shelf::shapes::Host for State {}
}

mod library {
    //! A resource of the world itself.
    use super::*;

    pub(super) const WIT: &str = include_str!("own_types/library.wit");

    /// A desk, for which the host holds this memory.
    #[expect(unreachable_pub, reason = "the generated bindings re-export it")]
    pub struct WoodenDesk {
        pub(super) _held: Held,
    }

    plugwright::world!(
        Library, LibraryPre = "library" in "tests/suite/own_types/library.wit",
        imports: { default: trappable },
        with: { "desk": WoodenDesk },
    );

    impl LibraryImports for State {}

    impl HostDesk for State {
        fn drop(&mut self, desk: Resource<Desk>) -> Result<()> {
            self.resources().delete(desk)?;
            self.write_log(LogLevel::Debug, "a desk is free", &[("seats".into(), "7".into())])
        }
    }

    /// The size of the host's memory for each desk, in bytes.
    pub(super) const DESK: usize = 1 << 20;
}

/// The world without the library's desk. The host has no desks for its plugins.
mod bare_library {
    use super::*;

    bindgen!({
        path: "tests/suite/own_types/library.wit",
        exports: { default: async },
        with: { "desk": library::WoodenDesk },
        wasmtime_crate: plugwright::wasmtime,
        include_component_type: true,
    });

    impl World for Library {
        const TYPE: &'static [u8] = COMPONENT_TYPE;

        type Data = ();
        type Pre = LibraryPre<State>;

        fn link(_: &mut Linker<State>) -> Result<()> {
            Ok(())
        }

        fn prepare(component: InstancePre<State>) -> Result<Self::Pre> {
            LibraryPre::new(component)
        }

        async fn instantiate(pre: &Self::Pre, store: &mut Store<State>) -> Result<Self> {
            pre.instantiate_async(store).await
        }
    }
}

/// Returns the document with its two numbers swapped, and adds the point's coordinates to them.
const SWAPS: &str = r#"
    (module
      (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
      (func (export "swap") (param i32 i32 i32 i32) (result i32)
        (i32.store (i32.const 0) (i32.add (local.get 1) (local.get 2)))
        (i32.store (i32.const 4) (i32.add (local.get 0) (local.get 3)))
        (i32.const 0)))
"#;

const SITS: &str = r#"
    (module
      (import "$root" "[resource-drop]desk" (func $leave (param i32)))
      (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
      (func (export "sit") (param i32) (result i32)
        (call $leave (local.get 0))
        (i32.const 7)))
"#;

#[test]
fn types_of_a_world_are_imported_from_nobody() {
    use shelf::{Doc, Point, Shelf, WIT};
    let plugin: Plugin<Shelf> =
        plugin(WIT, "shelf", SWAPS).unwrap_or_else(|error| panic!("{error}"));
    let (doc, at) = (Doc { words: 1, pages: 2 }, Point { x: 10, y: 20 });
    let swapped = plugin.call("swap", async |shelf, store| {
        Ok(Ok::<_, String>(shelf.call_swap(store, doc, at).await?))
    });
    let Doc { words, pages } = swapped.expect("the call succeeds");
    assert_eq!((words, pages), (12, 21));
}

#[test]
fn types_of_a_world_are_compared_where_they_are_used() {
    use shelf::{Shelf, WIT};
    let other = WIT.replace("pages: u32", "pages: s32");
    assert_ne!(other, WIT);
    let refusal = plugin::<Shelf>(&other, "shelf", SWAPS).expect_err("the type differs");
    assert_snapshot!(refusal, @"
    `sample` does not fit the world `tests:shelf/shelf`:
      - a type differs from the contract: type-checking export func `swap`: type mismatch for field pages: expected `u32` found `s32`
    its `tests:shelf` differs from this host's: rebuild it for this host's contract
    ");
}

#[test]
fn types_are_no_authority_to_be_granted() {
    let wit = Wit { text: shelf::WIT.to_owned(), dependency: None, world: "shelf" };
    let found = inspect("sample", &component_around(&wit, SWAPS)).expect("the component is valid");
    assert_eq!(found.imports, ["tests:shelf/shapes", "point", "doc"]);
    assert!(found.grants.is_empty());
}

#[test]
fn a_resource_of_a_world_is_given_by_the_host_that_has_it() {
    use library::{DESK, Library, WIT, WoodenDesk};
    let plugin: Plugin<Library> =
        plugin(WIT, "library", SITS).unwrap_or_else(|error| panic!("{error}"));
    // What happens to the desk is written to the plugin's log.
    let lines = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&lines);
    let plugin = plugin.with_log(move |line| heard.lock().expect("no thread panicked").push(line));
    let sit = |plugin: &Plugin<Library>| {
        plugin.call("sit", async |library, store| {
            let held = store.data().hold(DESK)?;
            let desk = store.data_mut().resources().push(WoodenDesk { _held: held })?;
            Ok(Ok::<_, String>(library.call_sit(store, desk).await?))
        })
    };
    assert_eq!(sit(&plugin).expect("the call succeeds"), 7);
    let line = lines.lock().expect("no thread panicked").pop().expect("the log has a line");
    assert_eq!((line.level, line.source), (LogLevel::Debug, LogSource::Log));
    assert_eq!(line.message, "a desk is free");
    assert_eq!(line.fields, [("seats".into(), "7".into())]);

    let silent =
        plugin.with_limits(&Limits::none().log_lines(0)).expect("a call can have this limit");
    assert!(matches!(sit(&silent), Err(CallError::Exceeded { .. })));
}

#[test]
fn what_host_functions_hold_for_a_plugin_counts_until_it_is_dropped() {
    use library::{DESK, Library, WIT, WoodenDesk};
    let plugin: Plugin<Library> =
        plugin(WIT, "library", SITS).unwrap_or_else(|error| panic!("{error}"));
    // Takes `count` desks, `at_once` of them at one time. The plugin frees each desk that it gets.
    let sit = |plugin: &Plugin<Library>, count: usize, at_once: usize| {
        plugin.call("sit", async |library, store| {
            let others: Vec<_> =
                (1..at_once).map(|_| store.data().hold(DESK)).collect::<Result<_, _>>()?;
            for _ in 0..count {
                let held = store.data().hold(DESK)?;
                let desk = store.data_mut().resources().push(WoodenDesk { _held: held })?;
                assert_eq!(library.call_sit(&mut *store, desk).await?, 7);
            }
            drop(others);
            Ok(Ok::<_, String>(()))
        })
    };
    let two = plugin
        .with_limits(&Limits::none().host_memory(2 * DESK as u64))
        .expect("a call can have this limit");
    assert_eq!(sit(&two, 9, 2).ok(), Some(()));
    let refused = sit(&two, 1, 3).expect_err("there is no room for three desks");
    assert_snapshot!(refused, @"plugin `sample` was ended in `sit`: the memory that the host holds for a plugin is limited to 2MiB; to allow more, raise the limit `host-memory`");
    assert!(
        matches!(refused, CallError::Exceeded { exceeded, .. } if exceeded.limit == Limit::HostMemory)
    );
}

#[test]
fn a_resource_of_a_world_is_no_mere_type() {
    use bare_library::Library;
    let refusal =
        plugin::<Library>(library::WIT, "library", SITS).expect_err("the host has no desk");
    assert_snapshot!(refusal, @"
    `sample` does not fit the world `tests:library/library`:
      - a type differs from the contract: component imports resource `desk`, but a matching implementation was not found in the linker: resource implementation is missing
    it was built for another contract: rebuild it for this host's `tests:library`
    ");
}
