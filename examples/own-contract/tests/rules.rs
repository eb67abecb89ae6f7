//! The shop's rule by cases that are files: what it asks the shop is answered there.

use std::process::ExitCode;

use plugwright_test::Runner;

fn main() -> ExitCode {
    // The pipeline has a folder of its own for plugins of examples.
    let dist = tests::dist_folder().join("examples");
    plugwright_test::run_by(|project| Ok(Runner::new(project.with_dist(dist))?))
}
