//! The command with `compose`, for its tests.

fn main() -> std::process::ExitCode {
    plugwright_cli::main()
}
