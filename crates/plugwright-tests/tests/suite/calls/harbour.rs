//! The plugin `quay` of the contract `port:harbour`, in which both sides have resources.

use std::fs;
use std::sync::LazyLock;

use tempfile::TempDir;
use tests::Output;

use super::{alone, beside, run};
use crate::own_folder::{Folder, Own};

/// The plugin, built and listed.
pub(super) static QUAY: LazyLock<Folder> = LazyLock::new(|| {
    let wit = [
        ("berths.wit", include_str!("harbour/wit/berths.wit")),
        ("freight.wit", include_str!("harbour/wit/freight.wit")),
        ("harbour.wit", include_str!("harbour/wit/harbour.wit")),
        ("tower.wit", include_str!("harbour/wit/tower.wit")),
    ];
    let folder = Folder::begin(Own {
        name: "quay",
        plugin: "quay",
        wit: wit.map(|(file, text)| (file, text.to_owned())).into(),
        source: include_str!("harbour/plugin/lib.rs"),
        manifest: include_str!("harbour/plugin/plugin.toml"),
        files: &[],
    });
    folder.build("0.1.0");
    folder.expect(&["index", "dist"]);
    folder
});

/// Returns a folder that holds only the plugin.
pub(super) fn quay() -> TempDir {
    alone("quay.wasm", &fs::read(QUAY.plugin()).expect("the plugin is built"))
}

/// Calls the plugin, from a folder that holds nothing else.
pub(super) fn call(arguments: &[&str]) -> Output {
    call_in(&quay(), arguments)
}

/// Calls the plugin in this folder.
pub(super) fn call_in(folder: &TempDir, arguments: &[&str]) -> Output {
    run(folder, &[&["call", "quay.wasm"], arguments].concat())
}

/// Runs the script of a case beside these tests.
pub(super) fn script(name: &str) -> Output {
    let file = beside("harbour/cases").join(name);
    call(&["--calls", file.to_str().expect("the path is UTF-8")])
}
