//! A re-export of wasmtime, so that an application's own contracts need no separate dependency on wasmtime.

pub use ::wasmtime::*;

/// wasmtime's `component` module, with a `flags!` that works without a dependency on the crate `wasmtime`.
pub mod component {
    pub use ::wasmtime::component::*;

    pub use crate::flags;

    /// Provides the name `wasmtime`, which wasmtime's `flags!` expects to be in scope.
    #[doc(hidden)]
    pub mod named {
        pub use ::wasmtime;
    }
}

/// wasmtime's `flags!` expects a crate named `wasmtime` wherever it is used, so this brings that name into scope. The
/// import is a glob because one interface can have several flags types, and repeated glob imports are allowed.
#[doc(hidden)]
#[macro_export]
macro_rules! flags {
    ($($flags:tt)*) => {
        use $crate::wasmtime::component::named::*;
        $crate::wasmtime::component::named::wasmtime::component::flags!($($flags)*);
    };
}
