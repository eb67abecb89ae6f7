//! Loads a plugin for the world `locked`, and calls it.

use std::process::ExitCode;

use plugwright::{Host, Plugin};

plugwright::world!(Locked, LockedPre = "locked" in "tests/suite/skeleton/contracts/traffic");

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}"));
            eprintln!("error: {error}{}", cause.unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args_os().nth(1);
    let file = file.unwrap_or_else(|| "dist/locked.wasm".into());
    let plugin: Plugin<Locked> = Host::builder().build()?.load(file)?;
    // All functions of the plugin take handles, which this application cannot create.
    println!("`{}` is loaded", plugin.name());
    Ok(())
}
