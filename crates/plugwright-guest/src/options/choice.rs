//! Options that take one of a few named values.

use std::ops::Deref;

use crate::Invalid;

/// An enum whose cases have names that are values of an option. [`choices!`](crate::choices!) declares such an enum.
pub trait Choice: Copy + PartialEq + 'static {
    /// All cases, in the order in which a person should read them.
    const ALL: &'static [Self];

    /// The names of all cases, in the same order.
    const NAMES: &'static [&'static str];

    /// Returns the name of this case.
    fn name(self) -> &'static str;
}

/// Declares an enum whose cases are the values of an option, with a name for each case.
///
/// ```
/// use plugwright_guest::{Choice, choices};
///
/// choices! {
///     /// The format of the output.
///     pub enum Output {
///         /// One array.
///         Json = "json",
///         /// A value on each line.
///         Lines = "lines",
///     }
/// }
///
/// assert_eq!(Output::Lines.name(), "lines");
/// assert_eq!(Output::ALL, [Output::Json, Output::Lines]);
/// ```
#[macro_export]
macro_rules! choices {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$case_attribute:meta])* $case:ident = $text:literal),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $visibility enum $name {
            $($(#[$case_attribute])* $case,)+
        }

        impl $crate::Choice for $name {
            const ALL: &'static [Self] = &[$(Self::$case),+];
            const NAMES: &'static [&'static str] = &[$($text),+];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$case => $text,)+
                }
            }
        }
    };
}

/// A list of choices that may have spaces around names, and may have empty entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spaced<C>(pub Vec<C>);

impl<C> Deref for Spaced<C> {
    type Target = [C];

    fn deref(&self) -> &[C] {
        &self.0
    }
}

/// Makes the error for a text that is none of these names.
pub fn none_of(text: &str, names: &[&str]) -> Invalid {
    let mut message = format!("`{text}` is none of ");
    for (index, name) in names.iter().enumerate() {
        message.push_str(if index == 0 { "`" } else { ", `" });
        message.push_str(name);
        message.push('`');
    }
    Invalid::new(message)
}

/// Returns whether the text is one of these names.
pub const fn is_one_of(text: &str, names: &[&str]) -> bool {
    let mut index = 0;
    while index < names.len() {
        if is_same(text.as_bytes(), names[index].as_bytes()) {
            return true;
        }
        index += 1;
    }
    false
}

/// Returns the choice of this name.
pub(super) fn one<C: Choice>(text: &str) -> Result<C, Invalid> {
    place(text, C::NAMES).map(|place| C::ALL[place])
}

fn place(text: &str, names: &[&str]) -> Result<usize, Invalid> {
    names.iter().position(|name| *name == text).ok_or_else(|| none_of(text, names))
}

/// Returns the wanted choices, each once, in the order of their declaration.
pub(super) fn in_order<C: Choice>(wanted: &[C]) -> Vec<C> {
    C::ALL.iter().filter(|choice| wanted.contains(choice)).copied().collect()
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}
