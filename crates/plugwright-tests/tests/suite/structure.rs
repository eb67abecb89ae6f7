//! Components with many copies of one structure, on a thread with a small stack. An excess is refused by name, and
//! the deepest permitted component is inspected and compiled like any other.

use std::thread;

use insta::assert_snapshot;
use plugwright::{DistEntry, Host, LoadError, PublicKey, Unverified, difference, sizes};
use plugwright_contract::prelude::*;
use plugwright_contract::{AnyPlugin, Transformer, inspect};
use tests::{STRUCTURES, Structure, candidate, dist, host, trapping};

/// Runs `work` on a thread with a stack of this size, and returns the result. The stack would overflow if code
/// recursed once for each level of nesting.
fn with_stack<R: Send>(size: usize, work: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(size).spawn_scoped(scope, work);
        thread.expect("the thread starts").join().expect("the thread did not panic")
    })
}

fn structure(name: &str) -> &'static Structure {
    STRUCTURES.iter().find(|it| it.name == name).expect("the structure exists")
}

/// Passes the bytes to everything that reads components. Nothing loads them. Returns the error from loading.
fn read_all(bytes: &[u8]) -> LoadError {
    let host = host();
    let loaded = host.load_any_bytes("sample", bytes).err();
    let as_transformer = host.load_bytes::<Transformer>("sample", bytes).err();
    let _ = (inspect("sample", bytes), sizes("sample", bytes), difference(bytes, b"\0asm"));
    assert!(as_transformer.is_some());
    loaded.expect("the file is not a plugin")
}

#[test]
fn much_of_anything_is_read_or_refused_on_a_small_stack() {
    for Structure { name, make } in STRUCTURES {
        for count in [1, 2, 100, 101, 1_000] {
            let bytes = make(count);
            let error = with_stack(256 << 10, || read_all(&bytes));
            let known = matches!(
                error,
                LoadError::Structure { .. }
                    | LoadError::Damaged { .. }
                    | LoadError::Contract { .. }
            );
            assert!(known, "{count} {name}: {error}");
        }
    }
}

