//! The work as a native dynamic library, by an interface of C.
#![expect(unsafe_code, reason = "that is what a plugin of this kind is made of")]

use std::ffi::c_void;
use std::slice;

use work::Work;

/// Takes the answer: what it belongs to, where it is and how long it is.
pub type Give = unsafe extern "C" fn(*mut c_void, *const u8, usize);

/// Does the work of this number with a body, and gives the answer before it returns.
///
/// # Safety
///
/// `body` points to `length` bytes, and `give` may be called with `to`.
///
/// # Panics
///
/// If there is no such work: then the process ends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn transform(
    work: usize,
    body: *const u8,
    length: usize,
    give: Give,
    to: *mut c_void,
) {
    // SAFETY: whoever calls says so.
    let body = unsafe { slice::from_raw_parts(body, length) };
    let answer = Work::ALL[work].of(body);
    // SAFETY: whoever calls says so.
    unsafe { give(to, answer.as_ptr(), answer.len()) };
}
