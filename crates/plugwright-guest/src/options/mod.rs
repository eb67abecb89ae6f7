//! Options: a struct declares them, and the parser, the description and the errors are generated from it.

mod choice;
mod kind;
mod value;

pub use choice::{Choice, Spaced, is_one_of, none_of};
pub use kind::{Kind, write_kinds};
pub use value::{Value, within};

use crate::Failure;

/// One option with the value that the caller sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The name of an option that the plugin describes.
    pub key: String,
    /// The value as text.
    pub value: String,
}

impl Setting {
    /// Sets the option `key` to `value`.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

/// The description of one option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionDescription {
    /// The name, in `kebab-case`.
    pub key: String,
    /// The value that is used if the caller sets none.
    pub default: String,
    /// What the option does and which values it takes, in one sentence.
    pub help: String,
}

/// The options of one call. [`options!`](crate::options!) implements this trait.
pub trait Options: Sized {
    /// The name of each option, and the kind of values that it takes.
    const KINDS: &'static [(&'static str, Kind)];

    /// Reads settings. If an option is set twice, the last value counts.
    ///
    /// # Errors
    ///
    /// Fails if an option is unknown or does not take its value.
    fn read(settings: impl IntoIterator<Item = Setting>) -> Result<Self, Failure>;

    /// Describes the options, in the order in which they are declared.
    fn describe() -> Vec<OptionDescription>;
}

/// No options: every setting is an unknown option.
impl Options for () {
    const KINDS: &'static [(&'static str, Kind)] = &[];

    fn read(settings: impl IntoIterator<Item = Setting>) -> Result<Self, Failure> {
        match settings.into_iter().next() {
            Some(Setting { key, .. }) => Err(Failure::UnknownOption(key)),
            None => Ok(()),
        }
    }

    fn describe() -> Vec<OptionDescription> {
        Vec::new()
    }
}

