//! The command with registries, for the tests of this crate.

fn main() -> std::process::ExitCode {
    plugwright_cli::main()
}
