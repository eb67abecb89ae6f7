//! Quotes words and greets people: the smallest plugin, in the world `prettify`.
//!
//! It shows strings and results, a resource of its own that the host uses (`person-resource`), and
//! a resource of the host's that it uses (`map-resource`).
#![expect(missing_docs, unsafe_code, reason = "what wit-bindgen generates")]

wit_bindgen::generate!({ path: "../../wit", world: "prettify" });

use exports::plugwright::plugin::words::{Guest, GuestPersonResource, PersonResourceBorrow};
use plugwright::plugin::host::{self, Field, Level, MapResource};

struct Quote;

export!(Quote);

impl Guest for Quote {
    type PersonResource = Person;

    fn prettify(words: Vec<String>) -> Result<String, String> {
        if words.is_empty() {
            return Err("there are no words to quote".to_owned());
        }
        let count = Field { key: "words".to_owned(), value: words.len().to_string() };
        host::log(Level::Info, "quoting", &[count]);
        let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        Ok(quoted.join(" "))
    }

    fn greet(person: PersonResourceBorrow<'_>) -> Result<String, String> {
        let Person { first_name, last_name } = person.get();
        let properties = MapResource::new(&[
            ("first-name".to_owned(), first_name.clone()),
            ("last-name".to_owned(), last_name.clone()),
        ]);
        host::log_structured("greeting", properties);
        match (first_name.is_empty(), last_name.is_empty()) {
            (false, false) => Ok(format!("Hello, {first_name} {last_name}!")),
            (true, false) => Err("the person has no first name".to_owned()),
            (false, true) => Err("the person has no last name".to_owned()),
            (true, true) => Err("the person has no name".to_owned()),
        }
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
