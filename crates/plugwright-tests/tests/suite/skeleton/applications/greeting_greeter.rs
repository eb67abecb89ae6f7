//! Loads a plugin for the world `greeter`, and calls it.

use std::process::ExitCode;

use plugwright::{CallError, ForeignText, Host, Plugin, State};

use example::greeting::host;

plugwright::world!(Greeter, GreeterPre = "greeter" in "tests/suite/skeleton/contracts/greeting");

impl host::Host for State {
    // Takes a line of what the plugin has to say.
    async fn log(&mut self, message: String) {
        println!("host.log({message:?})");
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
    let file = file.unwrap_or_else(|| "dist/greeter.wasm".into());
    let plugin: Plugin<Greeter> = Host::builder().build()?.load(file)?;
    let answer = plugin.call("greet", async |greeter, store| {
        let greet = greeter.example_greeting_greet();
        greet.call_greet(store, "name").await
    });
    match answer {
        Ok(answer) => println!("{}", ForeignText::from(answer)),
        // The plugin worked and returned a failure. The field `failure` has a type of the contract.
        Err(error @ CallError::Refused { .. }) => println!("{error}"),
        // A grant could not be given, for example because a granted folder no longer exists.
        Err(CallError::Denied { source, .. }) => return Err(source.into()),
        // The plugin has a bug and trapped, or the call exceeded a limit: these are variants, too.
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
