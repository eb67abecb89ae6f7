//! Backtraces of a plugin that panics at a known place. The pipeline built and stripped the plugin. The tests read
//! the backtraces with its symbols, without them, and with those of other files.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use plugwright::{CallError, Frame, Grants, Plugin, TrapKind};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Head, Streamer, Transformer};
use tests::{around, host};

use crate::build::{WORKSPACE, run, source};

static PLUGIN: LazyLock<Plugin<Transformer>> =
    LazyLock::new(|| load(&WORKSPACE.path("dist/panics.wasm")));

fn load(file: &Path) -> Plugin<Transformer> {
    let grants = Grants::placeholders(&["wall-clock"]);
    host().with_grants(grants).load(file).expect("the plugin fits the host")
}

/// Returns the frames of the plugin when it panics, resolved with the symbol file `symbols`.
fn backtrace(symbols: &[u8]) -> Vec<Frame> {
    let file = tempfile::NamedTempFile::new().expect("a temporary file can be created");
    fs::write(file.path(), symbols).expect("the file can be written");
    panics(&PLUGIN.clone().with_symbols(file.path()))
}

fn panics(plugin: &Plugin<Transformer>) -> Vec<Frame> {
    let document = Document::new("hello.txt", "text/plain", "hello");
    match plugin.transform(&document, &[]) {
        Err(CallError::Trapped { kind: TrapKind::Unreachable, backtrace, .. }) => backtrace,
        other => panic!("the plugin does not panic: {other:?}"),
    }
}

fn symbols() -> Vec<u8> {
    fs::read(WORKSPACE.path("dist/symbols/panics.wasm")).expect("the file exists")
}

/// Returns the line in the plugin's source that contains `words`.
fn line(words: &str) -> u32 {
    let source = fs::read_to_string(WORKSPACE.path(&source("panics"))).expect("the file exists");
    let line =
        source.lines().position(|line| line.contains(words)).expect("the text is in the source");
    u32::try_from(line + 1).expect("the length fits")
}

/// Returns the expected text of the innermost frames in the plugin's own code. For an inlined function, line tables
/// have only the name, without its path.
fn own_frames() -> [String; 2] {
    let file = format!("/plugwright/{}", source("panics"));
    let (panics, calls) = (line("panic!("), line("look_around();"));
    [format!("look_around at {file}:{panics}"), format!("plugin_panics::shout at {file}:{calls}")]
}

#[test]
fn a_stripped_plugin_with_symbols_is_told_by_function_file_and_line() {
    let frames = panics(&PLUGIN);
    let lines: Vec<_> = frames.iter().map(ToString::to_string).collect();
    let own = lines
        .iter()
        .position(|line| line.contains(&source("panics")))
        .expect("the frame of the plugin exists");
    assert_eq!(lines[own..own + 2], own_frames(), "{lines:#?}");
    // One function was inlined into the other, so both are at the same offset.
    assert_eq!(frames[own].offset, frames[own + 1].offset);
    // The frames around them are included: the panic machinery, and the call of the plugin.
    assert!(lines[..own].iter().any(|line| line.starts_with("core::panicking::panic_fmt")));
    assert!(lines[own..].iter().any(|line| line.contains("plugwright:plugin/transform@0.2.0")));
}

#[test]
fn the_command_shows_it() {
    let output = run("panics");
    let [inlined, outer] = own_frames();
    assert!(output.stderr.contains(&format!("\n  in {inlined}\n  in {outer}\n")), "{output}");
    assert_eq!(output.code, Some(4), "{output}");
}

