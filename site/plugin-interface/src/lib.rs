//! Returns the interface of a component as JSON, in the world `transformer`.
//!
//! The playground uses it for dropped components: it makes its forms from the JSON. The plugin also refuses components that would be
//! unsafe to translate to JavaScript with jco.
//!
//! # Model
//!
//! The model is `wasm-tools component wit --json`, which writes the same structure with the same library.

mod names;

use plugwright_guest::{Document, Failure, Invalid, options, transformer};
use wit_parser::decoding::{DecodedWasm, decode};

transformer! {
    summary: "returns the interface of a component as JSON",
    takes: ["application/wasm"],
    gives: ["application/json"],
    run: interface(&Options)
}

options! {
    struct Options {}
}

fn interface(input: Document, _: &Options) -> Result<Document, Failure> {
    match input.body.get(..8) {
        Some(b"\0asm\x0d\0\x01\0") => {}
        Some(b"\0asm\x01\0\0\0") => {
            let message = "this is a core module, not a component: build it for wasm32-wasip2, or turn it into a component with `wasm-tools component new`";
            return Err(Invalid::new(message).into());
        }
        _ => return Err(Invalid::new("this is not a WebAssembly component").into()),
    }
    let strange = names::strange(&input.body);
    let strange =
        strange.map_err(|error| Invalid::new(format!("the component cannot be read: {error}")))?;
    if let Some(name) = strange {
        let message = format!("the name `{}` cannot be put into JavaScript", name.escape_debug());
        return Err(Invalid::new(message).into());
    }
    let resolve = match decode(&input.body) {
        Ok(DecodedWasm::Component(resolve, _)) => resolve,
        Ok(DecodedWasm::WitPackage(..)) => {
            return Err(Invalid::new("this is a WIT package, not a component").into());
        }
        Err(error) => return Err(Invalid::new(format!("{error:#}")).into()),
    };
    let json = serde_json::to_string(&resolve).map_err(Failure::internal)?;
    Ok(input.with_extension("json").with_media_type("application/json").with_body(json))
}
