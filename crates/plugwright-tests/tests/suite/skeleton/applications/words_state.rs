//! Loads a plugin for the world `state`, and calls it.

use std::process::ExitCode;

use plugwright::wasmtime::component::Resource;
use plugwright::{Host, Plugin};

use exports::rust::words::dyn_;
use rust::words::use_;

plugwright::world!(
    State, StatePre = "state" in "tests/suite/skeleton/contracts/words",
    imports: { default: async | trappable },
    with: { "rust:words/use@1.0.0-rc.1.crate-box": CrateBox },
);

impl use_::Host for plugwright::State {
    async fn match_(
        &mut self,
        fn_: use_::Struct,
        mut_: use_::Some,
        ref_: use_::Enum,
        yield_: use_::Vec,
        store: use_::String,
    ) -> plugwright::wasmtime::Result<std::result::Result<(), use_::Error>> {
        println!("use.match({fn_:?}, {mut_:?}, {ref_:?}, {yield_:?}, {store:?})");
        Ok(Ok(()))
    }

    async fn async_(
        &mut self,
    ) -> plugwright::wasmtime::Result<std::result::Result<Vec<use_::Some>, ()>> {
        println!("use.async()");
        Ok(Ok(vec![use_::Some::None]))
    }

    async fn await_(
        &mut self,
        plugin: (String,),
        answer: Vec<(String, Vec<u8>)>,
    ) -> plugwright::wasmtime::Result<std::result::Result<u8, Vec<String>>> {
        println!("use.await({plugin:?}, {answer:?})");
        Ok(Ok(1))
    }

    async fn final_(
        &mut self,
        abstract_: use_::GenEr,
    ) -> plugwright::wasmtime::Result<use_::GenEr> {
        println!("use.final({abstract_:?})");
        Ok(true)
    }
}

pub struct CrateBox;

impl use_::HostCrateBox for plugwright::State {
    async fn new(&mut self, self_: u8) -> plugwright::wasmtime::Result<Resource<use_::CrateBox>> {
        println!("use.crate-box({self_:?})");
        Ok(self.resources().push(use_::CrateBox)?)
    }

    async fn clone(
        &mut self,
        self_: Resource<use_::CrateBox>,
    ) -> plugwright::wasmtime::Result<std::result::Result<Resource<use_::CrateBox>, use_::Error>> {
        println!("use.crate-box.clone({self_:?})");
        Ok(Ok(self.resources().push(use_::CrateBox)?))
    }

    async fn move_(
        &mut self,
        impl_: use_::Struct,
    ) -> plugwright::wasmtime::Result<Resource<use_::CrateBox>> {
        println!("use.crate-box.move({impl_:?})");
        Ok(self.resources().push(use_::CrateBox)?)
    }

    async fn drop(
        &mut self,
        crate_box: Resource<use_::CrateBox>,
    ) -> plugwright::wasmtime::Result<()> {
        self.resources().delete(crate_box)?;
        Ok(())
    }
}

impl StateImports for plugwright::State {
    async fn trait_(&mut self, a: Struct, b: Some) -> plugwright::wasmtime::Result<CallError> {
        println!("trait({a:?}, {b:?})");
        Ok(CallError {
            result: vec![Result { call_error: 1 }],
        })
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

fn run() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args_os().nth(1);
    let file = file.unwrap_or_else(|| "dist/state.wasm".into());
    let plugin: Plugin<State> = Host::builder().build()?.load(file)?;
    let fn_ = dyn_::Struct {
        self_: 1,
        type_: "type".to_owned(),
        try_: None,
        super_: vec!["super".to_owned()],
    };
    let mut_ = dyn_::Some::None;
    let ref_ = dyn_::Enum::Ok;
    let yield_ = dyn_::Vec::TRUE;
    let plugin_value = ("plugin", &b"plugin"[..]);
    let answer = plugin.call("all", async |state, store| {
        let dyn_ = state.rust_words_dyn_();
        let result = dyn_
            .call_all(store, &fn_, &mut_, ref_, yield_, 1, plugin_value)
            .await?;
        Ok(result.map_err(|error| format!("{error:?}")))
    });
    match answer {
        Ok(answer) => println!("{answer:?}"),
        // The plugin worked and returned a failure. The field `failure` has a type of the contract.
        Err(error @ plugwright::CallError::Refused { .. }) => println!("{error}"),
        // A grant could not be given, for example because a granted folder no longer exists.
        Err(plugwright::CallError::Denied { source, .. }) => return Err(source.into()),
        // The plugin has a bug and trapped, or the call exceeded a limit: these are variants, too.
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
