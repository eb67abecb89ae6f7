//! The work as a native dynamic library with a C interface.
#![expect(unsafe_code, reason = "native plugins need unsafe code")]

use std::ffi::c_void;
use std::slice;

use work::Work;

/// Receives the answer: the value to add it to, its address and its length.
pub type Give = unsafe extern "C" fn(*mut c_void, *const u8, usize);

/// Does the work with this number on a body, and passes the answer to `give` before it returns.
///
/// # Safety
///
/// `body` points to `length` bytes, and `give` may be called with `to`.
///
/// # Panics
///
/// If there is no such work. The process then ends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn transform(
    work: usize,
    body: *const u8,
    length: usize,
    give: Give,
    to: *mut c_void,
) {
    // SAFETY: the caller guarantees it.
    let body = unsafe { slice::from_raw_parts(body, length) };
    let answer = Work::ALL[work].of(body);
    // SAFETY: the caller guarantees it.
    unsafe { give(to, answer.as_ptr(), answer.len()) };
}
