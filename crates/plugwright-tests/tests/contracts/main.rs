//! The contract through its versions: a test for each change of `tests/contract/`, which is what the gate says
//! of it, and for each case of `tests/releases/`, which old plugins run in today's host.

mod contract;
mod releases;

use std::path::Path;

use libtest_mimic::Arguments;
use tests::snapshots;

fn main() {
    let arguments = Arguments::from_args();
    let trials = contract::trials().into_iter().chain(releases::trials()).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// Compares `text` with the snapshot `name` in the folder `folder` of `tests/snapshots/`.
fn snapshot(folder: &str, name: &str, input: Option<&Path>, text: &str) {
    snapshots(folder, input).bind(|| insta::assert_snapshot!(name, text));
}
