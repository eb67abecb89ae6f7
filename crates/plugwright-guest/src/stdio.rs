//! Standard output and standard error as lines of the host's log, and no WASI.
//!
//! Rust's standard library imports a dozen interfaces of WASI for what it prints of a panic, even into a plugin that never
//! panics: it calls the C library, whose files know terminals and sockets. A function of the same name that is there
//! already takes the place of the C library's when a plugin is linked, and nothing of what that would call is linked. So
//! these are `write`, `getenv` and `_Exit`, for what prints a panic, and what really is of WASI stays: reading files,
//! clocks, random numbers.

#![expect(unsafe_code, reason = "functions of the C library take pointers")]

use std::ffi::{CStr, c_char};
use std::sync::{Mutex, PoisonError};

use crate::host::{self, Level};

/// A line is cut here, so that what never ends its line does not fill the plugin's memory. The host does the same.
const LONGEST_LINE: usize = 8 * 1024;

/// The lines that are not ended, of standard output and of standard error.
static LINES: Mutex<[Vec<u8>; 2]> = Mutex::new([const { Vec::new() }; 2]);

/// The C library's `write`.
///
/// # Safety
///
/// `bytes` has to point to so many of them.
pub unsafe fn write(file: i32, bytes: *const u8, count: usize) -> isize {
    // SAFETY: whoever calls `write` promises it.
    let bytes = unsafe { std::slice::from_raw_parts(bytes, count) };
    let (place, level) = match file {
        1 => (0, Level::Info),
        2 => (1, Level::Warn),
        _ => {
            host::log(
                Level::Error,
                "a file is written, for which a plugin needs `wasi: true`",
                &[],
            );
            return -1;
        }
    };
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(line) = lines.get_mut(place) else { return -1 };
    for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.len() + piece.len() > LONGEST_LINE {
            end(line, level);
        }
        line.extend_from_slice(piece);
        if piece.ends_with(b"\n") {
            end(line, level);
        }
    }
    isize::try_from(count).unwrap_or(-1)
}

/// Ends the lines that are not ended, at the end of a call.
pub fn flush() {
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    for (line, level) in lines.iter_mut().zip([Level::Info, Level::Warn]) {
        if !line.is_empty() {
            end(line, level);
        }
    }
}

/// The C library's `getenv`: there are no variables.
///
/// # Safety
///
/// `name` has to be a text of C.
pub unsafe fn getenv(name: *const c_char) -> *mut c_char {
    // SAFETY: whoever calls `getenv` promises it.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    // What the standard library asks for itself begins so.
    if !name.starts_with(b"RUST_") {
        host::log(Level::Error, "a variable is read, for which a plugin needs `wasi: true`", &[]);
    }
    std::ptr::null_mut()
}

/// The C library's `_Exit`: a plugin has nothing to exit from.
pub fn exit(status: i32) -> ! {
    crate::error!("the plugin exits", status = status);
    std::process::abort()
}

fn end(line: &mut Vec<u8>, level: Level) {
    let ended = line.strip_suffix(b"\n").unwrap_or(line);
    host::log(level, &String::from_utf8_lossy(ended), &[]);
    line.clear();
}

/// Takes the place of what the C library would print with, unless a plugin says `wasi: true`.
#[doc(hidden)]
#[macro_export]
#[cfg(target_family = "wasm")]
macro_rules! __without_wasi {
    (true) => {};
    (false) => {
        $crate::__without_wasi!();
    };
    () => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn write(file: i32, bytes: *const u8, count: usize) -> isize {
            unsafe { $crate::__private::stdio::write(file, bytes, count) }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn getenv(name: *const ::core::ffi::c_char) -> *mut ::core::ffi::c_char {
            unsafe { $crate::__private::stdio::getenv(name) }
        }

        #[unsafe(no_mangle)]
        extern "C" fn _Exit(status: i32) -> ! {
            $crate::__private::stdio::exit(status)
        }
    };
}

/// Is nothing on the author's machine.
#[doc(hidden)]
#[macro_export]
#[cfg(not(target_family = "wasm"))]
macro_rules! __without_wasi {
    ($($wasi:tt)?) => {};
}
