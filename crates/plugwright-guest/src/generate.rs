//! Bindings of a contract of one's own.

/// Generates the bindings of a contract of one's own, as `wit_bindgen::generate!` does, with the same settings.
///
#[cfg_attr(feature = "generate", doc = "```")]
#[cfg_attr(not(feature = "generate"), doc = "```ignore")]
/// plugwright_guest::generate!({ path: "../../wit", world: "prettify" });
/// # fn main() {}
/// ```
///
/// A contract that imports `plugwright:plugin/host@0.2.0` has the log of this crate if the bindings are generated with
/// its types: `with: { "plugwright:plugin/host@0.2.0": plugwright_guest::host }`.
///
/// On the author's machine, where unit tests run, it needs the feature `generate`; what the contract imports cannot be
/// called there.
#[macro_export]
macro_rules! generate {
    ({ $($settings:tt)* }) => {
        $crate::__bindings!($($settings)*);
    };
}

/// Generates the bindings, with the runtime of this crate.
#[doc(hidden)]
#[macro_export]
#[cfg(any(target_family = "wasm", feature = "generate"))]
macro_rules! __bindings {
    ($($settings:tt)*) => {
        $crate::__private::wit_bindgen::generate!({
            runtime_path: "::plugwright_guest::__private::wit_bindgen::rt",
            $($settings)*
        });
    };
}

/// Says what is missing.
#[doc(hidden)]
#[macro_export]
#[cfg(not(any(target_family = "wasm", feature = "generate")))]
macro_rules! __bindings {
    ($($settings:tt)*) => {
        ::core::compile_error!(
            "for unit tests, add `features = [\"generate\"]` to the dependency on plugwright-guest"
        );
    };
}
