//! The output of plugins on standard output and standard error, which must be the same byte by byte.

use std::fs;
use std::path::PathBuf;

use libtest_mimic::{Failed, Trial};
use plugwright_engines::{Engine as _, Folders};
use plugwright_test::Trace;
use tempfile::TempDir;
use tests::{Wit, component_around, contract, host};

use crate::traced::{Plugin, whole_of_nothing};
use crate::{PATIENCE, start};

/// A plugin that writes these bytes to one of the two streams.
#[derive(Clone, Copy)]
struct Writes {
    stream: &'static str,
    /// The bytes in the syntax of WebAssembly text.
    bytes: &'static str,
    length: usize,
}

/// The output in wasmtime.
const WRITTEN: Writes = Writes { stream: "stdout", bytes: r"one\0a\fft\c3\a4o\0a", length: 10 };

/// Outputs in the other engine, each with the reported difference, if there is one.
const OTHERS: [(&str, Writes, Option<&str>); 6] = [
    ("the same", WRITTEN, None),
    (
        "another letter",
        Writes { bytes: r"one\0a\fft\c3\a5o\0a", ..WRITTEN },
        Some("byte 7 is the first that differs"),
    ),
    ("no end of the line", Writes { length: 9, ..WRITTEN }, Some("byte 9 is the first")),
    (
        "another byte that is no text",
        Writes { bytes: r"one\0a\fet\c3\a4o\0a", ..WRITTEN },
        Some("byte 4 is"),
    ),
    ("nothing", Writes { length: 0, ..WRITTEN }, Some("it writes \"\" to standard output")),
    ("to standard error", Writes { stream: "stderr", ..WRITTEN }, Some("byte 0 is the first")),
];

/// Returns a test for each output, and a test that standard error is compared, too.
pub(crate) fn trials() -> Vec<Trial> {
    let trial = |(what, writes, said): (&'static str, Writes, Option<&'static str>)| {
        let name = format!("written/{}", what.replace(' ', "-"));
        Trial::test(name, move || is_said(&trace(WRITTEN)?, writes, said))
    };
    let mut trials: Vec<_> = OTHERS.into_iter().map(trial).collect();
    trials.push(Trial::test("written/of-standard-error", || {
        let errors = Writes { stream: "stderr", ..WRITTEN };
        is_said(&trace(errors)?, errors, None)?;
        let said = "it writes \"\" to standard error";
        is_said(&trace(errors)?, Writes { length: 0, ..errors }, Some(said))
    }));
    trials
}

/// Returns the trace in wasmtime.
fn trace(writes: Writes) -> Result<Trace, Failed> {
    let trace = Plugin::of(&component(writes), &host()).run(&whole_of_nothing())?;
    assert!(!trace.to_json().to_string().contains("trap"), "wasmtime: {:?}", trace.to_json());
    Ok(trace)
}

/// Replays the trace with a plugin that writes this output.
fn is_said(trace: &Trace, writes: Writes, said: Option<&str>) -> Result<(), Failed> {
    let (_folder, file) = file(&component(writes))?;
    let told = start(&file)?.replay(trace, &Folders::new(), PATIENCE);
    match (told, said) {
        (Ok(()), None) => Ok(()),
        (Err(difference), Some(said)) if difference.contains(said) => Ok(()),
        (told, said) => Err(format!("reported {told:?}, expected {said:?}").into()),
    }
}

fn file(component: &[u8]) -> Result<(TempDir, PathBuf), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("writer.wasm");
    fs::write(&file, component)?;
    Ok((folder, file))
}

fn component(Writes { stream, bytes, length }: Writes) -> Vec<u8> {
    let world = format!(
        "world writer {{ include transformer; import wasi:cli/{stream}@0.2.6; import wasi:io/streams@0.2.6; }}"
    );
    let text = format!(
        "{}\n{world}
        package wasi:io@0.2.6 {{
          interface error {{ resource error; }}
          interface streams {{
            use error.{{error}};
            variant stream-error {{ last-operation-failed(error), closed }}
            resource output-stream {{
              blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>;
            }}
          }}
        }}
        package wasi:cli@0.2.6 {{
          interface {stream} {{
            use wasi:io/streams@0.2.6.{{output-stream}};
            get-{stream}: func() -> output-stream;
          }}
        }}",
        contract()
    );
    // The plugin returns a failure that is in its memory already. Its output is compared all the same.
    let core = format!(
        r#"(module
          (import "wasi:cli/{stream}@0.2.6" "get-{stream}" (func $get (result i32)))
          (import "wasi:io/streams@0.2.6" "[method]output-stream.blocking-write-and-flush"
            (func $write (param i32 i32 i32 i32)))
          (memory (export "memory") 1)
          (data (i32.const 64) "\01\00\00\00\03\00\00\00\80\00\00\00\01\00\00\00")
          (data (i32.const 128) "a")
          (data (i32.const 256) "{bytes}")
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
          (func (export "plugwright:plugin/transform@0.2.0#describe") (result i32) unreachable)
          (func (export "plugwright:plugin/transform@0.2.0#transform")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
            (call $write (call $get) (i32.const 256) (i32.const {length}) (i32.const 512))
            (i32.const 64)))"#
    );
    component_around(&Wit { text, dependency: None, world: "writer" }, &core)
}
