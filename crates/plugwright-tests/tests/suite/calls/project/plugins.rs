use std::process::ExitCode;

fn main() -> ExitCode {
    plugwright_test::run()
}
