//! Tests quays by what the harbour itself answers.

mod harbour;

use std::process::ExitCode;

fn main() -> ExitCode {
    plugwright_test::run_with::<harbour::Quay>(|case| harbour::Register::of(case.name()))
}
