//! `plugwright run --watch --build`: also watches the sources of the plugins, and rebuilds the plugins after changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use plugwright::FileWatch;

use crate::watch::say;

/// Runs the shell command `command` whenever a file in `sources` or below changes. This happens on a separate thread
/// until the process ends; the caller watches the built plugins.
pub(crate) fn rebuild(command: &str, sources: &[PathBuf]) {
    let (command, sources) = (command.to_owned(), sources.to_vec());
    thread::spawn(move || {
        let watch = || FileWatch::new(sources.iter().flat_map(|source| files(source)));
        let mut changes = watch();
        loop {
            changes.wait();
            // Start watching before the build, so that changes during the build cause another one.
            changes = watch();
            say(&format!("building: {command}"));
            // The command reports its own errors, and the existing plugin stays in use.
            if let Err(error) = Command::new("sh").args(["-c", &command]).status() {
                say(&format!("cannot run `{command}`: {error}"));
            }
        }
    });
}

/// Returns the files in `path` and below, or `path` itself if it is a file.
fn files(path: &Path) -> Vec<PathBuf> {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().flat_map(|entry| files(&entry.path())).collect(),
        Err(_) => vec![path.to_owned()],
    }
}