#[test]
fn without_its_own_symbols_a_stripped_plugin_is_told_by_offsets() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let file = folder.path().join("panics.wasm");
    fs::copy(WORKSPACE.path("dist/panics.wasm"), &file).expect("the file can be copied");
    let bare = panics(&load(&file));
    assert!(bare.len() > 2, "{bare:?}");
    for frame in &bare {
        assert!(frame.function.is_none() && frame.file.is_none() && frame.line.is_none());
        assert!(frame.to_string().starts_with("<function at 0x"), "{frame}");
    }
    // The offsets are the same as in the backtrace with symbols.
    let mut offsets: Vec<_> = panics(&PLUGIN).into_iter().map(|frame| frame.offset).collect();
    offsets.dedup();
    assert_eq!(bare.iter().map(|frame| frame.offset).collect::<Vec<_>>(), offsets);

    // The symbols of another build would give wrong lines.
    let others = fs::read(WORKSPACE.path("dist/symbols/shout.wasm")).expect("the file exists");
    assert_eq!(backtrace(&others), bare);
    // Files that are damaged, or that are not symbols.
    let symbols = symbols();
    for other in [&symbols[..symbols.len() / 2], b"\0asm", b"", b"no symbols"] {
        assert_eq!(backtrace(other), bare);
    }
}

#[test]
fn line_tables_of_functions_too_deep_in_one_another_are_left_aside() {
    let echo = include_str!("echo.wat");
    let plugin = host().load_bytes::<Streamer>("deep", &around(echo, "streamer"));
    let plugin = plugin.unwrap_or_else(|error| panic!("{error}"));
    let frames = |depth: usize| {
        let symbols = echo.replacen("(module", &format!("(module {}", nested(depth)), 1);
        let file = tempfile::NamedTempFile::new().expect("a temporary file can be created");
        fs::write(file.path(), around(&symbols, "streamer")).expect("the file can be written");
        let plugin = plugin.clone().with_symbols(file.path());
        let session = plugin.session(&Head::new("a", "text/plain"), &[]);
        match session.and_then(|mut session| session.push(b"t")) {
            Err(CallError::Trapped { backtrace, .. }) => backtrace.len(),
            other => panic!("the plugin does not trap: {other:?}"),
        }
    };
    // The function itself, and the functions inlined into it, up to the largest size of a backtrace.
    assert_eq!((frames(0), frames(30), frames(100), frames(50_000)), (1, 31, 50, 1));
}

/// Returns line tables of a unit with one function and `depth` functions, each inlined into the previous one. All
/// of them cover every address.
fn nested(depth: usize) -> String {
    let text = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    // The unit, the function and the inlined functions each have a first address and a length.
    let kinds = [0x11, 0x2e, 0x1d]
        .iter()
        .zip(1..)
        .flat_map(|(tag, number)| [number, *tag, 1, 0x11, 0x01, 0x12, 0x06, 0, 0]);
    let kinds: Vec<u8> = kinds.chain([0]).collect();
    let mut unit = vec![4, 0, 0, 0, 0, 0, 4];
    for kind in [1, 2].into_iter().chain(std::iter::repeat_n(3, depth)) {
        unit.push(kind);
        unit.extend([0_u32, 1 << 20].map(u32::to_le_bytes).as_flattened());
    }
    unit.extend(std::iter::repeat_n(0, depth + 2));
    let length = u32::try_from(unit.len()).expect("the length fits").to_le_bytes();
    let (kinds, unit) = (text(&kinds), text(&[&length[..], &unit].concat()));
    format!("(@custom \".debug_abbrev\" \"{kinds}\") (@custom \".debug_info\" \"{unit}\")")
}

#[test]
fn damaged_line_tables_take_nothing_but_lines() {
    let symbols = symbols();
    for name in [".debug_line", ".debug_info", ".debug_abbrev", ".debug_ranges", ".debug_str"] {
        let at = memchr::memmem::find(&symbols, name.as_bytes());
        let start = at.expect(name) + name.len();
        let mut damaged = symbols.clone();
        for byte in &mut damaged[start..start + 4096] {
            *byte = byte.wrapping_mul(31).wrapping_add(255);
        }
        let frames = backtrace(&damaged);
        assert!(frames.iter().all(|frame| frame.function.is_some()), "{name}: {frames:?}");
    }
}
