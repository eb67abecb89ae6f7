//! The seeds of the targets, made from this project's plugins, cases and tests.

use std::fs;

use tests::{root, target_folder};

/// Writes the seeds of the target `name` to where `just fuzz` looks for them.
///
/// # Panics
///
/// If the folder cannot be written.
pub fn begin(name: &str, seeds: impl IntoIterator<Item = Vec<u8>>) {
    let folder = target_folder("fuzz").join("seeds").join(name);
    // Seeds from an earlier version must not remain.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder can be created");
    for (number, seed) in (0..).zip(seeds) {
        let file: u32 = number;
        fs::write(folder.join(format!("{file:04}")), seed).expect("the file can be written");
    }
}

/// Returns the text of a file of this project.
pub(crate) fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("`{file}`: {error}"))
}

/// Returns small components: one of each world whose functions trap, those around the tests' core modules, and
/// the smallest plugin.
pub(crate) fn components() -> Vec<Vec<u8>> {
    let mut components: Vec<_> =
        ["prettify", "transformer", "streamer"].into_iter().map(tests::trapping).collect();
    for (file, world) in [
        ("crates/plugwright-tests/tests/suite/echo.wat", "streamer"),
        ("crates/benches/src/echo.wat", "transformer"),
    ] {
        components.push(tests::around(&text(file), world));
    }
    components.push(tests::dist().read("quote").unwrap_or_else(|error| panic!("{error}")));
    components
}
