//! Writes values of the component model as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plugwright::wasmtime::component::{ResourceAny, Val};
use plugwright::write_value_whole;
use serde_json::{Map, Number, Value};

/// Returns the value as [`to_json`] does. If it needs more than `most` bytes in WAVE, returns the shown text instead.
pub(crate) fn bounded(
    value: &Val,
    most: usize,
    shown: &str,
    handle: &mut dyn FnMut(&ResourceAny) -> String,
) -> Value {
    match write_value_whole(value, most, handle) {
        Some(_) => to_json(value, handle),
        None => object("left-out", Value::from(shown)),
    }
}

/// Returns the value as JSON:
///
/// - Records become objects. Lists, tuples and flags become arrays, and enums become strings.
/// - A variant becomes an object whose key is the case, or a string if the case has no value.
/// - A result becomes `{"ok": …}` or `{"err": …}`.
/// - An option becomes its value or `null`. It becomes `{"some": …}` if its value can be `null` itself.
/// - Characters, handles and numbers that JSON cannot represent become strings. `handle` names the handles.
/// - Bytes become `{"utf8": …}` if they are text, and `{"base64": …}` otherwise. As an array of numbers they would need far more
///   space.
fn to_json(value: &Val, handle: &mut dyn FnMut(&ResourceAny) -> String) -> Value {
    let mut json = |value: &Option<Box<Val>>| match value {
        Some(value) => to_json(value, handle),
        None => Value::Null,
    };
    match value {
        Val::Variant(name, None) | Val::Enum(name) => Value::from(name.as_str()),
        Val::Variant(name, value) => object(name, json(value)),
        Val::Result(Ok(value)) => object("ok", json(value)),
        Val::Result(Err(value)) => object("err", json(value)),
        Val::Option(None) => Value::Null,
        Val::Option(value) => match json(value) {
            inner if matches!(value.as_deref(), Some(Val::Option(_))) => object("some", inner),
            inner => inner,
        },
        Val::Bool(value) => Value::from(*value),
        Val::S8(value) => Value::from(*value),
        Val::U8(value) => Value::from(*value),
        Val::S16(value) => Value::from(*value),
        Val::U16(value) => Value::from(*value),
        Val::S32(value) => Value::from(*value),
        Val::U32(value) => Value::from(*value),
        Val::S64(value) => Value::from(*value),
        Val::U64(value) => Value::from(*value),
        Val::Float32(value) => number(f64::from(*value)),
        Val::Float64(value) => number(*value),
        Val::Char(value) => Value::from(value.to_string()),
        Val::String(value) => Value::from(value.as_str()),
        Val::List(values) if matches!(&**values, [Val::U8(_), ..]) => bytes(values),
        Val::List(values) | Val::Tuple(values) | Val::FixedLengthList(values) => {
            values.iter().map(|value| to_json(value, handle)).collect()
        }
        Val::Map(entries) => entries
            .iter()
            .map(|(key, value)| Value::Array(vec![to_json(key, handle), to_json(value, handle)]))
            .collect(),
        Val::Record(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), to_json(value, handle)));
            Value::Object(fields.collect())
        }
        Val::Flags(names) => names.iter().map(String::as_str).collect(),
        Val::Resource(it) => Value::from(handle(it)),
        Val::Future(_) => Value::from("<future>"),
        Val::Stream(_) => Value::from("<stream>"),
        Val::ErrorContext(_) => Value::from("<error-context>"),
    }
}

/// Returns a list of bytes as JSON.
fn bytes(values: &[Val]) -> Value {
    let byte = |value: &Val| match value {
        Val::U8(byte) => Some(*byte),
        _ => None,
    };
    let bytes: Vec<u8> = values.iter().filter_map(byte).collect();
    match String::from_utf8(bytes) {
        Ok(text) => object("utf8", Value::from(text)),
        Err(error) => object("base64", Value::from(STANDARD.encode(error.as_bytes()))),
    }
}

/// Makes an object with one key.
pub(crate) fn object(name: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(name.to_owned(), value)]))
}

fn number(number: f64) -> Value {
    match Number::from_f64(number) {
        Some(number) => Value::Number(number),
        None if number.is_nan() => Value::from("nan"),
        None => Value::from(number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use plugwright::wasmtime::component::Val;
    use serde_json::json;

    use super::to_json;

    #[test]
    fn json_has_all_that_wave_has_but_handles() {
        let some = |value| Val::Option(Some(Box::new(value)));
        let values = vec![
            Val::U64(u64::MAX),
            Val::Float64(f64::INFINITY),
            Val::Float32(0.5),
            Val::Char('☃'),
            Val::Option(None),
            some(Val::Bool(true)),
            some(Val::Option(None)),
            some(some(Val::U8(1))),
            Val::Result(Ok(None)),
            Val::Result(Err(Some(Box::new(Val::Enum("no".to_owned()))))),
            Val::Variant("dot".to_owned(), None),
            Val::Variant("line".to_owned(), Some(Box::new(Val::Flags(vec!["a".to_owned()])))),
            Val::List(vec![Val::U8(b'a')]),
            Val::List(vec![Val::U8(0xff)]),
            Val::Record(vec![("name".to_owned(), Val::String("\u{202e}".to_owned()))]),
        ];
        let json = to_json(&Val::Tuple(values), &mut |_| String::new());
        assert_eq!(
            json,
            json!([
                u64::MAX, "inf", 0.5, "☃", null, true, {"some": null}, {"some": 1}, {"ok": null},
                {"err": "no"}, "dot", {"line": ["a"]}, {"utf8": "a"}, {"base64": "/w=="}, {"name": "\u{202e}"}
            ])
        );
    }
}
