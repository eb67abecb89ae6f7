//! Tests the versions of the contract. There is a test for each change in `tests/contract/`, with the verdict of
//! the gate, and one for each case in `tests/releases/`, which runs old plugins in the current host.

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
