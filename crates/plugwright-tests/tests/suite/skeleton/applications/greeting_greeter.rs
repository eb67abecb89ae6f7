//! Loads a plugin of the world `greeter`, and calls it.

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
            eprintln!("error: {error}");
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
        // The plugin did its work, and this is its answer: `failure` in it is typed by the contract.
        Err(error @ CallError::Refused { .. }) => println!("refused: {error}"),
        // It broke off: whoever wrote it has to mend it.
        Err(error @ CallError::Trapped { .. }) => println!("trapped: {error}"),
        // It went beyond a limit: it may do with a higher one.
        Err(error @ CallError::Exceeded { .. }) => println!("exceeded: {error}"),
        // What it was granted is not there any more.
        Err(CallError::Denied { source, .. }) => println!("denied: {source}"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
