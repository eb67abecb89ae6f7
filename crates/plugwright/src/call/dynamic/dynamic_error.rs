//! Why a call by text or by values gave nothing.

use std::convert::Infallible;

use crate::call::call_error::CallError;
use crate::call::dynamic::call_text::CallTextError;
use crate::call::dynamic::functions::FunctionError;
use crate::call::dynamic::read_value::ValueError;

/// Why a call by text or by values gave nothing. That the plugin refuses is a result like others: `err(…)`.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum DynamicError {
    /// The text is no call.
    #[error("column {}: {_0}", _0.at.saturating_add(1))]
    Text(#[from] CallTextError),
    /// There is no such function.
    #[error(transparent)]
    Function(#[from] FunctionError),
    /// There are other parameters than arguments.
    #[error("`{function}` takes {}, and {given} are given", parameters(wanted))]
    Count {
        /// The function.
        function: String,
        /// Its parameters, each with its name and type as WIT has them.
        wanted: Vec<String>,
        /// How many arguments there are.
        given: usize,
    },
    /// An argument is no value of its parameter's type.
    #[error("column {}: {source}; `{parameter}` is wanted", source.at.saturating_add(1))]
    Argument {
        /// The parameter, with its name and type as WIT has them.
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
