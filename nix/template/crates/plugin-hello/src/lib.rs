//! Says hello.

plugwright_guest::generate!({ path: "../../wit", world: "greeter" });
plugwright_guest::without_wasi!(print);

use example::greeting::host;
use exports::example::greeting::greet::{Failure, Guest};
use plugwright_guest::host::Level;

/// The maximum number of characters in a name.
const LONGEST: u32 = 40;

struct Hello;

export!(Hello);

/// Sends printed text and panic messages to the application's log.
fn print(_: Level, line: &str) {
    host::log(line);
}

impl Guest for Hello {
    fn greet(name: String) -> Result<String, Failure> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Failure::NoName);
        }
        if name.chars().count() > LONGEST as usize {
            return Err(Failure::TooLong(LONGEST));
        }
        host::log(&format!("greeting {name}"));
        Ok(format!("Hello, {name}!"))
    }
}
