//! Numbers the lines of a text, in the world `transformer`.

use plugwright_guest::{Document, Failure, options, transformer};

transformer! {
    summary: "numbers the lines of a text",
    takes: ["text/plain"],
    gives: ["text/plain"],
    run: number(&Options)
}

options! {
    struct Options {
        /// the number of the first line
        first: u64 = 1;
    }
}

fn number(input: Document, options: &Options) -> Result<Document, Failure> {
    let lines = (options.first..).zip(input.text()?.lines());
    let numbered: String = lines.map(|(number, line)| format!("{number} {line}\n")).collect();
    Ok(input.with_body(numbered))
}
