//! Values of which there are a few, each with a name.

use std::ops::Deref;

use crate::Invalid;

/// A value of which there are a few, each with a name, as [`choices!`](crate::choices!) declares them.
pub trait Choice: Copy + PartialEq + 'static {
    /// All of them, in the order in which a person should read them.
    const ALL: &'static [Self];

    /// Their names, as values of an option, in the same order.
    const NAMES: &'static [&'static str];

    /// Its name.
    fn name(self) -> &'static str;
}

/// Declares an enum whose cases are the values of an option, each with its name.
///
/// ```
/// use plugwright_guest::{Choice, choices};
///
/// choices! {
///     /// What is written.
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

/// Choices that are named in a list, with spaces around names, or nothing between commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spaced<C>(pub Vec<C>);

impl<C> Deref for Spaced<C> {
    type Target = [C];

    fn deref(&self) -> &[C] {
        &self.0
    }
}

/// Says that the text is none of these names.
pub fn none_of(text: &str, names: &[&str]) -> Invalid {
    let mut message = format!("`{text}` is none of ");
    for (index, name) in names.iter().enumerate() {
        message.push_str(if index == 0 { "`" } else { ", `" });
        message.push_str(name);
        message.push('`');
    }
    Invalid::new(message)
}

/// Says whether the text is one of these names.
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

/// The choice of this name.
pub(super) fn one<C: Choice>(text: &str) -> Result<C, Invalid> {
    place(text, C::NAMES).map(|place| C::ALL[place])
}

fn place(text: &str, names: &[&str]) -> Result<usize, Invalid> {
    names.iter().position(|name| *name == text).ok_or_else(|| none_of(text, names))
}

/// All that are wanted, each once, in the order of the choices.
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
