//! Loads a plugin for the world `layer`, and calls it.

use std::process::ExitCode;

use plugwright::wasmtime::Result as HostResult;
use plugwright::wasmtime::component::Resource;
use plugwright::{CallError, Host, Plugin, State};

use either::side::store;
use exports::either::side::store as side_store;

plugwright::world!(
    Layer, LayerPre = "layer" in "tests/suite/skeleton/contracts/both",
    imports: { default: async | trappable },
    with: { "either:side/store@0.1.0.cursor": Cursor },
);

impl store::Host for State {
    async fn put(&mut self, entry: store::Entry) -> HostResult<Result<u32, store::Entry>> {
        println!("store.put({entry:?})");
        Ok(Ok(1))
    }

    async fn open(&mut self, key: String) -> HostResult<Resource<store::Cursor>> {
        println!("store.open({key:?})");
        Ok(self.resources().push(store::Cursor)?)
    }
}

pub struct Cursor;

impl store::HostCursor for State {
    async fn new(&mut self, at: u32) -> HostResult<Resource<store::Cursor>> {
        println!("store.cursor({at:?})");
        Ok(self.resources().push(store::Cursor)?)
    }

    async fn next(&mut self, self_: Resource<store::Cursor>) -> HostResult<Option<store::Entry>> {
        println!("store.cursor.next({self_:?})");
        Ok(None)
    }

    async fn drop(&mut self, cursor: Resource<store::Cursor>) -> HostResult<()> {
        self.resources().delete(cursor)?;
        Ok(())
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
    let file = file.unwrap_or_else(|| "dist/layer.wasm".into());
    let plugin: Plugin<Layer> = Host::builder().build()?.load(file)?;
    let entry = side_store::Entry {
        key: "key".to_owned(),
        value: b"value".to_vec(),
    };
    let answer = plugin.call("put", async |layer, store| {
        let store_functions = layer.either_side_store();
        store_functions.call_put(store, &entry).await
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
