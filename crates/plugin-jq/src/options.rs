//! The options of this plugin.

use plugwright_guest::{Invalid, choices, options};

use crate::value::{Val, Values};

options! {
    pub(crate) struct Options {
        /// the jq filter that each value of the document goes through
        pub(crate) filter: String = ".";
        /// `pretty` indents a single result, and writes several as JSON Lines; `compact` writes each
        /// result on one line; `raw` does so, too, with strings unquoted, and makes plain text
        pub(crate) output: Output = Output::Pretty;
        /// `true` passes all values of the document to the filter as one array; `false` passes one
        /// value after the other
        pub(crate) slurp: bool = false;
        /// a JSON object whose values become variables of the filter, such as `$name`; the whole
        /// object is `$ARGS.named`
        pub(crate) arguments: Vec<(String, Val)> = "{}", by arguments;
    }
}

choices! {
    /// The format of results.
    pub(crate) enum Output {
        Pretty = "pretty",
        Compact = "compact",
        Raw = "raw",
    }
}

/// Reads the values of the filter's variables, by name.
fn arguments(value: &str) -> Result<Vec<(String, Val)>, Invalid> {
    let mut values = Values::new(value);
    let object = match values.next() {
        Some(Ok((_, Val::Object(object)))) => object,
        Some(Err((offset, message))) => return Err(Invalid::new(message).in_text(value, offset)),
        _ => return Err(Invalid::new("it is not a JSON object")),
    };
    if values.next().is_some() {
        return Err(Invalid::new("there is more text after the JSON object"));
    }
    Ok(object.0.iter().map(|(name, value)| (name.to_string(), value.clone())).collect())
}
