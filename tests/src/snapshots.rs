//! The location and form of snapshots.

use std::path::Path;

use insta::Settings;

use crate::cases::project;

/// Returns insta's settings for snapshots in the folder `folder` of `tests/snapshots/`. Tests name the
/// snapshots themselves. Each snapshot records the file `input`, if there is one.
pub fn snapshots(folder: &str, input: Option<&Path>) -> Settings {
    project().snapshots(folder, input)
}
