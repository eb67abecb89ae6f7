//! Where snapshots are, and what is in them.

use std::path::Path;

use insta::Settings;

use crate::paths::root;

/// How snapshots are kept in the folder `folder` of `tests/snapshots/`, under the names that they are given,
/// each with the file `input` that it is of.
pub fn snapshots(folder: &str, input: Option<&Path>) -> Settings {
    let mut settings = Settings::new();
    settings.set_snapshot_path(root().join("tests/snapshots").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    if let Some(input) = input {
        settings.set_input_file(input);
    }
    settings
}
