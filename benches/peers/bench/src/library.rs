//! A native dynamic library.
#![expect(unsafe_code, reason = "native plugins need unsafe code")]

use std::ffi::c_void;
use std::path::Path;
use std::slice;

use libloading::Library;
use work::Work;

use crate::way::Way;

type Give = unsafe extern "C" fn(*mut c_void, *const u8, usize);
type Transform = unsafe extern "C" fn(usize, *const u8, usize, Give, *mut c_void);

/// A loaded library and its function.
pub struct Loaded {
    transform: Transform,
    _library: Library,
}

impl Loaded {
    /// Loads the library.
    pub fn load(file: &Path) -> Self {
        // SAFETY: the library is part of this workspace, and its function has this type.
        let (library, transform) = unsafe {
            let library = Library::new(file)
                .unwrap_or_else(|error| panic!("cannot load `{}`: {error}", file.display()));
            let transform =
                *library.get::<Transform>("transform").expect("the library has the function");
            (library, transform)
        };
        Self { transform, _library: library }
    }

    fn call(&self, work: Work, body: &[u8]) -> Vec<u8> {
        let number =
            Work::ALL.iter().position(|other| *other == work).expect("the work is in the list");
        let mut answer = Vec::new();
        // SAFETY: the body lives until the call returns, and `give` takes a vector.
        unsafe {
            (self.transform)(number, body.as_ptr(), body.len(), give, (&raw mut answer).cast());
        }
        answer
    }

    /// Returns the ways to call the library.
    pub fn ways(&self, work: Work) -> Vec<Way<'_>> {
        vec![Way::new("a native library", move |body| Box::new(move || self.call(work, body)))]
    }
}

/// Appends the answer to the vector `to`.
unsafe extern "C" fn give(to: *mut c_void, answer: *const u8, length: usize) {
    // SAFETY: `to` is the vector that `call` passed, and the answer is `length` bytes of the library.
    unsafe { (*to.cast::<Vec<u8>>()).extend_from_slice(slice::from_raw_parts(answer, length)) };
}
