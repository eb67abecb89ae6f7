//! Greets whoever is named on the command line, by a plugin.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use plugwright::{CallError, Host, Limits, LogLevel, Plugin, State};

use exports::example::greeting::greet::Failure;

// Makes the contract known to the library: types, typed calls, and a trait for what plugins import.
plugwright::world!(
    Greeter, GreeterPre = "greeter" in "../wit",
    imports: { default: async | trappable },
);

/// What `just build` made.
const PLUGIN: &str = "dist/hello.wasm";

impl example::greeting::host::Host for State<()> {
    async fn log(&mut self, message: String) -> plugwright::wasmtime::Result<()> {
        // It is counted, and goes to the function that `with_log` names below.
        self.write_log(LogLevel::Info, &message, &[])
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

fn run() -> Result<(), Box<dyn Error>> {
    let mut names: Vec<String> = env::args().skip(1).collect();
    if names.is_empty() {
        names.push("Ada".to_owned());
    }
    // Nothing is granted, and this is what a call may take.
    let limits = Limits::default()
        .deadline(Duration::from_secs(1))
        .memory(32 << 20);
    let host = Host::builder().limits(limits).build()?;
    let plugin: Plugin<Greeter> = host.load(PLUGIN)?;
    let plugin = plugin.with_log(|line| eprintln!("{}: {}", line.plugin, line.message));
    for name in &names {
        // Each call gets a fresh instance.
        let greeting = plugin.call("greet", async |plugin, store| {
            plugin
                .example_greeting_greet()
                .call_greet(store, name)
                .await
        });
        println!("{}", answer(greeting));
    }
    Ok(())
}

/// What became of a call. Whose fault it is that there is no greeting makes four answers.
fn answer(greeting: Result<String, CallError<Failure>>) -> String {
    match greeting {
        Ok(greeting) => greeting,
        // The plugin did its work and refused, as the contract says: the user can do something about it.
        Err(CallError::Refused {
            failure: Failure::NoName,
            ..
        }) => "refused: nobody is named".to_owned(),
        Err(CallError::Refused {
            failure: Failure::TooLong(most),
            ..
        }) => {
            format!("refused: the name has more than {most} characters")
        }
        // Whoever wrote the plugin has to mend it.
        Err(error @ CallError::Trapped { .. }) => format!("broken: {error}"),
        // It may work later, or with a higher limit.
        Err(error @ CallError::Exceeded { .. }) => format!("too slow or too large: {error}"),
        // What was granted is gone.
        Err(CallError::Denied { source, .. }) => format!("closed: {source}"),
        Err(error) => error.to_string(),
    }
}
