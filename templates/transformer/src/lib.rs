//! Numbers the lines of a text, in the world `transformer`.
#![expect(missing_docs, unsafe_code, reason = "what wit-bindgen generates")]

wit_bindgen::generate!({ path: "../../wit", world: "transformer" });

use exports::plugwright::plugin::transform::{
    BadOption, Description, Document, Failure, Guest, InvalidInput, OptionDescription, Setting,
};

struct Plugin;

export!(Plugin);

impl Guest for Plugin {
    fn describe() -> Description {
        Description {
            name: "@NAME@".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "numbers the lines of a text".to_owned(),
            takes: vec!["text/plain".to_owned()],
            gives: vec!["text/plain".to_owned()],
            options: vec![OptionDescription {
                key: "first".to_owned(),
                default: "1".to_owned(),
                help: "the number of the first line".to_owned(),
            }],
        }
    }

    fn transform(input: Document, options: Vec<Setting>) -> Result<Document, Failure> {
        let first = first(options)?;
        let text = std::str::from_utf8(&input.body).map_err(|error| {
            let message = format!("it is not UTF-8 from byte {} on", error.valid_up_to());
            Failure::InvalidInput(InvalidInput { message, at: None })
        })?;
        let lines = (first..).zip(text.lines()).map(|(number, line)| format!("{number} {line}\n"));
        Ok(Document { body: lines.collect::<String>().into_bytes(), ..input })
    }
}

/// Reads the one option; the last setting counts.
fn first(options: Vec<Setting>) -> Result<u64, Failure> {
    let mut first = 1;
    for Setting { key, value } in options {
        if key != "first" {
            return Err(Failure::UnknownOption(key));
        }
        first = value.parse().map_err(|_| {
            let message = format!("`{value}` is no number");
            Failure::BadOption(BadOption { key, message, at: None })
        })?;
    }
    Ok(first)
}
