//! What a filter can call.
//!
//! Most is of jaq. What jaq-std gives only together with the clock and the environment is here.

mod format;
mod log;
mod math;
mod regex;
mod time;

use jaq_core::data::JustLut;
use jaq_core::load::parse::Def;
use jaq_core::native::{Fun, run, v};
use jaq_core::{Cv, Error, RunPtr, ValR, ValXs};
use jaq_json::{Map, Val};
use jaq_std::ValT as _;
use plugwright_guest::Location;

use crate::input::Values;

/// What filters work on.
pub(crate) type Data = JustLut<Val>;

/// How many characters of an error are told.
const TOLD: usize = 300;

/// Definitions in jq's own language.
pub(crate) fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    let own = jaq_core::load::parse(include_str!("definitions.jq"), |parser| parser.defs());
    let own = own.unwrap_or_default();
    jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).chain(own)
}

/// Filters that are written in Rust.
pub(crate) fn natives() -> impl Iterator<Item = Fun<Data>> {
    // Theirs would read JSON that is none, and as deep as the stack is not.
    let json = jaq_json::funs().filter(|(name, ..)| *name != "fromjson");
    let jaq = jaq_core::funs().chain(jaq_std::base_funs()).chain(json);
    let own = [
        format::natives(),
        log::natives(),
        math::natives(),
        regex::natives(),
        time::natives(),
        vec![
            native("env", 0, |_| once(Ok(Val::obj(Map::default())))),
            native("fromjson", 0, |call| once(input(&call).and_then(from_json))),
        ],
    ];
    jaq.chain(own.into_iter().flatten())
}

/// The text of an error's value: a string as it is, anything else as JSON, and not all of it if it is long.
pub(crate) fn message(value: &Val) -> String {
    let text = match value {
        Val::TStr(text) => String::from_utf8_lossy(text).into_owned(),
        _ => value.to_string(),
    };
    match text.char_indices().nth(TOLD) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn native(name: &'static str, arity: usize, function: RunPtr<Data>) -> Fun<Data> {
    run::<Data>((name, v(arity), function))
}

fn once<'a>(result: ValR<Val>) -> ValXs<'a, Val> {
    jaq_core::native::bome(result)
}

fn from_json(text: &str) -> ValR<Val> {
    let mut values = Values::new(text);
    match (values.next(), values.next()) {
        (Some(Ok((_, value))), None) => Ok(value),
        (Some(Err((offset, message))), _) | (_, Some(Err((offset, message)))) => {
            let Location { line, column } = Location::of(text, offset);
            Err(Error::str(format_args!("the JSON in line {line}, column {column}: {message}")))
        }
        (None, _) => Err(Error::str("there is no JSON in the string")),
        (Some(Ok(_)), Some(Ok(_))) => Err(Error::str("there are several values in the JSON")),
    }
}

/// The input as text.
fn input<'a>(call: &'a Cv<'_, Data>) -> Result<&'a str, Error<Val>> {
    text(&call.1)
}

fn text(value: &Val) -> Result<&str, Error<Val>> {
    let bytes = value.as_utf8_bytes().ok_or_else(|| Error::typ(value.clone(), "string"))?;
    std::str::from_utf8(bytes).map_err(Error::str)
}

fn number(value: &Val) -> Result<f64, Error<Val>> {
    value.as_f64().ok_or_else(|| Error::typ(value.clone(), "number"))
}

fn integer(value: &Val) -> Result<i32, Error<Val>> {
    let integer = value.as_isize().and_then(|integer| i32::try_from(integer).ok());
    integer.ok_or_else(|| Error::typ(value.clone(), "integer"))
}