#[test]
fn what_there_is_too_much_of_is_named_with_how_much_and_where() {
    let mut refusals = String::new();
    for (name, count) in [
        ("components in one another", 10_000),
        ("component types in one another", 101),
        ("instance types in one another", 100_000),
        ("core modules", 1_000),
        ("sections", 100_001),
        ("imports", 20_001),
        ("declarations", 100_000),
        ("aliases", 100_001),
        ("arguments of instances", 100_000),
        ("core globals", 2_000_001),
        ("imports of resources", 1_000),
        ("instances with resources", 1_000),
        ("instances of core modules with exports", 10_000),
        ("instances of imported core modules", 10_000),
        ("calls with a thousand operands", 1_000),
        ("jumps with a thousand operands", 10_000),
        ("functions with a thousand locals", 10_000),
        ("functions with a thousand parameters", 10_000),
    ] {
        match inspect("sample", &(structure(name).make)(count)) {
            Err(LoadError::Structure { excess, .. }) => refusals += &format!("{excess}\n"),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert_snapshot!(refusals, @"
    it has 101 levels of nested components, but at most 100 are allowed (at byte 1200)
    it has 101 levels of nested types, but at most 100 are allowed (at byte 311)
    it has 101 levels of nested types, but at most 100 are allowed (at byte 312)
    it has 1001 components and core modules, but at most 1000 are allowed (at byte 10000)
    it has 100001 sections, but at most 100000 are allowed (at byte 300010)
    it has 20001 imports and exports, but at most 20000 are allowed (at byte 19)
    it has 100001 types and declarations in types, but at most 100000 are allowed (at byte 300014)
    it has 100001 aliases and canonical functions, but at most 100000 are allowed (at byte 17)
    it has 100001 instances and arguments of instances, but at most 100000 are allowed (at byte 23)
    it has 2000001 items of core modules, but at most 2000000 are allowed (at byte 26)
    it has 1008095 names, counted at each use of their interface, but at most 1000000 are allowed (at byte 4408)
    it has 1008000 names, counted at each use of their interface, but at most 1000000 are allowed (at byte 9403)
    it has 1005000 names, counted at each use of their interface, but at most 1000000 are allowed (at byte 38935)
    it has 1000001 names, counted at each use of their interface, but at most 1000000 are allowed (at byte 43923)
    it has 2004005 operands and locals of functions, but at most 1064800 are allowed (at byte 2046)
    it has 10013004 operands and locals of functions, but at most 1176704 are allowed (at byte 1037)
    it has 2121119 operands and locals of functions, but at most 2120592 are allowed (at byte 22746)
    it has 1656655 operands and locals of functions, but at most 1656624 are allowed (at byte 16002)
    ");
    let nested = (structure("components in one another").make)(101);
    let error = inspect("sample", &nested).expect_err("the component is refused");
    assert_snapshot!(error, @"`sample` was not inspected: it has 101 levels of nested components, but at most 100 are allowed (at byte 1088); no option raises this limit: make the plugin smaller");
}

#[test]
fn as_much_as_there_may_be_is_looked_into() {
    for (name, count) in [
        ("components in one another", 100),
        ("component types in one another", 100),
        ("instance types in one another", 100),
        ("core modules", 999),
        ("imports", 20_000),
        ("interfaces that use one another", 100),
        ("instances of core modules with exports", 200),
        ("instances of imported core modules", 200),
        ("calls with a thousand operands", 100),
        ("jumps with a thousand operands", 100),
        ("functions with a thousand locals", 1_000),
        ("functions with a thousand parameters", 1_000),
    ] {
        let bytes = (structure(name).make)(count);
        let inspected = with_stack(256 << 10, || inspect("sample", &bytes));
        inspected.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn what_the_validator_says_in_layers_is_one_line() {
    // An import of a function with an invalid name.
    let bytes = b"\0asm\x0d\0\x01\0\x07\x05\x01\x40\0\x01\0\x0a\x09\x01\0\x04a:b/\x01\0";
    let error = inspect("sample", bytes).expect_err("the component is refused");
    assert_snapshot!(error, @"`sample` is damaged: import name `a:b/` is not a valid extern name: `` is not in kebab case (at byte 18); build it again, or copy it again from its source");
}

/// The limits are many times larger than what any plugin has.
#[test]
fn ten_of_each_plugin_in_one_component_are_looked_into() {
    let dist = dist();
    for DistEntry { name, .. } in dist.plugins() {
        let plugin = dist.read(name).unwrap_or_else(|error| panic!("{error}"));
        let none = b"\0asm\x0d\0\x01\0".to_vec();
        let ten = (0..10).fold(none, |all, _| with_component(all, &plugin));
        assert_eq!(candidate(name, &ten).name(), name);
    }
}

/// Returns a plugin with a section at its end that holds a component of `name`, which its host must compile with
/// it.
fn with_inside(name: &str, count: usize) -> Vec<u8> {
    with_component(trapping("transformer"), &(structure(name).make)(count))
}

/// Returns the component `plugin` with another component inside it.
fn with_component(mut plugin: Vec<u8>, inside: &[u8]) -> Vec<u8> {
    plugin.push(4);
    let mut length = inside.len();
    while length >= 0x80 {
        plugin.push(length.to_le_bytes()[0] | 0x80);
        length >>= 7;
    }
    plugin.push(length.to_le_bytes()[0]);
    plugin.extend(inside);
    plugin
}

#[test]
fn the_deepest_plugin_is_compiled_on_a_small_stack() {
    for (name, count) in [
        ("components in one another", 99),
        ("component types in one another", 100),
        ("instance types in one another", 100),
        ("types that name one another", 99),
        // If these were instantiated, their total would exceed any number.
        ("instances of imported components", 3),
    ] {
        let bytes = with_inside(name, count);
        let host = Host::builder().no_cache().build().expect("the engine starts");
        let loaded: Result<AnyPlugin, _> =
            with_stack(256 << 10, || host.load_any_bytes("sample", &bytes));
        loaded.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// A key that did not sign anything here.
const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";

#[test]
fn nothing_is_said_of_bytes_before_their_signature() {
    let key: PublicKey = KEY.parse().expect("the key is valid");
    let host = Host::builder().trust([key]).no_cache().build().expect("the engine starts");
    let nested = (structure("component types in one another").make)(100_000);
    let mut wrong = trapping("transformer");
    wrong.extend([0, 21, 19]);
    wrong.extend(b"plugwright:manifest?");
    for bytes in
        [&b"# A document"[..], b"", b"\0asm\x01\0\0\0", b"\0asm\x0d\0\x01\0\xff", &nested, &wrong]
    {
        let unsigned = |error: Option<LoadError>| {
            assert!(matches!(error, Some(LoadError::Unsigned { .. })), "{error:?}");
        };
        unsigned(host.load_any_bytes("sample", bytes).err());
        unsigned(host.load_bytes::<Transformer>("sample", bytes).err());
        unsigned(host.verify(Unverified::new("sample", bytes)).err());
        let signed = host.with_signature("no signature").load_any_bytes("sample", bytes);
        assert!(matches!(signed, Err(LoadError::BadSignature { .. })), "{signed:?}");
    }
}
