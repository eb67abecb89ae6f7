//! Tests the shop's rule with cases that are files. The cases answer the rule's questions to the shop.

use std::process::ExitCode;

use plugwright_test::Runner;

fn main() -> ExitCode {
    // The pipeline puts the plugins of examples into a separate folder.
    let dist = tests::dist_folder().join("examples");
    plugwright_test::run_by(|project| Ok(Runner::new(project.with_dist(dist))?))
}
