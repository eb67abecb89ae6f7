//! Quotes words and greets people: the smallest plugin, in the world `prettify`.
//!
//! It shows strings and results, a resource of the plugin that the host uses (`person-resource`), and a resource of the
//! host that the plugin uses (`map-resource`).

use plugwright_guest::host::{self, MapResource};
use plugwright_guest::{Person, info, prettify};

prettify! { person: Name, prettify: quote, greet: greet }

fn quote(words: &[String]) -> Result<String, String> {
    if words.is_empty() {
        return Err("there are no words to quote".to_owned());
    }
    info!("quoting", words = words.len());
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    Ok(quoted.join(" "))
}

fn greet(person: &Name) -> Result<String, String> {
    let Name { first, last } = person;
    let properties = [("first-name", first), ("last-name", last)]
        .map(|(key, value)| (key.to_owned(), value.clone()));
    host::log_structured("greeting", MapResource::new(&properties));
    match (first.is_empty(), last.is_empty()) {
        (false, false) => Ok(format!("Hello, {first} {last}!")),
        (true, false) => Err("the person has no first name".to_owned()),
        (false, true) => Err("the person has no last name".to_owned()),
        (true, true) => Err("the person has no name".to_owned()),
    }
}

/// A person that this plugin keeps for the host.
struct Name {
    first: String,
    last: String,
}

impl Person for Name {
    fn new(first: String, last: String) -> Self {
        Self { first, last }
    }

    fn replica(&self) -> (String, String) {
        (self.first.clone(), self.last.clone())
    }
}
