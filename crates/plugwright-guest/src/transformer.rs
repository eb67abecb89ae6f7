//! Plugins of the world `transformer`.

use crate::{Document, Failure, OptionDescription, Options, Setting};

/// A plugin's description of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The plugin's name.
    pub name: String,
    /// The plugin's version, as in semantic versioning.
    pub version: String,
    /// What the plugin does, in one sentence.
    pub summary: String,
    /// The media types that the plugin takes. `*/*` stands for any.
    pub takes: Vec<String>,
    /// The media types that the plugin gives. `*/*` stands for the media type of the input.
    pub gives: Vec<String>,
    /// The plugin's options, in the order in which a person should read them.
    pub options: Vec<OptionDescription>,
}

/// The arguments of a world's macro that describe the plugin.
#[derive(Debug)]
pub struct About {
    /// The name of the plugin's package. Without the prefix `plugin-`, it is the plugin's name.
    pub package: &'static str,
    /// The version of the package.
    pub version: &'static str,
    /// What the plugin does, in one sentence.
    pub summary: &'static str,
    /// The media types that the plugin takes.
    pub takes: &'static [&'static str],
    /// The media types that the plugin gives.
    pub gives: &'static [&'static str],
}

impl About {
    /// Returns the description of a plugin with the options `O`.
    pub fn describe<O: Options>(&self) -> Description {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        Description {
            name: self.package.strip_prefix("plugin-").unwrap_or(self.package).to_owned(),
            version: self.version.to_owned(),
            summary: self.summary.to_owned(),
            takes: owned(self.takes),
            gives: owned(self.gives),
            options: O::describe(),
        }
    }
}

/// Makes a plugin of the world `transformer` from a function that turns one document into another.
///
/// ```
/// use plugwright_guest::{Document, Failure, options, transformer};
///
/// options! {
///     struct Options {
///         /// how many exclamation marks follow, from 0 to 9
///         marks: u8 = 1, in 0..=9;
///     }
/// }
///
/// transformer! { summary: "makes text loud", takes: ["text/plain"], gives: ["text/plain"], run: shout(&Options) }
///
/// fn shout(input: Document, options: &Options) -> Result<Document, Failure> {
///     let loud = input.text()?.to_uppercase() + &"!".repeat(options.marks.into());
///     Ok(input.with_body(loud))
/// }
/// # fn main() {}
/// ```
///
/// `run` has three forms:
///
/// - `shout(&Options)` for a function that borrows its options,
/// - `shout(Options)` for a function that takes its options by value,
/// - `shout` for a function without options, which takes the document alone.
///
/// The plugin's name is the name of its package without `plugin-`, and its version is that of the package.
///
/// Printed lines go to the host's log, and printing imports nothing of WASI. A plugin that writes files or reads
/// environment variables adds `wasi: true` after `run`.
///
/// An invalid media type does not compile:
///
/// ```compile_fail
/// # use plugwright_guest::{Document, Failure, transformer};
/// transformer! { summary: "makes text loud", takes: ["text"], gives: ["text/plain"], run: shout }
/// # fn shout(input: Document) -> Result<Document, Failure> { Ok(input) }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! transformer {
    (
        summary: $summary:expr, takes: $takes:expr, gives: $gives:expr,
        run: $run:ident $(, wasi: $wasi:tt)? $(,)?
    ) => {
        $crate::transformer! {
            @ $summary, $takes, $gives, (), |input: $crate::Document, _options: ()| $run(input), $($wasi)?
        }
    };
    (
        summary: $summary:expr, takes: $takes:expr, gives: $gives:expr,
        run: $run:ident(&$options:ty) $(, wasi: $wasi:tt)? $(,)?
    ) => {
        $crate::transformer! {
            @ $summary, $takes, $gives, $options,
            |input: $crate::Document, options: $options| $run(input, &options), $($wasi)?
        }
    };
    (
        summary: $summary:expr, takes: $takes:expr, gives: $gives:expr,
        run: $run:ident($options:ty) $(, wasi: $wasi:tt)? $(,)?
    ) => {
        $crate::transformer! { @ $summary, $takes, $gives, $options, $run, $($wasi)? }
    };
    (@ $summary:expr, $takes:expr, $gives:expr, $options:ty, $run:expr, $($wasi:tt)?) => {
        const _: () = {
            $crate::__about!($summary, $takes, $gives);
            $crate::__without_wasi!($($wasi)?);
            $crate::__embed_kinds!($options);

            fn describe() -> $crate::Description {
                ABOUT.describe::<$options>()
            }

            fn transform(
                input: $crate::Document,
                settings: ::std::vec::Vec<$crate::Setting>,
            ) -> ::core::result::Result<$crate::Document, $crate::Failure> {
                $crate::__private::transform::<$options>($run, input, settings)
            }

            $crate::__export_transformer!(describe, transform, $($wasi)?);
        };
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "`transformer!` takes these parts in this order: summary: \"…\", takes: [\"…\"], gives: [\"…\"], run: function(Options), wasi: true (optional)"
        );
    };
}

