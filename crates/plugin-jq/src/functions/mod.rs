//! The functions that a filter can call, as in jq 1.8.

mod arrays;
mod convert;
mod format;
mod log;
mod math;
mod paths;
mod regex;
mod strings;
mod time;

use jaq_core::data::JustLut;
use jaq_core::native::{Fun, run, v};
use jaq_core::{Cv, Error, RunPtr, ValR, ValXs};

use crate::value::{Val, wrong};

/// The data that filters work on.
pub(crate) type Data = JustLut<Val>;

/// Definitions in jq's own language.
pub(crate) const DEFINITIONS: &str = include_str!("definitions.jq");

/// How many characters of an error are shown.
const TOLD: usize = 300;

/// Functions of the input alone.
macro_rules! of_input {
    ($($name:literal => $function:expr,)*) => {
        vec![$($crate::functions::native($name, 0, |call| {
            $crate::functions::once($function(call.1))
        })),*]
    };
}

/// Functions of the input and one argument.
macro_rules! of_argument {
    ($($name:literal => $function:expr,)*) => {
        vec![$($crate::functions::native($name, 1, |mut call| {
            let argument = call.0.pop_var();
            $crate::functions::once($function(call.1, &argument))
        })),*]
    };
}

use {of_argument, of_input};

/// Functions that are written in Rust.
pub(crate) fn natives() -> impl Iterator<Item = Fun<Data>> {
    let jaq = jaq_core::funs().filter_map(|(name, arguments, native)| {
        let name = match name {
            "limit" => "_limit",
            "skip" => "_skip",
            "path" | "first" | "last" | "error_empty" => name,
            _ => return None,
        };
        Some((name, arguments, native))
    });
    let own = [
        arrays::natives(),
        convert::natives(),
        format::natives(),
        log::natives(),
        math::natives(),
        paths::natives(),
        regex::natives(),
        strings::natives(),
        time::natives(),
    ];
    jaq.chain(own.into_iter().flatten())
}

/// Returns the text of an error's value: a string unchanged, and anything else as JSON. Long texts are cut.
pub(crate) fn message(value: &Val) -> String {
    let text = match value {
        Val::Text(text) => text.to_string(),
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

/// Returns the input as text.
fn input<'a>(call: &'a Cv<'_, Data>) -> Result<&'a str, Error<Val>> {
    text(&call.1)
}

fn text(value: &Val) -> Result<&str, Error<Val>> {
    match value {
        Val::Text(text) => Ok(text),
        _ => Err(wrong(value, "is not a string")),
    }
}

fn number(value: &Val) -> Result<f64, Error<Val>> {
    value.number().ok_or_else(|| wrong(value, "number required"))
}

fn integer(value: &Val) -> Result<i32, Error<Val>> {
    Ok(number(value)? as i32)
}

/// Takes the values out of an array, or returns an error that says what the input must be.
fn values(value: Val, otherwise: &str) -> Result<Vec<Val>, Error<Val>> {
    match value {
        Val::Array(array) => Ok(crate::value::into_values(array)),
        _ => Err(wrong(&value, otherwise)),
    }
}
