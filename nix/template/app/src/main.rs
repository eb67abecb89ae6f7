//! Greets the people who are named on the command line, with a plugin.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use plugwright::{CallError, Host, Limits, LogLevel, Plugin, State};

use exports::example::greeting::greet::Failure;

// Generates Rust code from the contract: its types, typed calls, and a trait for the plugins' imports.
plugwright::world!(
    Greeter, GreeterPre = "greeter" in "../wit",
    imports: { default: async | trappable },
);

/// The plugin that `just build` builds.
const PLUGIN: &str = "dist/hello.wasm";

impl example::greeting::host::Host for State<()> {
    async fn log(&mut self, message: String) -> plugwright::wasmtime::Result<()> {
        // Passes the line to the function that `with_log` sets below, within the limits for log output.
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
    // The plugin gets no grants. The limits apply to each call.
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

/// Describes the outcome of a call. Each kind of error needs a different reaction.
fn answer(greeting: Result<String, CallError<Failure>>) -> String {
    match greeting {
        Ok(greeting) => greeting,
        // The plugin worked and returned a failure of the contract. The user can correct the input.
        Err(CallError::Refused {
            failure: Failure::NoName,
            ..
        }) => "refused: the name is empty".to_owned(),
        Err(CallError::Refused {
            failure: Failure::TooLong(most),
            ..
        }) => {
            format!("refused: the name has more than {most} characters")
        }
        // The plugin has a bug, which its author has to fix.
        Err(error @ CallError::Trapped { .. }) => format!("broken: {error}"),
        // The call exceeded a limit. It may succeed with a higher limit.
        Err(error @ CallError::Exceeded { .. }) => format!("too slow or too large: {error}"),
        // A grant could not be given, for example because a granted folder no longer exists.
        Err(CallError::Denied { source, .. }) => format!("denied: {source}"),
        Err(error) => error.to_string(),
    }
}
