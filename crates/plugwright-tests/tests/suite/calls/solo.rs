//! A plugin whose contract has one function in the world itself, and nothing else.

use std::sync::LazyLock;

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Wit, component_around};

use super::{alone, run};

/// The plugin, which did not go through a pipeline.
pub(super) static SOLO: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let text = include_str!("solo/solo.wit").to_owned();
    let wit = Wit { text, dependency: None, world: "one" };
    component_around(&wit, include_str!("solo/measure.wat"))
});

pub(super) fn solo() -> TempDir {
    alone("solo.wasm", &SOLO)
}

#[test]
fn a_function_without_an_interface_is_called() {
    let folder = solo();
    let call = |arguments: &[&str]| run(&folder, &[&["call", "solo.wasm"], arguments].concat());
    assert_snapshot!(call(&[]), @"
      measure: func(text: string) -> u32
    [exit code 0]
    ");
    assert_snapshot!(call(&["measure(\"fünf\")", "let n = measure(\"\")", "fresh", "measure(\"again\")"]), @r#"
    > measure("fünf")
    < 5
    > let n = measure("")
    ! trap wasm `unreachable` instruction executed
        in <function at 0x6f>
    > fresh
    > measure("again")
    < 5
    [exit code 0]
    "#);
    assert_snapshot!(call(&["measure(\"\")"]), @r#"
    > measure("")
    ! trap wasm `unreachable` instruction executed
        in <function at 0x6f>
    ── stderr
    error: plugin `solo` trapped (see the last lines)
    [exit code 4]
    "#);
    assert_snapshot!(call(&["--limit", "fuel=10000", "measure(\"x\")"]), @r#"
    > measure("x")
    ! limit fuel: a call is limited to 10000 units of fuel; to allow more, raise the limit `fuel`
        in <function at 0x7a>
    ── stderr
    error: plugin `solo` exceeded a limit (see the last lines)
    [exit code 5]
    "#);
    assert_snapshot!(call(&["one.measure(\"\")"]), @r#"
    > one.measure("")
    ── stderr
    error: column 1: there is no `one.measure`; there is no variable `one` either
    [exit code 2]
    "#);
    assert_snapshot!(call(&["import measure(_) = 1"]), @"
    ── stderr
    error: column 8: the plugin does not import `measure`: a plugin imports only the functions of its world that it calls; remove this statement
    [exit code 2]
    ");
    assert_snapshot!(run(&folder, &["run", "solo.wasm", "solo.wasm"]), @"
    ── stderr
    error: `solo` does not take documents: `plugwright call solo.wasm` lists its functions
    [exit code 2]
    ");
}
