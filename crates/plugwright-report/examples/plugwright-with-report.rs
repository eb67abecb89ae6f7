//! The command with `report`, for its tests and for `just report`.

fn main() -> std::process::ExitCode {
    plugwright_cli::main()
}
