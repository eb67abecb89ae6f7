//! The contract through its versions: a test for each change of `tests/contract/`, which is what the gate says
//! of it, and for each case of `tests/releases/`, which old plugins run in today's host.

mod contract;
mod releases;

use std::path::Path;

use libtest_mimic::Arguments;
use tests::root;

fn main() {
    let arguments = Arguments::from_args();
    let trials = contract::trials().into_iter().chain(releases::trials()).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// Compares `text` with the snapshot `name` in the folder `folder` of `tests/snapshots/`.
fn snapshot(folder: &str, name: &str, input: Option<&Path>, text: &str) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(root().join("tests/snapshots").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    if let Some(input) = input {
        settings.set_input_file(input);
    }
    settings.bind(|| insta::assert_snapshot!(name, text));
}
