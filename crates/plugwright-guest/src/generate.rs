//! Bindings for other contracts.

/// Generates bindings for a contract of your own. It takes the settings of `wit_bindgen::generate!`.
///
#[cfg_attr(feature = "generate", doc = "```")]
#[cfg_attr(not(feature = "generate"), doc = "```ignore")]
/// plugwright_guest::generate!({ path: "../../wit", world: "prettify" });
/// # fn main() {}
/// ```
///
/// If your contract imports `plugwright:plugin/host@0.2.0`, the log macros of this crate work for it. Generate the
/// bindings with this crate's types: `with: { "plugwright:plugin/host@0.2.0": plugwright_guest::host }`.
///
/// Unit tests run on the author's machine. There, this macro needs the feature `generate`, and imported functions
/// cannot be called.
#[macro_export]
macro_rules! generate {
    ({ $($settings:tt)* }) => {
        $crate::__bindings!($($settings)*);
    };
}

/// Generates the bindings with the `wit-bindgen` runtime of this crate.
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

/// Says which feature is missing.
#[doc(hidden)]
#[macro_export]
#[cfg(not(any(target_family = "wasm", feature = "generate")))]
macro_rules! __bindings {
    ($($settings:tt)*) => {
        ::core::compile_error!(
            "unit tests need the feature `generate`: add `features = [\"generate\"]` to the dependency on plugwright-guest"
        );
    };
}
