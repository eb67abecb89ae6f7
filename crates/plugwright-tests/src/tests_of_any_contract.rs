//! The complete tests of a project whose plugins can have any contract.

use std::process::ExitCode;

fn main() -> ExitCode {
    plugwright_test::run()
}
