//! Contracts that get no skeleton, because the host lacks something that they use, or because no generator can
//! write it.

use insta::assert_snapshot;
use plugwright::{Contract, WitFile};
use plugwright_cli::skeleton::Request;
use plugwright_cli::skeleton::application::application;
use plugwright_cli::skeleton::rust_plugin::{Dependency, plugin};

/// Returns the error for a world with these items in the interface `things` and in the world itself. It is the
/// error for a plugin, and that for an application if it differs.
fn refusal(things: &str, own: &str) -> String {
    let text = format!("package a:b;\ninterface things {{ {things} }}\nworld w {{ {own} }}\n");
    let file = WitFile { path: "a.wit".into(), text };
    let contract = Contract::parse("a.wit".as_ref(), vec![file], Vec::new())
        .unwrap_or_else(|error| panic!("{error}"));
    let (resolve, package) = contract.resolve();
    let world = resolve.packages[package].worlds["w"];
    let request = Request { resolve, world, name: "p", wit: "wit" };
    let of_plugin = plugin(&request, Dependency::Workspace).err().map(|error| format!("{error:#}"));
    let of_application = application(&request, "p").err().map(|error| format!("{error:#}"));
    match (of_plugin, of_application) {
        (Some(one), Some(other)) if one == other => one,
        (one, other) => format!(
            "plugin: {}\napplication: {}",
            one.as_deref().unwrap_or("made"),
            other.as_deref().unwrap_or("made")
        ),
    }
}

#[test]
fn what_the_host_does_not_have() {
    let all = [
        refusal("f: async func();", "export things;"),
        refusal("resource r { m: async func(); }", "import things;"),
        refusal("", "export f: async func();"),
        refusal("f: func(a: future<u8>);", "export things;"),
        refusal("f: func() -> list<stream<u8>>;", "import things;"),
        refusal("record r { e: error-context }", "export things;"),
        refusal("f: func(e: error-context);", "export things;"),
        refusal("type f = list<u8, 4>;", "export things;"),
        refusal("type m = map<string, u8>;", "export things;"),
    ];
    assert_snapshot!(all.join("\n"), @"
    the function `things.f` is async, which this host does not support: remove `async` from it in `a:b/things`
    the function `things.[method]r.m` is async, which this host does not support: remove `async` from it in `a:b/things`
    the function `f` is async, which this host does not support: remove `async` from it in `w`
    in the function `things.f`: this host does not support the type `future`: use a function instead
    in the function `things.f`: this host does not support the type `stream`: use a list or a resource instead
    the type `r` of `a:b/things`: this host does not support the type `error-context`: use a string instead
    in the function `things.f`: this host does not support the type `error-context`: use a string instead
    the type `f` of `a:b/things`: this host does not support the type `list of fixed length`: use a list or a tuple instead
    the type `m` of `a:b/things`: this host does not support the type `map`: use a list of tuples instead
    ");
}

#[test]
fn what_no_generator_can_write() {
    let all = [
        refusal("f: func(gen: u8);", "export things;"),
        refusal("match: func();", "export things;"),
        refusal("resource r { constructor(); new: static func() -> r; }", "export things;"),
        refusal("resource r { drop: func(); }", "import things;"),
        refusal("record %option { x: u8 }", "export things;"),
        refusal(
            "resource r;",
            "import things; use things.{r}; export f: func(a: list<borrow<r>>);",
        ),
    ];
    assert_snapshot!(all.join("\n"), @"
    plugin: the contract's name `gen` is reserved in the Rust code that wit-bindgen generates: rename it in the WIT, or choose another language
    application: made
    plugin: made
    application: the contract's name `match` is reserved in the Rust code that wasmtime's `bindgen!` generates: rename it in the WIT, or choose another language
    plugin: the contract's name `new` is reserved in the Rust code that wit-bindgen generates: rename it in the WIT, or choose another language
    application: made
    plugin: made
    application: the contract's name `drop` is reserved in the Rust code that wasmtime's `bindgen!` generates: rename it in the WIT, or choose another language
    plugin: the contract's name `option` is reserved in the Rust code that wit-bindgen generates: rename it in the WIT, or choose another language
    application: made
    plugin: `f` takes a list of borrowed handles of the host, for which wit-bindgen cannot generate code: take one handle at a time or owned handles, or choose another language
    application: made
    ");
}

#[test]
fn what_the_largest_types_come_to_is_not_written_out() {
    let records: String = (0..100)
        .map(|number| format!("record r{} {{ a: r{number}, b: r{number} }} ", number + 1))
        .collect();
    let things = format!("record r0 {{ x: u8 }} {records} f: func(a: r100) -> r100;");
    assert_snapshot!(refusal(&things, "import things; export things;"), @"
    plugin: made
    application: made
    ");
}
