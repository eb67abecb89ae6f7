//! Where snapshots are, and what is in them.

use std::path::Path;

use insta::Settings;

use crate::cases::project;

/// How snapshots are kept in the folder `folder` of `tests/snapshots/`, under the names that they are given,
/// each with the file `input` that it is of.
pub fn snapshots(folder: &str, input: Option<&Path>) -> Settings {
    project().snapshots(folder, input)
}
