//! The command with registries, for the tests of them.

fn main() -> std::process::ExitCode {
    plugwright_cli::main()
}