/// Declares the options of a plugin: a struct with a line for each option.
///
/// ```
/// use plugwright_guest::{Invalid, Options as _, choices, options};
///
/// options! {
///     /// How a text is quoted.
///     struct Options {
///         /// `true` also quotes words that are quoted already
///         again: bool = false;
///         /// how many quotes stand on each side, from 1 to 3
///         marks: u8 = 1, in 1..=3;
///         /// which quotes: `straight` or `curly`
///         style: Style = Style::Straight;
///         /// what is quoted, separated by commas
///         parts: Vec<Part> = Part::ALL;
///         /// what stands between words
///         separator: String = " ";
///         /// the least length of a line: a number of characters, or `none`
///         line_length: Option<u16> = "none", by line_length;
///         /// the line end: `lf` or `crlf`
///         line_end: &'static str = "lf", of { "lf" => "\n", "crlf" => "\r\n" };
///     }
///     check Options::check
/// }
///
/// choices! {
///     enum Style { Straight = "straight", Curly = "curly" }
/// }
/// // For `Part::ALL`.
/// use plugwright_guest::Choice as _;
///
/// choices! {
///     enum Part { Words = "words", Lines = "lines" }
/// }
///
/// fn line_length(text: &str) -> Result<Option<u16>, Invalid> {
///     match text {
///         "none" => Ok(None),
///         _ => text.parse().map(Some).map_err(|_| Invalid::new(format!("`{text}` is not a length"))),
///     }
/// }
///
/// impl Options {
///     fn check(&self) -> Result<(), plugwright_guest::Failure> {
///         match self.again && self.style == Style::Curly {
///             true => Err(Invalid::new("`curly` quotes cannot be nested").of_option("style")),
///             false => Ok(()),
///         }
///     }
/// }
///
/// let options = Options::read([]).unwrap();
/// assert_eq!((options.marks, options.line_end, options.parts.len()), (1, "\n", 2));
/// assert_eq!(Options::describe()[5].key, "line-length");
/// # use plugwright_guest::Setting;
/// let error = |key: &str, value: &str| Options::read([Setting::new(key, value)]).err().unwrap().to_string();
/// assert_eq!(error("marks", "4"), "option `marks`: `4` is not a whole number from 1 to 3");
/// assert_eq!(error("line-end", "cr"), "option `line-end`: `cr` is none of `lf`, `crlf`");
/// assert_eq!(error("again", "yes"), "option `again`: `yes` is neither `true` nor `false`");
/// # assert_eq!(error("style", "x"), "option `style`: `x` is none of `straight`, `curly`");
/// # assert_eq!(error("nothing", "x"), "there is no option `nothing`");
/// # let both = Options::read([Setting::new("again", "true"), Setting::new("style", "curly")]).err().unwrap();
/// # assert_eq!(both.to_string(), "option `style`: `curly` quotes cannot be nested");
/// ```
///
/// The option's name is the name of its field in `kebab-case`, and its help is the field's doc comment, as one sentence.
/// The declaration decides which values the option takes:
///
/// | declaration | values |
/// | --- | --- |
/// | `bool = true` | `true` or `false` |
/// | `u8 = 1, in 1..=3`, or another integer type; the range is optional | a whole number in the range |
/// | `String = "…"` | any text |
/// | `Style = Style::Straight`, an enum of [`choices!`](crate::choices!) | the name of a choice |
/// | `Vec<Part> = Part::ALL` | names of choices, separated by commas; the vector has them in the order of declaration |
/// | `Spaced<Part> = Part::ALL` | the same list; spaces around names and empty entries are allowed |
/// | `T = "lf", of { "lf" => …, "crlf" => … }` | one of these texts, which stand for values of any type |
/// | `T = "none", by line_length` | every text that the function accepts: `fn(&str) -> Result<T, Invalid>` |
///
/// A default with `by` is checked only when the plugin runs, so a unit test should read the defaults. Every other
/// invalid default does not compile:
///
/// ```compile_fail
/// plugwright_guest::options! {
///     struct Options {
///         /// how many marks
///         marks: u8 = 4, in 1..=3;
///     }
/// }
/// ```
///
/// ```compile_fail
/// plugwright_guest::options! {
///     struct Options {
///         /// the line end
///         line_end: &'static str = "cr", of { "lf" => "\n", "crlf" => "\r\n" };
///     }
/// }
/// ```
#[macro_export]
macro_rules! options {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $(
                $(#[doc = $help:expr])+
                $field_visibility:vis $field:ident: $type:ty = $default:expr
                $(, in $range:expr)?
                $(, of { $($text:literal => $value:expr),+ $(,)? })?
                $(, by $function:path)?
                ;
            )*
        }
        $(check $check:path)?
    ) => {
        $(#[$attribute])*
        $visibility struct $name {
            $($(#[doc = $help])+ $field_visibility $field: $type,)*
        }

        impl $crate::Options for $name {
            const KINDS: &'static [(&'static str, $crate::Kind)] = &[$((
                $crate::__key!($field),
                $crate::__kind!($type $(, in $range)? $(, of { $($text)+ })? $(, by $function)?),
            )),*];

            fn read(
                settings: impl ::core::iter::IntoIterator<Item = $crate::Setting>,
            ) -> ::core::result::Result<Self, $crate::Failure> {
                // This is a struct, because local variables would hide functions of the same names.
                struct Set {
                    $($field: ::core::option::Option<$type>,)*
                }
                let mut set = Set { $($field: ::core::option::Option::None,)* };
                for $crate::Setting { key, value } in settings {
                    $(if key == $crate::__key!($field) {
                        let read = $crate::__read!(
                            &value, $type
                            $(, in $range)? $(, of { $($text => $value),+ })? $(, by $function)?
                        );
                        match read {
                            ::core::result::Result::Ok(read) => {
                                set.$field = ::core::option::Option::Some(read);
                                continue;
                            }
                            ::core::result::Result::Err(wrong) => {
                                let wrong: $crate::Invalid = wrong;
                                return ::core::result::Result::Err(wrong.of_option(key));
                            }
                        }
                    })*
                    return ::core::result::Result::Err($crate::Failure::UnknownOption(key));
                }
                let options = Self {
                    $($field: match set.$field {
                        ::core::option::Option::Some(read) => read,
                        ::core::option::Option::None => $crate::__default!(
                            $crate::__key!($field), $default, $type
                            $(, in $range)? $(, of { $($text => $value),+ })? $(, by $function)?
                        ),
                    },)*
                };
                $($check(&options)?;)?
                ::core::result::Result::Ok(options)
            }

            fn describe() -> ::std::vec::Vec<$crate::OptionDescription> {
                $crate::__private::describe(&[
                    $((
                        $crate::__key!($field),
                        ::core::concat!($($help),+),
                        || $crate::__shown!($default, $type $(, of { $($text)+ })? $(, by $function)?),
                    ),)*
                ])
            }
        }
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "an option is a doc comment with its help, and then `name: type = default;`, with `, in …`, `, of { … }` or `, by …` \
             before the semicolon"
        );
    };
}

