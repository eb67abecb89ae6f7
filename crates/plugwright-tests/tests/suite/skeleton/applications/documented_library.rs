//! Loads a plugin for the world `library`, and calls it.

use std::process::ExitCode;

use plugwright::{CallError, Host, Plugin, State};

plugwright::world!(Library, LibraryPre = "library" in "tests/suite/skeleton/contracts/documented");

impl LibraryImports for State {
    // Where words go.
    async fn note(&mut self, text: String) {
        println!("note({text:?})");
    }
}

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
    let file = file.unwrap_or_else(|| "dist/library.wasm".into());
    let plugin: Plugin<Library> = Host::builder().build()?.load(file)?;
    let and_a_name_that_is_long = ["and-a-name-that-is-long".to_owned()];
    let answer = plugin.call("count", async |library, store| {
        let papers = library.told_well_papers();
        papers
            .call_count(store, "text", None, true, &and_a_name_that_is_long)
            .await
    });
    match answer {
        Ok(answer) => println!("{answer:?}"),
        // The plugin worked and returned a failure. The field `failure` has a type of the contract.
        Err(error @ CallError::Refused { .. }) => println!("{error}"),
        // A grant could not be given, for example because a granted folder no longer exists.
        Err(CallError::Denied { source, .. }) => return Err(source.into()),
        // The plugin has a bug and trapped, or the call exceeded a limit: these are variants, too.
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
