//! Functions that return the type or the length of a value, or convert it.

use jaq_core::native::Fun;
use jaq_core::{Exn, ValR, ValT as _};
use plugwright_guest::Location;

use super::{DEFINITIONS, Data, integer, native, number, of_input, once};
use crate::value::arithmetic::absolute;
use crate::value::{Entries, Val, Values, error, read_number, wrong};

pub(super) fn natives() -> Vec<Fun<Data>> {
    let mut natives = of_input! {
        "type" => |value: Val| Ok(Val::text(value.kind())),
        "length" => |value: Val| match &value {
            Val::Null => Ok(Val::from(0_usize)),
            Val::Number(_) | Val::Decimal(_) => Ok(absolute(value)),
            Val::Text(text) => Ok(Val::from(text.chars().count())),
            Val::Array(array) => Ok(Val::from(array.0.len())),
            Val::Object(object) => Ok(Val::from(object.0.len())),
            Val::Bool(_) => Err(wrong(&value, "has no length")),
        },
        // A value that is not a number stays unchanged if it is not negative.
        "abs" => |value: Val| match &value {
            Val::Number(_) | Val::Decimal(_) => Ok(absolute(value)),
            _ if value < Val::from(0_usize) => -value,
            _ => Ok(value),
        },
        "tostring" => |value: Val| Ok(value.into_string()),
        "tojson" => |value: Val| Ok(Val::text(value.to_string())),
        "fromjson" => |value: Val| match &value {
            Val::Text(text) => from_json(text),
            _ => Err(wrong(&value, "only strings can be parsed")),
        },
        "tonumber" => |value: Val| match &value {
            Val::Number(_) | Val::Decimal(_) => Ok(value),
            Val::Text(text) => {
                read_number(text).ok_or_else(|| wrong(&value, "cannot be parsed as a number"))
            }
            _ => Err(wrong(&value, "cannot be parsed as a number")),
        },
        "toboolean" => |value: Val| match &value {
            Val::Bool(_) => Ok(value),
            Val::Text(text) if &**text == "true" => Ok(Val::Bool(true)),
            Val::Text(text) if &**text == "false" => Ok(Val::Bool(false)),
            _ => Err(wrong(&value, "cannot be parsed as a boolean")),
        },
        "infinite" => |_| Ok(Val::from(f64::INFINITY)),
        "nan" => |_| Ok(Val::from(f64::NAN)),
        "isinfinite" => |value: Val| Ok(Val::from(value.number().is_some_and(f64::is_infinite))),
        "isfinite" => |value: Val| Ok(Val::from(value.number().is_some_and(|x| !x.is_infinite()))),
        "isnan" => |value: Val| Ok(Val::from(value.number().is_some_and(f64::is_nan))),
        "isnormal" => |value: Val| Ok(Val::from(value.number().is_some_and(f64::is_normal))),
        "env" => |_| Ok(Val::object(Entries::default())),
        "have_decnum" => |_| Ok(Val::Bool(true)),
        "have_literal_numbers" => |_| Ok(Val::Bool(true)),
        "builtins" => |_| Ok(builtins()),
    };
    natives.push(native("halt", 1, |mut call| {
        let code = call.0.pop_var();
        Box::new(std::iter::once(Err(match integer(&code) {
            Ok(code) => Exn::halt(code),
            Err(error) => Exn::from(error),
        })))
    }));
    natives.push(native("range", 3, |mut call| {
        let mut next = || {
            let bound = call.0.pop_var();
            number(&bound).map_err(|_| error("Range bounds must be numeric"))
        };
        let (step, end, start) = (next(), next(), next());
        let (step, end, start) = match (step, end, start) {
            (Ok(step), Ok(end), Ok(start)) => (step, end, start),
            (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => return once(Err(error)),
        };
        let mut place = start;
        Box::new(std::iter::from_fn(move || {
            let within = if step > 0.0 { place < end } else { step < 0.0 && place > end };
            let value = within.then(|| Ok(Val::from(place)));
            place += step;
            value
        }))
    }));
    natives
}

fn from_json(text: &str) -> ValR<Val> {
    let mut values = Values::new(text);
    match (values.next(), values.next()) {
        (Some(Ok((_, value))), None) => Ok(value),
        (Some(Err((offset, message))), _) | (_, Some(Err((offset, message)))) => {
            let Location { line, column } = Location::of(text, offset);
            Err(error(format_args!("the JSON in line {line}, column {column}: {message}")))
        }
        (None, _) => Err(error("there is no JSON in the string")),
        (Some(Ok(_)), Some(Ok(_))) => Err(error("there are several values in the JSON")),
    }
}

/// Lists all functions with the number of their arguments.
fn builtins() -> Val {
    let definitions =
        jaq_core::load::parse(DEFINITIONS, |parser| parser.defs()).unwrap_or_default();
    let definitions = definitions.iter().map(|one| (one.name, one.args.len()));
    let natives = super::natives().map(|(name, arguments, _)| (name, arguments.len()));
    let all = definitions.chain(natives);
    let all = all.filter(|(name, _)| name.starts_with(|c: char| c.is_ascii_alphabetic()));
    all.map(|(name, arguments)| Val::text(format!("{name}/{arguments}"))).collect()
}
