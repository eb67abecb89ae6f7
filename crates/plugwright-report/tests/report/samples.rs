//! Plugins that are made for tests.

use std::fs;
use std::path::Path;

use tests::{trapping, with_section};

/// A plugin of the world `transformer` whose functions trap, with this manifest and this description.
pub(crate) fn sample(manifest: &str, description: Option<&str>) -> Vec<u8> {
    let component = with_section(&trapping("transformer"), "plugwright:manifest", manifest);
    match description {
        Some(text) => with_section(&component, "plugwright:description", text),
        None => component,
    }
}

/// Returns its manifest, which asks for these grants.
pub(crate) fn manifest(grants: &str, limits: &str) -> String {
    format!(
        "world = \"plugwright:plugin/transformer@0.2.0\"\ngrants = [{grants}]\nlimits = [{limits}]\n"
    )
}

/// Puts the plugin into the folder.
pub(crate) fn put(folder: &Path, name: &str, bytes: &[u8]) {
    fs::create_dir_all(folder).expect("a folder");
    fs::write(folder.join(format!("{name}.wasm")), bytes).expect("a file in it");
}

/// Puts a text into a file, and the folders above it.
pub(crate) fn write(file: impl AsRef<Path>, text: &str) {
    let file = file.as_ref();
    fs::create_dir_all(file.parent().expect("a folder")).expect("it can be made");
    fs::write(file, text).expect("a file");
}
