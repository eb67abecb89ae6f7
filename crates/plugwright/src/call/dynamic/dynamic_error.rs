//! Why a call by text or by values returned no result.

use std::convert::Infallible;

use crate::call::call_error::CallError;
use crate::call::dynamic::call_text::CallTextError;
use crate::call::dynamic::functions::FunctionError;
use crate::call::dynamic::read_value::ValueError;

/// The reason why a call by text or by values returned no result. If the plugin refuses, that is a result: `err(…)`.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum DynamicError {
    /// The text is not a call.
    #[error("column {}: {_0}", _0.at.saturating_add(1))]
    Text(#[from] CallTextError),
    /// There is no such function.
    #[error(transparent)]
    Function(#[from] FunctionError),
    /// The number of arguments is not the number of parameters.
    #[error("`{function}` takes {}, but the call has {given}", parameters(wanted))]
    Count {
        /// The function.
        function: String,
        /// The function's parameters, each with its name and type as WIT writes them.
        wanted: Vec<String>,
        /// How many arguments there are.
        given: usize,
    },
    /// An argument is not a value of its parameter's type.
    #[error("column {}: {source}; expected `{parameter}`", source.at.saturating_add(1))]
    Argument {
        /// The parameter, with its name and type as WIT writes them.
        parameter: String,
        /// What is wrong.
        source: ValueError,
    },
    /// The call was made, and ended without a result.
    #[error(transparent)]
    Call(#[from] CallError<Infallible>),
}

fn parameters(wanted: &[String]) -> String {
    match wanted {
        [] => "no arguments".to_owned(),
        [one] => format!("one argument, `{one}`"),
        several => format!("{} arguments, `{}`", several.len(), several.join("`, `")),
    }
}
