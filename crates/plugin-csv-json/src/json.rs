//! Rows to JSON.

use crate::options::{Output, Types};
use crate::types::{self, Kind};

/// Writes rows as JSON or JSON Lines: as objects if columns have names, else as arrays.
pub(crate) fn write(
    names: Option<&[String]>,
    rows: &[Vec<String>],
    types: Types,
    output: Output,
) -> Result<Vec<u8>, serde_json::Error> {
    let count = rows.first().map_or(0, Vec::len);
    let kinds = match types {
        Types::Columns => types::columns(rows, count),
        Types::Off | Types::Fields => vec![Kind::Text; count],
    };
    // A name and what stands around it are the same in each row.
    let keys = names.unwrap_or_default().iter().map(serde_json::to_string);
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let (open, close) = if names.is_some() { (b'{', b'}') } else { (b'[', b']') };
    let mut json = Vec::new();
    if output == Output::Json {
        json.push(b'[');
    }
    for (index, row) in rows.iter().enumerate() {
        if output == Output::Json {
            json.extend_from_slice(if index == 0 { b"\n" } else { b",\n" });
        }
        json.push(open);
        for (index, (field, kind)) in row.iter().zip(&kinds).enumerate() {
            if index > 0 {
                json.push(b',');
            }
            if let Some(key) = keys.get(index) {
                json.extend_from_slice(key.as_bytes());
                json.push(b':');
            }
            match types::written(field, types, *kind) {
                Kind::Empty => json.extend_from_slice(b"null"),
                // As it is written: `1.10` is not made `1.1`.
                Kind::Number => json.extend_from_slice(field.as_bytes()),
                Kind::Boolean => json.extend(field.bytes().map(|byte| byte.to_ascii_lowercase())),
                Kind::Text => serde_json::to_writer(&mut json, field)?,
            }
        }
        json.push(close);
        if output == Output::Lines {
            json.push(b'\n');
        }
    }
    if output == Output::Json {
        json.extend_from_slice(if rows.is_empty() { b"]\n" } else { b"\n]\n" });
    }
    Ok(json)
}