/// Expands to code that reads a value.
#[doc(hidden)]
#[macro_export]
macro_rules! __read {
    ($text:expr, $type:ty) => { <$type as $crate::Value>::read($text) };
    ($text:expr, $type:ty, in $range:expr) => {{
        const RANGE: ::core::ops::RangeInclusive<$type> = $range;
        $crate::__private::within($text, &RANGE)
    }};
    ($text:expr, $type:ty, of { $($name:literal => $value:expr),+ }) => {
        match &**$text {
            $($name => ::core::result::Result::<$type, _>::Ok($value),)+
            _ => ::core::result::Result::Err($crate::__private::none_of($text, &[$($name),+])),
        }
    };
    ($text:expr, $type:ty, by $function:path) => { $function($text) };
}

/// Expands to the default value, after a check that the option takes it.
#[doc(hidden)]
#[macro_export]
macro_rules! __default {
    ($key:expr, $default:expr, $type:ty) => { <$type as $crate::Value>::from_default($default) };
    ($key:expr, $default:expr, $type:ty, in $range:expr) => {{
        const DEFAULT: $type = $default;
        const _: () = {
            let range: ::core::ops::RangeInclusive<$type> = $range;
            assert!(*range.start() <= *range.end(), "the range is empty");
            assert!(*range.start() <= DEFAULT && DEFAULT <= *range.end(), "the default is outside its range");
        };
        DEFAULT
    }};
    ($key:expr, $default:expr, $type:ty, of { $($name:literal => $value:expr),+ }) => {{
        const _: () =
            assert!($crate::__private::is_one_of($default, &[$($name),+]), "the default is not one of the values");
        match $default {
            $($name => $value,)+
            _ => ::core::unreachable!(),
        }
    }};
    ($key:expr, $default:expr, $type:ty, by $function:path) => {
        match $function($default) {
            ::core::result::Result::Ok(value) => value,
            ::core::result::Result::Err(wrong) => {
                let wrong: $crate::Invalid = wrong;
                return ::core::result::Result::Err(wrong.of_option($key));
            }
        }
    };
}

/// Expands to the kind of an option's values.
#[doc(hidden)]
#[macro_export]
macro_rules! __kind {
    ($type:ty) => { <$type as $crate::Value>::KIND };
    ($type:ty, in $range:expr) => {{
        let range: ::core::ops::RangeInclusive<$type> = $range;
        $crate::Kind::Integer { least: *range.start() as i128, most: *range.end() as i128 }
    }};
    ($type:ty, of { $($name:literal)+ }) => { $crate::Kind::Choice(&[$($name),+]) };
    ($type:ty, by $function:path) => { $crate::Kind::Text };
}

/// Expands to the default as text.
#[doc(hidden)]
#[macro_export]
macro_rules! __shown {
    ($default:expr, $type:ty) => {
        <$type as $crate::Value>::show($default)
    };
    ($default:expr, $type:ty, of { $($name:literal)+ }) => {
        ::std::borrow::ToOwned::to_owned($default)
    };
    ($default:expr, $type:ty, by $function:path) => {
        ::std::borrow::ToOwned::to_owned($default)
    };
}

/// Makes the descriptions of options.
pub fn describe(options: &[Described]) -> Vec<OptionDescription> {
    let options = options.iter().map(|(key, help, default)| OptionDescription {
        key: (*key).to_owned(),
        default: default(),
        help: help.trim_start().to_owned(),
    });
    options.collect()
}

/// The name of an option, its help, and a function that returns its default as text.
pub type Described = (&'static str, &'static str, fn() -> String);
