//! Text arguments. The error for an argument that is not UTF-8 names the argument.

use std::ffi::OsString;
use std::fmt;

use clap::builder::{OsStringValueParser, TypedValueParser};

/// Returns the parser of a text argument.
pub(crate) fn text() -> impl TypedValueParser<Value = String> {
    read(Ok::<_, String>)
}

/// Returns the parser of a text argument that `read` converts.
pub(crate) fn read<T, E>(
    read: impl Fn(String) -> Result<T, E> + Clone + Send + Sync + 'static,
) -> impl TypedValueParser<Value = T>
where
    T: Clone + Send + Sync + 'static,
    E: fmt::Display,
{
    let not_utf8 = |argument: OsString| format!("{argument:?} is not UTF-8");
    OsStringValueParser::new().try_map(move |argument| {
        let text = argument.into_string().map_err(not_utf8)?;
        read(text).map_err(|error| error.to_string())
    })
}
