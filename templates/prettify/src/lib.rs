//! Converts words to upper case, in the world `prettify`.

use plugwright_guest::{Person, info, prettify};

prettify! { person: Name, prettify: capitals, greet: greet }

fn capitals(words: &[String]) -> Result<String, String> {
    if words.is_empty() {
        return Err("there are no words".to_owned());
    }
    info!("converting to upper case", words = words.len());
    Ok(words.join(" ").to_uppercase())
}

fn greet(person: &Name) -> Result<String, String> {
    let Name { first, last } = person;
    Ok(format!("HELLO, {} {}!", first.to_uppercase(), last.to_uppercase()))
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
