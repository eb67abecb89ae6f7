//! Functions of the C library that write to a log.
//!
//! Rust's standard library imports a dozen interfaces of WASI for what it prints of a panic, even into a plugin that never
//! panics: it calls the C library, whose files know terminals and sockets. A function of the same name that is there already
//! takes the place of the C library's when a plugin is linked, and nothing of what that would call is linked. So these are
//! `write` and `getenv`, for what prints a panic, and what else is of WASI stays: reading files, clocks, random numbers.
#![expect(unsafe_code, reason = "functions of the C library take pointers")]

use std::ffi::{CStr, c_char, c_int};
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use crate::host::Level;
use crate::lines::Lines;
use crate::print::Sink;

/// The lines that are not ended, of standard output and of standard error.
static LINES: Mutex<[Lines; 2]> = Mutex::new([Lines::new(), Lines::new()]);

const LEVELS: [Level; 2] = [Level::Info, Level::Warn];

/// What the C library says of a file that is not open.
const EBADF: c_int = 8;

unsafe extern "C" {
    static mut errno: c_int;
}

/// The C library's `write`.
///
/// # Safety
///
/// `bytes` has to point to so many of them.
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
        // SAFETY: whoever calls `write` promises it.
        let bytes = unsafe { std::slice::from_raw_parts(bytes, count) };
        // Before the log is called, which may print itself.
        let ended = with_lines(|lines| lines[place as usize - 1].push(bytes));
        ended.iter().for_each(|line| log(level, line));
    }
    isize::try_from(count).unwrap_or(-1)
}

/// Ends the lines that are not ended, at the end of a call.
pub fn flush(log: Sink) {
    // What the standard library holds of a line.
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
/// `name` has to be a text of C.
pub unsafe fn getenv(log: Sink, name: *const c_char) -> *mut c_char {
    // SAFETY: whoever calls `getenv` promises it.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    // What the standard library asks for itself begins so.
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
