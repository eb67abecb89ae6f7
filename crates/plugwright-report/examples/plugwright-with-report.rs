//! The command with `report`, for the tests of it and for `just report`.

fn main() -> std::process::ExitCode {
    plugwright_cli::main()
}
