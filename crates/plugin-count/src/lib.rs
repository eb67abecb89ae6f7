//! Counts the lines, words, characters and bytes of a text, in the world `transformer`.
//!
//! What lines, words and characters are is said in the contract, above the interface `transform`. The
//! counts become attributes, and a JSON document, or the document goes on as it is.
//!
//! This is the reference of the guests in `tests/languages/`: the same plugin in other languages, which
//! has to give what this one gives.
#![expect(missing_docs, unsafe_code, reason = "what wit-bindgen generates")]

mod options;
mod tally;

wit_bindgen::generate!({ path: "../../wit", world: "transformer" });

use exports::plugwright::plugin::transform::{
    Attribute, Description, Document, Failure, Guest, Setting,
};
use options::{Options, Output};
use plugwright::plugin::host::{self, MapResource};

struct Count;

export!(Count);

impl Guest for Count {
    fn describe() -> Description {
        Description {
            name: "count".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "counts the lines, words, characters and bytes of a text".to_owned(),
            takes: vec!["*/*".to_owned()],
            gives: vec!["application/json".to_owned(), "*/*".to_owned()],
            options: options::describe(),
        }
    }

    fn transform(input: Document, settings: Vec<Setting>) -> Result<Document, Failure> {
        let options = Options::from_settings(settings)?;
        let tally = tally::of(&input.body)?;
        let counts = options
            .counts
            .iter()
            .map(|count| (count.name().to_owned(), tally.get(*count).to_string()));
        let counts: Vec<(String, String)> = counts.collect();

        let mut attributes = input.attributes;
        for (key, value) in &counts {
            attributes.retain(|attribute| attribute.key != *key);
            attributes.push(Attribute { key: key.clone(), value: value.clone() });
        }
        host::log_structured("counted", MapResource::new(&counts));
        Ok(match options.output {
            Output::Document => Document { attributes, ..input },
            Output::Counts => {
                let stem = input.name.rsplit_once('.').map_or(&*input.name, |(stem, _)| stem);
                Document {
                    name: format!("{stem}.json"),
                    media_type: "application/json".to_owned(),
                    body: json(&counts).into_bytes(),
                    attributes,
                }
            }
        })
    }
}

/// An object on a line of its own: the names are plain words, and the values numbers.
fn json(counts: &[(String, String)]) -> String {
    let members: Vec<_> = counts.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!("{{{}}}\n", members.join(","))
}
