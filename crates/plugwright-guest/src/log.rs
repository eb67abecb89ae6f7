//! A line of the host's log by a macro for each level.

/// Writes a line at level `trace`, as [`info!`](crate::info!) does at `info`.
#[macro_export]
macro_rules! trace {
    ($($line:tt)*) => { $crate::__log!(Trace, $($line)*) };
}

/// Writes a line at level `debug`, as [`info!`](crate::info!) does at `info`.
#[macro_export]
macro_rules! debug {
    ($($line:tt)*) => { $crate::__log!(Debug, $($line)*) };
}

/// Writes a line into the host's log, with what varies as fields.
///
/// A field is a name and a value that can be displayed. `_` in a name is `-` in the log.
///
/// ```
/// let words = ["one", "two"];
/// plugwright_guest::info!("quoting", words = words.len(), first_word = words[0]);
/// ```
#[macro_export]
macro_rules! info {
    ($($line:tt)*) => { $crate::__log!(Info, $($line)*) };
}

/// Writes a line at level `warn`, as [`info!`](crate::info!) does at `info`.
#[macro_export]
macro_rules! warn {
    ($($line:tt)*) => { $crate::__log!(Warn, $($line)*) };
}

/// Writes a line at level `error`, as [`info!`](crate::info!) does at `info`.
#[macro_export]
macro_rules! error {
    ($($line:tt)*) => { $crate::__log!(Error, $($line)*) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __log {
    ($level:ident, $message:expr $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::host::log(
            $crate::host::Level::$level,
            ::core::convert::AsRef::<str>::as_ref(&$message),
            &[$($crate::host::Field {
                key: ::std::borrow::ToOwned::to_owned($crate::__key!($key)),
                value: ::std::string::ToString::to_string(&$value),
            }),*],
        )
    };
}
