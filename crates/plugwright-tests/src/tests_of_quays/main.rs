//! Tests plugins that run quays. The harbour's own functions answer their imports.

#[expect(
    unreachable_pub,
    reason = "the bindings re-export what the application has for a resource"
)]
mod harbour;

use std::process::ExitCode;

fn main() -> ExitCode {
    plugwright_test::run_with::<harbour::Quay>(|case| harbour::Register::of(case.name()))
}
