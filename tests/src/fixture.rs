//! Makes components that no plugin author would ship, either from WIT alone, where every function traps, or
//! from WIT and a core module.

use std::fs;
use std::path::Path;

use crate::command::{Output, program};
use crate::paths::{root, wit_files};
use crate::structures::leb128;

/// WIT text, and the world in it that a component implements.
#[derive(Debug, Clone)]
pub struct Wit {
    /// The text of one package.
    pub text: String,
    /// The text of a package that the first one uses, if any.
    pub dependency: Option<String>,
    /// The world's name.
    pub world: &'static str,
}

/// Returns this project's contract as one text.
///
/// # Panics
///
/// If `wit/` cannot be read.
pub fn contract() -> String {
    let read = |file: &String| fs::read_to_string(root().join("wit").join(file)).expect(file);
    wit_files().iter().map(read).collect()
}

/// Returns the released version `version` of the contract as one text.
///
/// # Panics
///
/// If the files of the version cannot be read.
pub fn released(version: &str) -> String {
    let folder = root().join("wit/releases").join(version);
    let read = |file: &String| fs::read_to_string(folder.join(file)).expect(file);
    wit_files().iter().map(read).collect()
}

/// Returns a component of this project's world `world` whose functions trap.
pub fn trapping(world: &'static str) -> Vec<u8> {
    component(&Wit { text: contract(), dependency: None, world })
}

/// Returns a component of this project's world `world` around the core module `core`, which is in the
/// WebAssembly text format.
///
/// # Panics
///
/// If `wasm-tools` fails.
pub fn around(core: &str, world: &'static str) -> Vec<u8> {
    component_around(&Wit { text: contract(), dependency: None, world }, core)
}

/// Returns a component of the world around the core module `core`, which is in the WebAssembly text format.
///
/// # Panics
///
/// If `wasm-tools` fails.
pub fn component_around(wit: &Wit, core: &str) -> Vec<u8> {
    made(wit, Some(core))
}

/// Returns a component of the world whose functions trap, made by the pinned `wasm-tools`.
///
/// # Panics
///
/// If `wasm-tools` fails.
pub fn component(wit: &Wit) -> Vec<u8> {
    made(wit, None)
}

fn made(wit: &Wit, core: Option<&str>) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    fs::create_dir_all(folder.path().join("wit/deps")).expect("the folder can be created");
    fs::write(folder.path().join("wit/contract.wit"), &wit.text).expect("the file can be written");
    if let Some(dependency) = &wit.dependency {
        fs::write(folder.path().join("wit/deps/dependency.wit"), dependency)
            .expect("the file can be written");
    }
    let wasm_tools = |arguments: &[&str]| {
        let output = Output::of(&mut program(Path::new("wasm-tools"), folder.path(), arguments));
        assert_eq!(output.code, Some(0), "wasm-tools {arguments:?}: {output}");
    };
    let core = core.map_or("--dummy", |core| {
        fs::write(folder.path().join("core.wat"), core).expect("the file can be written");
        "core.wat"
    });
    wasm_tools(&["component", "embed", "wit", core, "--world", wit.world, "-o", "core.wasm"]);
    wasm_tools(&["component", "new", "core.wasm", "-o", "component.wasm"]);
    fs::read(folder.path().join("component.wasm")).expect("the file was just written")
}

/// Appends a custom section to the component. The text of the section can be anything.
pub fn with_section(component: &[u8], name: &str, text: &str) -> Vec<u8> {
    let data = [&leb128(name.len()), name.as_bytes(), text.as_bytes()].concat();
    [component, &[0], &leb128(data.len()), &data].concat()
}
