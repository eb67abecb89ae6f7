//! Arguments that are texts: one that is not UTF-8 is named when it is refused.

use std::ffi::OsString;
use std::fmt;

use clap::builder::{OsStringValueParser, TypedValueParser};

/// Reads an argument that is a text.
pub(crate) fn text() -> impl TypedValueParser<Value = String> {
    read(Ok::<_, String>)
}

/// Reads an argument that is a text which `read` makes something of.
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
