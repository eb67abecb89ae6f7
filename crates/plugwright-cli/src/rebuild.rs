//! `plugwright run --watch --build`: what the plugins are made of is watched, too, and they are built again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use plugwright::FileWatch;

use crate::watch::say;

/// Runs `command`, a line for the shell, whenever a file in `sources` or below has changed. That is done
/// beside the caller, who watches what comes of it, until the process ends.
pub(crate) fn rebuild(command: &str, sources: &[PathBuf]) {
    let (command, sources) = (command.to_owned(), sources.to_vec());
    thread::spawn(move || {
        let watch = || FileWatch::new(sources.iter().flat_map(|source| files(source)));
        let mut changes = watch();
        loop {
            changes.wait();
            // Before it builds, so that what is saved meanwhile is built next.
            changes = watch();
            say(&format!("building: {command}"));
            // It says itself what is wrong, and the plugin that is there goes on being run.
            if let Err(error) = Command::new("sh").args(["-c", &command]).status() {
                say(&format!("cannot run `{command}`: {error}"));
            }
        }
    });
}

/// The files in `path` and below, or `path` if it is one.
fn files(path: &Path) -> Vec<PathBuf> {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().flat_map(|entry| files(&entry.path())).collect(),
        Err(_) => vec![path.to_owned()],
    }
}
