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
    let strange = names::strange(&input.body);
    let strange = strange.map_err(|error| Invalid::new(format!("it is no component: {error}")))?;
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
