//! Plugins of contracts that this repository does not know are called, tested and recorded by text, from a folder
//! that holds only the plugin.

mod called;
mod cases;
mod ended;
mod harbour;
mod hostile;
mod listed;
mod recorded;
mod shown;
mod solo;
mod wrong;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tests::{Output, plugwright, root};

/// Returns an empty folder into which the plugin is put.
fn alone(plugin: &str, bytes: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    fs::write(folder.path().join(plugin), bytes).expect("the file can be written");
    folder
}

/// Runs the command in the folder.
fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    Output::of(&mut plugwright(folder.path(), arguments))
}

/// Returns the path of a file beside these tests.
fn beside(file: &str) -> PathBuf {
    root().join("crates/plugwright-tests/tests/suite/calls").join(file)
}

/// Copies the folder and everything in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be created");
    for entry in fs::read_dir(from)
        .expect("the folder can be read")
        .map(|entry| entry.expect("the entry can be read"))
    {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copy(&from, &to),
            false => fs::write(&to, fs::read(&from).expect("the file can be read"))
                .expect("the copy can be written"),
        }
    }
}