/// Makes the constant `ABOUT`, and checks its media types.
#[doc(hidden)]
#[macro_export]
macro_rules! __about {
    ($summary:expr, $takes:expr, $gives:expr) => {
        const ABOUT: $crate::__private::About = $crate::__private::About {
            package: ::core::env!("CARGO_PKG_NAME"),
            version: ::core::env!("CARGO_PKG_VERSION"),
            summary: $summary,
            takes: &$takes,
            gives: &$gives,
        };
        const _: () = {
            $crate::__private::check_media_types(ABOUT.takes);
            $crate::__private::check_media_types(ABOUT.gives);
        };
    };
}

/// Exports the functions as those of the world `transformer`.
#[doc(hidden)]
#[macro_export]
#[cfg(target_family = "wasm")]
macro_rules! __export_transformer {
    ($describe:ident, $transform:ident, $($wasi:tt)?) => {
        mod world {
            $crate::__generate!("transformer", with: {
                "plugwright:plugin/host@0.2.0": ::plugwright_guest::host,
                "plugwright:plugin/transform@0.2.0/attribute": ::plugwright_guest::Attribute,
                "plugwright:plugin/transform@0.2.0/document": ::plugwright_guest::Document,
                "plugwright:plugin/transform@0.2.0/setting": ::plugwright_guest::Setting,
                "plugwright:plugin/transform@0.2.0/location": ::plugwright_guest::Location,
                "plugwright:plugin/transform@0.2.0/invalid-input": ::plugwright_guest::Invalid,
                "plugwright:plugin/transform@0.2.0/bad-option": ::plugwright_guest::BadOption,
                "plugwright:plugin/transform@0.2.0/failure": ::plugwright_guest::Failure,
                "plugwright:plugin/transform@0.2.0/option-description": ::plugwright_guest::OptionDescription,
                "plugwright:plugin/transform@0.2.0/description": ::plugwright_guest::Description,
            });
        }

        struct Plugin;

        impl world::exports::plugwright::plugin::transform::Guest for Plugin {
            fn describe() -> $crate::Description {
                $describe()
            }

            fn transform(
                input: $crate::Document,
                options: ::std::vec::Vec<$crate::Setting>,
            ) -> ::core::result::Result<$crate::Document, $crate::Failure> {
                let result = $transform(input, options);
                $crate::__flush!($($wasi)?);
                result
            }
        }

        world::export!(Plugin with_types_in world);
    };
}

/// Exports nothing on the author's machine, but checks the functions' types.
#[doc(hidden)]
#[macro_export]
#[cfg(not(target_family = "wasm"))]
macro_rules! __export_transformer {
    ($describe:ident, $transform:ident, $($wasi:tt)?) => {
        const _: (fn() -> $crate::Description, $crate::__private::Transform) =
            ($describe, $transform);
    };
}

/// The type of a world's function `transform`.
pub type Transform = fn(Document, Vec<Setting>) -> Result<Document, Failure>;

/// Reads the options from the settings, and calls the plugin's function with them.
///
/// # Errors
///
/// Fails if an option is unknown or does not take its value, or if the function fails.
pub fn transform<O: Options>(
    run: fn(Document, O) -> Result<Document, Failure>,
    input: Document,
    settings: Vec<Setting>,
) -> Result<Document, Failure> {
    run(input, O::read(settings)?)
}
