//! The `plugwright` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    plugwright_cli::main()
}
