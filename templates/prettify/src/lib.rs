//! Puts words into capitals, in the world `prettify`.
#![expect(missing_docs, unsafe_code, reason = "what wit-bindgen generates")]

wit_bindgen::generate!({ path: "../../wit", world: "prettify" });

use exports::plugwright::plugin::words::{Guest, GuestPersonResource, PersonResourceBorrow};
use plugwright::plugin::host::{self, Field, Level};

struct Plugin;

export!(Plugin);

impl Guest for Plugin {
    type PersonResource = Person;

    fn prettify(words: Vec<String>) -> Result<String, String> {
        if words.is_empty() {
            return Err("there are no words".to_owned());
        }
        let count = Field { key: "words".to_owned(), value: words.len().to_string() };
        host::log(Level::Info, "putting into capitals", &[count]);
        Ok(words.join(" ").to_uppercase())
    }

    fn greet(person: PersonResourceBorrow<'_>) -> Result<String, String> {
        let Person { first_name, last_name } = person.get();
        Ok(format!("HELLO, {} {}!", first_name.to_uppercase(), last_name.to_uppercase()))
    }
}

/// A person, as this plugin keeps one for the host.
struct Person {
    first_name: String,
    last_name: String,
}

impl GuestPersonResource for Person {
    fn new(first_name: String, last_name: String) -> Self {
        Self { first_name, last_name }
    }

    fn replica(&self) -> (String, String) {
        (self.first_name.clone(), self.last_name.clone())
    }
}
