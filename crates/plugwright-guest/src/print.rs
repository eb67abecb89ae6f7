//! Printing without WASI: what a plugin prints, and what a panic says, goes to the log of its contract.

use crate::host::{self, Level};

/// What writes a line into a log.
pub type Sink = fn(Level, &str);

/// Writes a line into the log of this contract.
pub fn log(level: Level, line: &str) {
    host::log(level, line, &[]);
}

/// Prints without WASI, unless a plugin says `wasi: true`.
#[doc(hidden)]
#[macro_export]
macro_rules! __without_wasi {
    (true) => {};
    ($(false)?) => {
        $crate::without_wasi!($crate::__private::log);
    };
}

/// Ends the lines that are not ended when a call ends, unless a plugin says `wasi: true`.
#[doc(hidden)]
#[macro_export]
macro_rules! __flush {
    (true) => {};
    ($(false)?) => {
        $crate::__private::stdio::flush($crate::__private::log)
    };
}

/// Has a plugin print by its contract's log, given a function that writes a line there: what it prints, and what a panic
/// says.
///
/// Rust's standard library imports a dozen interfaces of WASI to print with, into each plugin, for the case that it panics.
/// With this there are none, and the plugin is some 4 KB smaller. What else a plugin uses of WASI is imported as ever, as
/// the files that it reads. What it cannot do then is to write files, of which an error in the log says so, and to read
/// variables, of which a line at the level `debug` does.
///
/// The macros of this contract do it by themselves, unless they are told `wasi: true`. In a contract of one's own it stands
/// beside [`generate!`](crate::generate!):
///
/// ```
/// use plugwright_guest::host::Level;
///
/// plugwright_guest::without_wasi!(log);
///
/// fn log(level: Level, line: &str) {
///     // What the contract has for it.
/// #   let _ = (level, line);
/// }
/// ```
///
/// What a plugin prints becomes a line of the log when the line ends, or, in this contract, the call.
#[macro_export]
macro_rules! without_wasi {
    ($log:path) => {
        const _: () = {
            $crate::__take_places!($log);
        };
    };
}

/// Takes the place of what the C library would print with.
#[doc(hidden)]
#[macro_export]
#[cfg(target_family = "wasm")]
macro_rules! __take_places {
    ($log:path) => {
        // For the pipeline, which refuses a plugin that asks for what it cannot do so.
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

/// Looks at the function's type: on the author's machine, what is printed is printed.
#[doc(hidden)]
#[macro_export]
#[cfg(not(target_family = "wasm"))]
macro_rules! __take_places {
    ($log:path) => {
        const _: $crate::__private::Sink = $log;
    };
}
