//! Plugins of the world `transformer`.

use crate::{Document, Failure, OptionDescription, Options, Setting};

/// What a plugin says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The plugin's name.
    pub name: String,
    /// The plugin's version, as in semantic versioning.
    pub version: String,
    /// What the plugin does, in one sentence.
    pub summary: String,
    /// The media types that it takes. `*/*` stands for any.
    pub takes: Vec<String>,
    /// The media types that it gives. `*/*` stands for the one that it was given.
    pub gives: Vec<String>,
    /// The options that it understands, in the order in which a person should read them.
    pub options: Vec<OptionDescription>,
}

/// What the macro of a world was told of a plugin.
#[derive(Debug)]
pub struct About {
    /// The name of the plugin's package: what is behind `plugin-`, if it begins so, is the plugin's name.
    pub package: &'static str,
    /// The version of the package.
    pub version: &'static str,
    /// What the plugin does, in one sentence.
    pub summary: &'static str,
    /// The media types that it takes.
    pub takes: &'static [&'static str],
    /// The media types that it gives.
    pub gives: &'static [&'static str],
}

impl About {
    /// The description of a plugin with these options.
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

/// Makes a plugin of the world `transformer` of a function that turns one document into another.
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
/// A function that takes its options by value is `shout(Options)`, and one of a plugin without options is `shout` and takes
/// the document alone. The plugin's name is that of its
/// package, without `plugin-`, and its version is the package's.
///
/// What it prints goes to the host's log by the contract, and nothing of WASI is imported for that. A plugin that writes
/// files or reads variables says `wasi: true` behind `run`.
///
/// A media type that is none does not compile:
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
            "the parts are, in this order: summary: \"…\", takes: [\"…\"], gives: [\"…\"], run: function(Options), wasi: true (if need be)"
        );
    };
}

/// Makes the constant `ABOUT`, whose media types are looked at.
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

/// Exports nothing on the author's machine, and looks at the functions' types.
#[doc(hidden)]
#[macro_export]
#[cfg(not(target_family = "wasm"))]
macro_rules! __export_transformer {
    ($describe:ident, $transform:ident, $($wasi:tt)?) => {
        const _: (fn() -> $crate::Description, $crate::__private::Transform) =
            ($describe, $transform);
    };
}

/// What a world's `transform` is.
pub type Transform = fn(Document, Vec<Setting>) -> Result<Document, Failure>;

/// Calls the plugin's function, with the options that the settings are.
///
/// # Errors
///
/// Says which option is not there, or does not take its value, or what the function says.
pub fn transform<O: Options>(
    run: fn(Document, O) -> Result<Document, Failure>,
    input: Document,
    settings: Vec<Setting>,
) -> Result<Document, Failure> {
    run(input, O::read(settings)?)
}
