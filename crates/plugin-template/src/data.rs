//! Reads the document's data into the variables of a template.

use minijinja::value::ValueKind;
use minijinja::{Value, context};
use plugwright_guest::{Document, Invalid};

/// Parses the document. The members of an object become variables. Any other value becomes the variable `data`.
pub(crate) fn variables(document: &Document) -> Result<Value, Invalid> {
    let data = json(document.text()?)?;
    Ok(match data.kind() {
        ValueKind::Map => data,
        _ => context! { data },
    })
}

fn json(text: &str) -> Result<Value, Invalid> {
    serde_json::from_str(text).map_err(|error| {
        // The parser counts bytes, and its column is 0 at the beginning of a line.
        let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
        let before = line.get(..error.column().saturating_sub(1)).unwrap_or(line);
        let (line, column) = (error.line().max(1), before.chars().count() + 1);
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(what, _)| what);
        Invalid::new(format!("this is not JSON: {message}")).at(line, column)
    })
}
