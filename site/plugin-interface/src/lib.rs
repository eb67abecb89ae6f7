//! Tells the interface of a component as JSON, in the world `transformer`.
//!
//! The playground makes its forms of it, for a component that somebody drops there, and refuses a component here that jco must not
//! make JavaScript of.
//!
//! # Model
//!
//! `wasm-tools component wit --json`, which writes the same structure by the same library.

mod names;

use plugwright_guest::{Document, Failure, Invalid, options, transformer};
use wit_parser::decoding::{DecodedWasm, decode};

transformer! {
    summary: "tells the interface of a component as JSON",
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
            let message = "it is a core module, and no component: build it for wasm32-wasip2, or make a component of it by `wasm-tools component new`";
            return Err(Invalid::new(message).into());
        }
        _ => return Err(Invalid::new("it is no component of WebAssembly").into()),
    }
    let strange = names::strange(&input.body);
    let strange = strange.map_err(|error| Invalid::new(format!("it cannot be read: {error}")))?;
    if let Some(name) = strange {
        let message =
            format!("the name `{}` in it cannot be put into JavaScript", name.escape_debug());
        return Err(Invalid::new(message).into());
    }
    let resolve = match decode(&input.body) {
        Ok(DecodedWasm::Component(resolve, _)) => resolve,
        Ok(DecodedWasm::WitPackage(..)) => {
            return Err(Invalid::new("it is a package of WIT, and no component").into());
        }
        Err(error) => return Err(Invalid::new(format!("{error:#}")).into()),
    };
    let json = serde_json::to_string(&resolve).map_err(Failure::internal)?;
    Ok(input.with_extension("json").with_media_type("application/json").with_body(json))
}
