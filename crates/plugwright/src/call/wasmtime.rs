//! wasmtime, for contracts of which an application knows no more than that they go with this library.

pub use ::wasmtime::*;

/// wasmtime's module of this name, in which what `bindgen!` makes of flags needs no crate `wasmtime` beside this one.
pub mod component {
    pub use ::wasmtime::component::*;

    pub use crate::flags;

    /// Brings in the name that wasmtime's `flags!` takes for granted.
    #[doc(hidden)]
    pub mod named {
        pub use ::wasmtime;
    }
}

/// wasmtime's `flags!`, which looks for a crate `wasmtime` wherever it is used. Types of one interface can be flags more
/// than once, and what is brought in by a glob may be so as well.
#[doc(hidden)]
#[macro_export]
macro_rules! flags {
    ($($flags:tt)*) => {
        use $crate::wasmtime::component::named::*;
        $crate::wasmtime::component::named::wasmtime::component::flags!($($flags)*);
    };
}
