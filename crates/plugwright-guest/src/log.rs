//! Macros that write lines to the host's log, one for each level.

/// Writes a line to the host's log at level `trace`. [`info!`](crate::info!) describes the syntax.
#[macro_export]
macro_rules! trace {
    ($($line:tt)*) => { $crate::__log!(Trace, $($line)*) };
}

/// Writes a line to the host's log at level `debug`. [`info!`](crate::info!) describes the syntax.
#[macro_export]
macro_rules! debug {
    ($($line:tt)*) => { $crate::__log!(Debug, $($line)*) };
}

/// Writes a line to the host's log at level `info`, with fields for the values that vary.
///
/// A field is a name and a value that implements `Display`. A `_` in the name becomes `-` in the log. The message
/// itself is constant, so that lines can be found and counted: a literal with `{` does not compile.
///
/// ```
/// let words = ["one", "two"];
/// plugwright_guest::info!("quoting", words = words.len(), first_word = words[0]);
/// ```
#[macro_export]
macro_rules! info {
    ($($line:tt)*) => { $crate::__log!(Info, $($line)*) };
}

/// Writes a line to the host's log at level `warn`. [`info!`](crate::info!) describes the syntax.
#[macro_export]
macro_rules! warn {
    ($($line:tt)*) => { $crate::__log!(Warn, $($line)*) };
}

/// Writes a line to the host's log at level `error`. [`info!`](crate::info!) describes the syntax.
#[macro_export]
macro_rules! error {
    ($($line:tt)*) => { $crate::__log!(Error, $($line)*) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __log {
    ($level:ident, $message:literal $(, $key:ident = $value:expr)* $(,)?) => {{
        const _: () = $crate::__private::check_message($message);
        $crate::__log!(@ $level, $message $(, $key = $value)*)
    }};
    ($level:ident, $message:expr $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::__log!(@ $level, $message $(, $key = $value)*)
    };
    (@ $level:ident, $message:expr $(, $key:ident = $value:expr)* $(,)?) => {
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

/// Fails for a message that contains `{`. It runs while a plugin is compiled.
pub const fn check_message(message: &str) {
    let mut index = 0;
    while index < message.len() {
        assert!(
            message.as_bytes()[index] != b'{',
            "a log message is not formatted: put values that vary into fields, as in `info!(\"read\", name = name)`"
        );
        index += 1;
    }
}
