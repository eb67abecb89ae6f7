//! Says hello.

wit_bindgen::generate!({ path: "../../wit", world: "greeter" });

use example::greeting::host;
use exports::example::greeting::greet::{Failure, Guest};

/// The most characters of a name.
const LONGEST: u32 = 40;

struct Hello;

export!(Hello);

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
