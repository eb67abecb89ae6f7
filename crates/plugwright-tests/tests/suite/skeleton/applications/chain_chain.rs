//! Loads a plugin for the world `chain`, and calls it.

use std::process::ExitCode;

use plugwright::{CallError, Host, Plugin, State};

use below::base::host as base_host;
use below::base::types;
use below::shared1_0_0::types as shared1_0_0_types;
use below::shared2_0_0::types as shared2_0_0_types;
use exports::top::chain::one;
use inline as inline2;
use top::chain::host;

plugwright::world!(Chain, ChainPre = "chain" in "tests/suite/skeleton/contracts/chain");

impl host::Host for State {
    async fn draw(&mut self, at: u8) -> String {
        println!("host.draw({at:?})");
        "draw".to_owned()
    }
}

impl types::Host for State {}

impl base_host::Host for State {
    async fn draw(
        &mut self,
        path: base_host::Path,
        to: (i32, Vec<base_host::Path>),
    ) -> base_host::Path {
        println!("host.draw({path:?}, {to:?})");
        base_host::Path {
            name: "name".to_owned(),
            points: vec![below::base::types::Point { x: 1, y: 1 }],
            end: None,
        }
    }
}

impl shared1_0_0_types::Host for State {
    async fn check(
        &mut self,
        spot: shared1_0_0_types::Spot,
    ) -> Result<shared1_0_0_types::Spot, shared1_0_0_types::Spot> {
        println!("types.check({spot:?})");
        Ok(shared1_0_0_types::Spot {
            place: shared1_0_0_types::Place { x: 1, y: 1 },
            name: "name".to_owned(),
        })
    }
}

impl shared2_0_0_types::Host for State {
    async fn check(
        &mut self,
        spot: shared2_0_0_types::Spot,
    ) -> Result<shared2_0_0_types::Spot, shared2_0_0_types::Spot> {
        println!("types.check({spot:?})");
        Ok(shared2_0_0_types::Spot {
            place: shared2_0_0_types::Place { x: 1, y: 1 },
            ways: vec![shared2_0_0_types::Way {
                name: "name".to_owned(),
                points: vec![below::base::types::Point { x: 1, y: 1 }],
                end: None,
            }],
        })
    }
}

impl inline2::Host for State {
    async fn ask(&mut self, what: String) -> Option<String> {
        println!("inline.ask({what:?})");
        None
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
    let file = file.unwrap_or_else(|| "dist/chain.wasm".into());
    let plugin: Plugin<Chain> = Host::builder().build()?.load(file)?;
    let a = one::FirstSpot {
        place: below::shared1_0_0::types::Place { x: 1, y: 1 },
        name: "name".to_owned(),
    };
    let b = [one::SecondSpot {
        place: below::shared2_0_0::types::Place { x: 1, y: 1 },
        ways: vec![below::shared2_0_0::types::Way {
            name: "name".to_owned(),
            points: vec![below::base::types::Point { x: 1, y: 1 }],
            end: None,
        }],
    }];
    let way = one::Way {
        name: "name".to_owned(),
        points: vec![below::base::types::Point { x: 1, y: 1 }],
        end: None,
    };
    let answer = plugin.call("run", async |chain, store| {
        let one = chain.top_chain_one();
        one.call_run(store, &a, &b, &way).await
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
