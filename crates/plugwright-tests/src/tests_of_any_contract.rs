//! What a project with plugins of any contract has as its tests, all of it.

use std::process::ExitCode;

fn main() -> ExitCode {
    plugwright_test::run()
}
