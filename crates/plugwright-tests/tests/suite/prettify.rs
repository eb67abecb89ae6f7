//! Plugins of the world `prettify`, called through its types: the current plugin, and one that was built for a
//! release.

use std::fs;

use plugwright::{CallError, ForeignText, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Person, Prettify};
use tests::{dist, host, root};

/// Returns the plugin `quote` from the release of version 0.1.0 of the contract.
fn released() -> Vec<u8> {
    let folder =
        fs::read_dir(root().join("tests/releases/0.1.0/plugins")).expect("the folder can be read");
    let mut files = folder.map(|file| file.expect("the file can be created"));
    let quote = files.find(|file| file.file_name().to_string_lossy().starts_with("quote-"));
    fs::read(quote.expect("the plugin was released").path()).expect("the file can be read")
}

/// Returns the outcome of a call, which the plugin may refuse.
fn told(answer: Result<String, CallError<ForeignText>>) -> Result<String, String> {
    answer.map_err(|error| match error {
        CallError::Refused { failure, .. } => failure.to_string(),
        other => panic!("{other}"),
    })
}

#[test]
fn people_and_words_go_in_and_come_back() {
    for bytes in [dist().read("quote").unwrap_or_else(|error| panic!("{error}")), released()] {
        let plugin: Plugin<Prettify> =
            host().load_bytes("quote", &bytes).expect("the plugin fits the host");
        let words = ["größe", "\"hi\""].map(str::to_owned);
        assert_eq!(plugin.prettify(&words).expect("the call succeeds"), "\"größe\" \"\"hi\"\"");
        assert_eq!(told(plugin.prettify(&[])), Err("there are no words to quote".to_owned()));

        let names = [("Ada", "Lovelace"), ("", "Curie"), ("Plato", ""), ("", "")];
        let greetings = names.map(|(first, last)| {
            let person = Person { first_name: first.to_owned(), last_name: last.to_owned() };
            assert_eq!(plugin.replica(&person).expect("the person is kept"), person);
            told(plugin.greet(&person))
        });
        let expected = [
            Ok("Hello, Ada Lovelace!"),
            Err("the person has no first name"),
            Err("the person has no last name"),
            Err("the person has no name"),
        ];
        assert_eq!(greetings, expected.map(|it| it.map(str::to_owned).map_err(str::to_owned)));
    }
}
