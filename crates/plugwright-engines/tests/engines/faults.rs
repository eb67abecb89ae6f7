//! Plugins with faulty glue code. Every engine must notice an invalid answer.

use std::fs;

use libtest_mimic::{Failed, Trial};
use plugwright_engines::{Engine as _, Folders};
use tests::{around, host};

use crate::traced::{Plugin, whole_of_nothing};
use crate::{PATIENCE, start};

/// The fault, the bytes of the answer, which are at address 64, and the address that the plugin returns.
const FAULTS: [(&str, &str, i64); 6] = [
    ("a text is not UTF-8", r"\01\00\00\00\03\00\00\00\80\00\00\00\01\00\00\00", 64),
    ("a case is none of its variant's", r"\01\00\00\00\09\00\00\00\00\00\00\00\00\00\00\00", 64),
    ("a text is beyond the memory", r"\01\00\00\00\03\00\00\00\00\00\00\40\01\00\00\00", 64),
    ("an answer is not aligned", r"\01\00\00\00\00\03\00\00\00\80\00\00\00\00\00\00\00", 65),
    (
        "an answer is beyond the memory",
        r"\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00",
        4_294_967_280,
    ),
    ("a result is neither", r"\07\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00", 64),
];

/// The faults that jco does not notice. It decodes texts with `TextDecoder`, which replaces invalid bytes with U+FFFD,
/// and it does not check the alignment of pointers. By the specification, both must trap.
const UNNOTICED: [&str; 2] = ["a text is not UTF-8", "an answer is not aligned"];

/// Returns a test for each fault.
pub(crate) fn trials() -> Vec<Trial> {
    let trial = |(what, bytes, at): (&'static str, &'static str, i64)| {
        let name = format!("faults/{}", what.replace(' ', "-"));
        Trial::test(name, move || is_noticed(what, &core(bytes, at)))
    };
    FAULTS.into_iter().map(trial).collect()
}

fn core(bytes: &str, at: i64) -> String {
    format!(
        r#"(module
          (memory (export "memory") 1)
          (data (i32.const 64) "{bytes}")
          (data (i32.const 128) "\ff")
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
          (func (export "plugwright:plugin/transform@0.2.0#describe") (result i32) unreachable)
          (func (export "plugwright:plugin/transform@0.2.0#transform")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const {at})))"#
    )
}

fn is_noticed(what: &str, core: &str) -> Result<(), Failed> {
    let component = around(core, "transformer");
    let trace = Plugin::of(&component, &host()).run(&whole_of_nothing())?;
    // If wasmtime did not trap, there would be nothing to compare.
    assert!(trace.to_json().to_string().contains("trap"), "wasmtime: {:?}", trace.to_json());
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("fault.wasm");
    fs::write(&file, component)?;
    match (start(&file)?.replay(&trace, &Folders::new(), PATIENCE), UNNOTICED.contains(&what)) {
        (Ok(()), false) | (Err(_), true) => Ok(()),
        (Ok(()), true) => Err("it is noticed now: take it out of `UNNOTICED`".into()),
        (Err(difference), false) => Err(difference.into()),
    }
}
