//! The document's data as the variables of a template.

use minijinja::value::ValueKind;
use minijinja::{Value, context};

use crate::exports::plugwright::plugin::transform::Failure;
use crate::invalid;

/// Reads the document. The members of an object are variables; any other value is the variable `data`.
pub(crate) fn variables(body: &[u8]) -> Result<Value, Failure> {
    let data = json(text(body)?)?;
    Ok(match data.kind() {
        ValueKind::Map => data,
        _ => context! { data },
    })
}

fn json(text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| {
        // The reader counts bytes, and none at the beginning of a line.
        let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
        let before = line.get(..error.column().saturating_sub(1)).unwrap_or(line);
        let place = (error.line().max(1), before.chars().count() + 1);
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(what, _)| what);
        invalid(format!("this is not JSON: {message}"), Some(place))
    })
}

/// The document's text, without a byte order mark.
fn text(body: &[u8]) -> Result<&str, Failure> {
    match std::str::from_utf8(body) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let (valid, rest) = body.split_at(error.valid_up_to());
            let valid = String::from_utf8_lossy(valid);
            let line = valid.matches('\n').count() + 1;
            let column = valid.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let byte = rest.first().copied().unwrap_or_default();
            Err(invalid(format!("the byte {byte:#04x} is not UTF-8 here"), Some((line, column))))
        }
    }
}
