//! The command with `compose`, for the tests of it.

fn main() -> std::process::ExitCode {
    plugwright_cli::main()
}
