//! Functions of the C library that write to a log.
//!
//! Rust's standard library imports a dozen interfaces of WASI for what it prints of a panic, even into a plugin that never
//! panics: it calls the C library, whose files know terminals and sockets. A function of the same name that is there already
//! takes the place of the C library's when a plugin is linked, and nothing of what that would call is linked. So these are
//! `write` and `getenv`, for what prints a panic, and what else is of WASI stays: reading files, clocks, random numbers.
#![expect(unsafe_code, reason = "functions of the C library take pointers")]

use std::ffi::{CStr, c_char};
use std::sync::{Mutex, PoisonError};

use crate::host::Level;
use crate::print::Sink;

/// A line is cut here, so that what never ends its line does not fill the plugin's memory. The host does the same.
const LONGEST_LINE: usize = 8 * 1024;

/// The lines that are not ended, of standard output and of standard error.
static LINES: Mutex<[Vec<u8>; 2]> = Mutex::new([const { Vec::new() }; 2]);

/// The C library's `write`.
///
/// # Safety
///
/// `bytes` has to point to so many of them.
pub unsafe fn write(log: Sink, file: i32, bytes: *const u8, count: usize) -> isize {
    // SAFETY: whoever calls `write` promises it.
    let bytes = unsafe { std::slice::from_raw_parts(bytes, count) };
    let (place, level) = match file {
        1 => (0, Level::Info),
        2 => (1, Level::Warn),
        _ => {
            log(Level::Error, "a plugin that prints without WASI cannot write files");
            return -1;
        }
    };
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(line) = lines.get_mut(place) else { return -1 };
    for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.len() + piece.len() > LONGEST_LINE {
            end(log, level, line);
        }
        line.extend_from_slice(piece);
        if piece.ends_with(b"\n") {
            end(log, level, line);
        }
    }
    isize::try_from(count).unwrap_or(-1)
}

/// Ends the lines that are not ended, at the end of a call.
pub fn flush(log: Sink) {
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    for (line, level) in lines.iter_mut().zip([Level::Info, Level::Warn]) {
        if !line.is_empty() {
            end(log, level, line);
        }
    }
}

/// The C library's `getenv`: there are no variables.
///
/// # Safety
///
/// `name` has to be a text of C.
pub unsafe fn getenv(log: Sink, name: *const c_char) -> *mut c_char {
    // SAFETY: whoever calls `getenv` promises it.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    // What the standard library asks for itself begins so.
    if !name.starts_with(b"RUST_") {
        log(Level::Error, "a plugin that prints without WASI cannot read variables");
    }
    std::ptr::null_mut()
}

fn end(log: Sink, level: Level, line: &mut Vec<u8>) {
    let ended = line.strip_suffix(b"\n").unwrap_or(line);
    log(level, &String::from_utf8_lossy(ended));
    line.clear();
}
