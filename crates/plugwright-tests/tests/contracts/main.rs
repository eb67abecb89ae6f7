//! The contract through its versions, a test for each folder of `tests/contract/`: what the gate says of a
//! change.

mod contract;

use std::path::Path;

use libtest_mimic::Arguments;
use tests::root;

fn main() {
    let arguments = Arguments::from_args();
    libtest_mimic::run(&arguments, contract::trials()).exit();
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
