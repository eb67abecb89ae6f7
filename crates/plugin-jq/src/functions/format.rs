//! Formats values as rows of tables, HTML, URIs, shell words and Base64.

use data_encoding::{BASE32, BASE32_NOPAD, BASE64, BASE64_NOPAD, DecodeKind, Encoding};
use jaq_core::native::Fun;
use jaq_core::{Error, ValR, ValT as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Data, of_argument, of_input};
use crate::value::{Val, error, wrong};

/// All characters except those that never need escaping in a URI.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

const HTML: [(&str, &str); 5] =
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&apos;"), ("\"", "&quot;")];

pub(super) fn natives() -> Vec<Fun<Data>> {
    let mut natives = of_input! {
        "@csv" => |value: Val| csv(&value),
        "@tsv" => |value: Val| tsv(&value),
        "@html" => html,
        "@uri" => uri,
        "@urid" => uri_decoded,
        "@sh" => |value: Val| shell(&value),
        "@base64" => base64,
        "@base64d" => base64_decoded,
        "@base32" => base32,
        "@base32d" => base32_decoded,
    };
    natives.extend(of_argument! {
        "format" => |value: Val, format: &Val| match format {
            Val::Text(name) => match name.as_str() {
                "text" => Ok(value.into_string()),
                "json" => Ok(Val::text(value.to_string())),
                "csv" => csv(&value),
                "tsv" => tsv(&value),
                "html" => html(value),
                "uri" => uri(value),
                "urid" => uri_decoded(value),
                "sh" => shell(&value),
                "base64" => base64(value),
                "base64d" => base64_decoded(value),
                "base32" => base32(value),
                "base32d" => base32_decoded(value),
                name => Err(error(format_args!("{name} is not a valid format"))),
            },
            _ => Err(wrong(format, "is not a valid format")),
        },
    });
    natives
}

fn csv(value: &Val) -> ValR<Val> {
    row(value, "cannot be csv-formatted, only array", ",", |text| {
        format!("\"{}\"", text.replace('"', "\"\""))
    })
}

fn tsv(value: &Val) -> ValR<Val> {
    row(value, "cannot be tsv-formatted, only array", "\t", |text| {
        let text = text.replace('\\', "\\\\").replace('\t', "\\t");
        text.replace('\n', "\\n").replace('\r', "\\r")
    })
}

/// Formats the values of an array as a row of a table.
fn row(
    value: &Val,
    otherwise: &str,
    separator: &str,
    escape: impl Fn(&str) -> String,
) -> ValR<Val> {
    let Val::Array(array) = value else { return Err(wrong(value, otherwise)) };
    let field = |value: &Val| match value {
        Val::Null => Ok(String::new()),
        Val::Number(number) if number.is_nan() => Ok(String::new()),
        Val::Text(text) => Ok(escape(text)),
        Val::Array(_) | Val::Object(_) => Err(wrong(value, "is not valid in a csv row")),
        _ => Ok(value.to_string()),
    };
    let fields = array.0.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    Ok(Val::text(fields.join(separator)))
}

fn html(value: Val) -> ValR<Val> {
    let text = as_text(value);
    Ok(Val::text(HTML.iter().fold(text, |text, (from, to)| text.replace(from, to))))
}

fn uri(value: Val) -> ValR<Val> {
    Ok(Val::text(utf8_percent_encode(&as_text(value), RESERVED).to_string()))
}

fn uri_decoded(value: Val) -> ValR<Val> {
    let text = as_text(value);
    let wrong = || wrong(&Val::text(text.as_str()), "is not a valid uri encoding");
    let mut escapes = text.split('%').skip(1);
    let is_escape = |rest: &str| {
        rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !escapes.all(is_escape) {
        return Err(wrong());
    }
    percent_decode_str(&text).decode_utf8().map(Val::text).map_err(|_| wrong())
}

fn shell(value: &Val) -> ValR<Val> {
    let word = |value: &Val| match value {
        Val::Text(text) => Ok(format!("'{}'", text.replace('\'', "'\\''"))),
        Val::Array(_) | Val::Object(_) => Err(wrong(value, "can not be escaped for shell")),
        _ => Ok(value.to_string()),
    };
    let words = match value {
        Val::Array(array) => array.0.iter().map(word).collect::<Result<Vec<_>, Error<Val>>>()?,
        _ => vec![word(value)?],
    };
    Ok(Val::text(words.join(" ")))
}

fn base64(value: Val) -> ValR<Val> {
    Ok(encoded(value, &BASE64, 3))
}

fn base64_decoded(value: Val) -> ValR<Val> {
    decoded(value, &BASE64_NOPAD, "64")
}

fn base32(value: Val) -> ValR<Val> {
    Ok(encoded(value, &BASE32, 5))
}

fn base32_decoded(value: Val) -> ValR<Val> {
    decoded(value, &BASE32_NOPAD, "32")
}

/// Encodes text piece by piece, because the library accepts at most 8 MiB at once.
fn encoded(value: Val, encoding: &Encoding, at_once: usize) -> Val {
    let mut digits = String::new();
    for piece in as_text(value).as_bytes().chunks(at_once << 16) {
        encoding.encode_append(piece, &mut digits);
    }
    Val::text(digits)
}

/// Decodes up to the first `=`, which is optional, as jq does. Invalid UTF-8 is replaced.
fn decoded(value: Val, encoding: &Encoding, base: &str) -> ValR<Val> {
    let text = as_text(value);
    let mut lenient = encoding.specification();
    lenient.check_trailing_bits = false;
    let encoding = lenient.encoding().map_err(error)?;
    let digits = text.split('=').next().unwrap_or_default();
    let bytes = encoding.decode(digits.as_bytes()).map_err(|broken| {
        let message = match broken.kind {
            DecodeKind::Length => format!("trailing base{base} byte found"),
            _ => format!("is not valid base{base} data"),
        };
        wrong(&Val::text(text.as_str()), &message)
    })?;
    Ok(Val::text(String::from_utf8_lossy(&bytes)))
}

fn as_text(value: Val) -> String {
    match value {
        Val::Text(text) => std::rc::Rc::unwrap_or_clone(text),
        _ => value.to_string(),
    }
}
