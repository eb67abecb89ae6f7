//! Types of options: how a text is parsed, and how a default is shown.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::choice::{self, Choice, Spaced};
use super::kind::Kind;
use crate::Invalid;

/// A type that an option can have without `in`, `of` or `by` in its declaration.
pub trait Value: Sized {
    /// The kind of values.
    const KIND: Kind;

    /// The type in which a declaration writes the default.
    type Default: Copy;

    /// Parses a value.
    ///
    /// # Errors
    ///
    /// Fails for any other text, with a message that names the allowed values.
    fn read(text: &str) -> Result<Self, Invalid>;

    /// Returns the default as a value.
    fn from_default(default: Self::Default) -> Self;

    /// Returns the default as the text that a caller would set.
    fn show(default: Self::Default) -> String;
}

impl Value for bool {
    const KIND: Kind = Kind::Boolean;

    type Default = Self;

    fn read(text: &str) -> Result<Self, Invalid> {
        text.parse().map_err(|_| Invalid::new(format!("`{text}` is neither `true` nor `false`")))
    }

    fn from_default(default: Self) -> Self {
        default
    }

    fn show(default: Self) -> String {
        default.to_string()
    }
}

impl Value for String {
    const KIND: Kind = Kind::Text;

    type Default = &'static str;

    fn read(text: &str) -> Result<Self, Invalid> {
        Ok(text.to_owned())
    }

    fn from_default(default: &'static str) -> Self {
        default.to_owned()
    }

    fn show(default: &'static str) -> String {
        default.to_owned()
    }
}

macro_rules! whole_numbers {
    ($($type:ident)+) => {$(
        impl Value for $type {
            const KIND: Kind = Kind::Integer { least: Self::MIN as i128, most: Self::MAX as i128 };

            type Default = Self;

            fn read(text: &str) -> Result<Self, Invalid> {
                within(text, &(Self::MIN..=Self::MAX))
            }

            fn from_default(default: Self) -> Self {
                default
            }

            fn show(default: Self) -> String {
                default.to_string()
            }
        }
    )+};
}

whole_numbers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

impl<C: Choice> Value for C {
    const KIND: Kind = Kind::Choice(C::NAMES);

    type Default = Self;

    fn read(text: &str) -> Result<Self, Invalid> {
        choice::one(text)
    }

    fn from_default(default: Self) -> Self {
        default
    }

    fn show(default: Self) -> String {
        default.name().to_owned()
    }
}

impl<C: Choice> Value for Vec<C> {
    const KIND: Kind = Kind::Choices(C::NAMES);

    type Default = &'static [C];

    fn read(text: &str) -> Result<Self, Invalid> {
        let mut wanted = Vec::new();
        let mut offset = 0;
        for name in text.split(',') {
            wanted.push(choice::one(name).map_err(|wrong| wrong.in_text(text, offset))?);
            offset += name.len() + 1;
        }
        Ok(choice::in_order(&wanted))
    }

    fn from_default(default: &'static [C]) -> Self {
        default.to_vec()
    }

    fn show(default: &'static [C]) -> String {
        let mut names = String::new();
        for choice in default {
            if !names.is_empty() {
                names.push(',');
            }
            names.push_str(choice.name());
        }
        names
    }
}

impl<C: Choice> Value for Spaced<C> {
    const KIND: Kind = Kind::Spaced(C::NAMES);

    type Default = &'static [C];

    fn read(text: &str) -> Result<Self, Invalid> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let wanted = names.map(choice::one).collect::<Result<Vec<C>, _>>()?;
        Ok(Self(choice::in_order(&wanted)))
    }

    fn from_default(default: &'static [C]) -> Self {
        Self(default.to_vec())
    }

    fn show(default: &'static [C]) -> String {
        Vec::<C>::show(default)
    }
}

/// Parses a whole number in the range.
///
/// # Errors
///
/// Fails for any other text, with a message that names the range.
pub fn within<N: FromStr + PartialOrd + Display>(
    text: &str,
    range: &RangeInclusive<N>,
) -> Result<N, Invalid> {
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        let (least, most) = (range.start(), range.end());
        Invalid::new(format!("`{text}` is not a whole number from {least} to {most}"))
    })
}
