//! What the standard library prints of a panic with, in the place of the C library's functions, which would import all that
//! WASI has of terminals and variables. `plugwright_guest::without_wasi!` does the same for plugins; here it cannot, because
//! it imports the very log that this component is.
#![expect(unsafe_code, reason = "functions of the C library take pointers")]

use std::ffi::{c_char, c_int};
use std::ptr;

/// The C library's `write`.
///
/// # Safety
///
/// `bytes` has to point to so many of them.
#[unsafe(no_mangle)]
unsafe extern "C" fn write(_: c_int, bytes: *const u8, count: usize) -> isize {
    if count > 0 {
        // SAFETY: whoever calls `write` promises it.
        crate::print(unsafe { std::slice::from_raw_parts(bytes, count) });
    }
    isize::try_from(count).unwrap_or(-1)
}

/// The C library's `getenv`: there are no variables.
#[unsafe(no_mangle)]
extern "C" fn getenv(_: *const c_char) -> *mut c_char {
    ptr::null_mut()
}
