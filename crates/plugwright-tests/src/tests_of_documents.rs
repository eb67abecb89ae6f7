//! The complete tests of a project whose plugins handle documents.

use std::process::ExitCode;

use plugwright_contract::cases::Documents;
use plugwright_test::Runner;

fn main() -> ExitCode {
    plugwright_test::run_by(|project| Ok(Runner::new(project)?.form(Documents)))
}
