//! Replacements for functions of the C library, which write to a log.
//!
//! To print a panic, Rust's standard library imports a dozen WASI interfaces, even into a plugin that never panics: it
//! calls the C library, whose file functions also handle terminals and sockets. When a plugin is linked, a function
//! that is already defined replaces the C library's function of the same name, and nothing that the replaced function
//! calls is linked. This module replaces `write` and `getenv`, the functions that print a panic. All other uses of WASI
//! stay: reading files, clocks, random numbers.
#![expect(unsafe_code, reason = "functions of the C library take pointers")]

use std::ffi::{CStr, c_char, c_int};
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use crate::host::Level;
use crate::lines::Lines;
use crate::print::Sink;

/// The unfinished lines of standard output and of standard error.
static LINES: Mutex<[Lines; 2]> = Mutex::new([Lines::new(), Lines::new()]);

const LEVELS: [Level; 2] = [Level::Info, Level::Warn];

/// The C library's error number for a file that is not open.
const EBADF: c_int = 8;

unsafe extern "C" {
    static mut errno: c_int;
}

/// The C library's `write`.
///
/// # Safety
///
/// `bytes` must point to `count` bytes.
pub unsafe fn write(log: Sink, file: c_int, bytes: *const u8, count: usize) -> isize {
    let Some((place, level)) = (1..).zip(LEVELS).find(|(number, _)| *number == file) else {
        log(
            Level::Error,
            "a plugin that prints without WASI cannot write files: say `wasi: true` in its macro",
        );
        // SAFETY: a plugin has one thread.
        unsafe { errno = EBADF };
        return -1;
    };
    if count > 0 {
        // SAFETY: the caller of `write` guarantees this.
        let bytes = unsafe { std::slice::from_raw_parts(bytes, count) };
        // This comes before the call of the log, which may print, too.
        let ended = with_lines(|lines| lines[place as usize - 1].push(bytes));
        ended.iter().for_each(|line| log(level, line));
    }
    isize::try_from(count).unwrap_or(-1)
}

/// Writes unfinished lines to the log, at the end of a call.
pub fn flush(log: Sink) {
    // The standard library may hold a part of a line in its buffer.
    let _ = std::io::stdout().flush();
    for (place, level) in LEVELS.into_iter().enumerate() {
        if let Some(line) = with_lines(|lines| lines[place].end()) {
            log(level, &line);
        }
    }
}

/// The C library's `getenv`: there are no variables.
///
/// # Safety
///
/// `name` must be a C string.
pub unsafe fn getenv(log: Sink, name: *const c_char) -> *mut c_char {
    // SAFETY: the caller of `getenv` guarantees this.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    // The variables that the standard library itself reads begin with this prefix.
    if !name.starts_with(b"RUST_") {
        log(
            Level::Debug,
            "a plugin that prints without WASI has no variables: say `wasi: true` in its macro",
        );
    }
    std::ptr::null_mut()
}

fn with_lines<R>(work: impl FnOnce(&mut [Lines; 2]) -> R) -> R {
    work(&mut LINES.lock().unwrap_or_else(PoisonError::into_inner))
}
