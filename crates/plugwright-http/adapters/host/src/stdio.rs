//! Replacements for the C library's functions that print a panic, which would import WASI's terminals and environment
//! variables. `plugwright_guest::without_wasi!` does the same for plugins. This component cannot use it, because the
//! macro imports the log that this component implements.
#![expect(unsafe_code, reason = "functions of the C library take pointers")]

use std::ffi::{c_char, c_int};
use std::ptr;

/// The C library's `write`.
///
/// # Safety
///
/// `bytes` must point to `count` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn write(_: c_int, bytes: *const u8, count: usize) -> isize {
    if count > 0 {
        // SAFETY: the caller of `write` guarantees this.
        crate::print(unsafe { std::slice::from_raw_parts(bytes, count) });
    }
    isize::try_from(count).unwrap_or(-1)
}

/// The C library's `getenv`: there are no variables.
#[unsafe(no_mangle)]
extern "C" fn getenv(_: *const c_char) -> *mut c_char {
    ptr::null_mut()
}
