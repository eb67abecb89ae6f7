//! Prints without WASI: printed lines and panic messages go to the log of the contract.

use crate::host::{self, Level};

/// A function that writes a line to a log.
pub type Sink = fn(Level, &str);

/// Writes a line to the log of the built-in contract.
pub fn log(level: Level, line: &str) {
    host::log(level, line, &[]);
}

/// Makes a plugin print without WASI, unless its macro has `wasi: true`.
#[doc(hidden)]
#[macro_export]
macro_rules! __without_wasi {
    (true) => {};
    ($(false)?) => {
        $crate::without_wasi!($crate::__private::log);
    };
}

/// Writes unfinished lines to the log at the end of a call, unless the plugin's macro has `wasi: true`.
#[doc(hidden)]
#[macro_export]
macro_rules! __flush {
    (true) => {};
    ($(false)?) => {
        $crate::__private::stdio::flush($crate::__private::log)
    };
}

/// Sends printed lines and panic messages to the contract's log, through a function that writes one line.
///
/// A panic prints a message. For this, Rust's standard library imports a dozen WASI interfaces into every plugin. With
/// this macro, none of them is imported, and the plugin is some 4 KB smaller. Other uses of WASI, such as reading
/// files, work as before. Two things stop working: writing files, which puts an error into the log, and reading
/// environment variables, which puts a line at level `debug` into the log.
///
/// [`transformer!`](crate::transformer!), [`streamer!`](crate::streamer!) and [`prettify!`](crate::prettify!) include this
/// macro, unless they have `wasi: true`. For a contract of your own, put it beside [`generate!`](crate::generate!):
///
/// ```
/// use plugwright_guest::host::Level;
///
/// plugwright_guest::without_wasi!(log);
///
/// fn log(level: Level, line: &str) {
///     // Call the contract's function here.
/// #   let _ = (level, line);
/// }
/// ```
///
/// A printed line goes to the log when the line ends. In the built-in contract, the end of a call ends it, too.
#[macro_export]
macro_rules! without_wasi {
    ($log:path) => {
        const _: () = {
            $crate::__take_places!($log);
        };
    };
}

/// Replaces the functions that the C library would print with.
#[doc(hidden)]
#[macro_export]
#[cfg(target_family = "wasm")]
macro_rules! __take_places {
    ($log:path) => {
        // The pipeline looks for this section. It refuses a plugin whose manifest asks for something that this macro
        // rules out.
        #[used]
        #[unsafe(link_section = "plugwright:without-wasi")]
        static MARK: [u8; 1] = *b"1";

        #[unsafe(no_mangle)]
        unsafe extern "C" fn write(file: i32, bytes: *const u8, count: usize) -> isize {
            unsafe { $crate::__private::stdio::write($log, file, bytes, count) }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn getenv(name: *const ::core::ffi::c_char) -> *mut ::core::ffi::c_char {
            unsafe { $crate::__private::stdio::getenv($log, name) }
        }
    };
}

/// Checks the function's type. On the author's machine, printing works as usual.
#[doc(hidden)]
#[macro_export]
#[cfg(not(target_family = "wasm"))]
macro_rules! __take_places {
    ($log:path) => {
        const _: $crate::__private::Sink = $log;
    };
}
