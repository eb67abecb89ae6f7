//! Values as in jq: JSON with numbers that keep their digits until a filter calculates with them. Values can be nested
//! without limit, because no function here is recursive.

pub(crate) mod arithmetic;
mod number;
pub(crate) mod order;
pub(crate) mod paths;
mod read;
mod write;

use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use jaq_core::box_iter::{BoxIter, box_once};
use jaq_core::path::Opt;
use jaq_core::{Error, Exn, ValR, ValT, ValX};

pub(crate) use number::{Decimal, read_written as read_number};
pub(crate) use read::Values;
pub(crate) use write::{Style, told, write};

/// A string. Appending to a string without other owners copies nothing.
pub(crate) type Text = Rc<String>;

/// The entries of an object, in the order of insertion.
pub(crate) type Entries = indexmap::IndexMap<Text, Val, foldhash::fast::FixedState>;

#[derive(Clone, Default)]
pub(crate) enum Val {
    #[default]
    Null,
    Bool(bool),
    Number(f64),
    /// A number whose text differs from the number that is calculated with.
    Decimal(Rc<Decimal>),
    Text(Text),
    Array(Rc<Array>),
    Object(Rc<Object>),
}

/// The contents of an array.
#[derive(Clone, Default)]
pub(crate) struct Array(pub(crate) Vec<Val>);

/// The contents of an object.
#[derive(Clone, Default)]
pub(crate) struct Object(pub(crate) Entries);

impl Val {
    pub(crate) fn array(values: Vec<Self>) -> Self {
        Self::Array(Rc::new(Array(values)))
    }

    pub(crate) fn object(entries: Entries) -> Self {
        Self::Object(Rc::new(Object(entries)))
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(Rc::new(text.into()))
    }

    /// Returns the name of the type, as in jq.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) | Self::Decimal(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    pub(crate) fn is_container(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// Returns the number that is calculated with, if the value is a number.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Decimal(decimal) => Some(decimal.number),
            _ => None,
        }
    }
}

/// Takes the values out of an array. Copies them if the array has other owners.
pub(crate) fn into_values(array: Rc<Array>) -> Vec<Val> {
    match Rc::try_unwrap(array) {
        Ok(mut array) => std::mem::take(&mut array.0),
        Err(array) => array.0.clone(),
    }
}

/// Makes an error with one of jq's messages.
pub(crate) fn error(message: impl ToString) -> Error<Val> {
    Error::str(message)
}

/// Makes an error about a value, with its type and its beginning.
pub(crate) fn wrong(value: &Val, message: &str) -> Error<Val> {
    error(format_args!("{} ({}) {message}", value.kind(), told(value)))
}

/// Makes an error about two values.
pub(crate) fn wrong_pair(left: &Val, right: &Val, message: &str) -> Error<Val> {
    let (l, r) = (told(left), told(right));
    error(format_args!("{} ({l}) and {} ({r}) {message}", left.kind(), right.kind()))
}

/// Takes containers without other owners out of `value`, one by one. Dropping nested containers recursively would need
/// stack for each level.
fn release(value: Val, to: &mut Vec<Val>) {
    let nested = match &value {
        Val::Array(array) => Rc::strong_count(array) == 1 && !array.0.is_empty(),
        Val::Object(object) => Rc::strong_count(object) == 1 && !object.0.is_empty(),
        _ => false,
    };
    if nested {
        to.push(value);
    }
}

fn dismantle(mut waiting: Vec<Val>) {
    while let Some(value) = waiting.pop() {
        match value {
            Val::Array(mut array) => {
                if let Some(array) = Rc::get_mut(&mut array) {
                    array.0.drain(..).for_each(|value| release(value, &mut waiting));
                }
            }
            Val::Object(mut object) => {
                if let Some(object) = Rc::get_mut(&mut object) {
                    object.0.drain(..).for_each(|(_, value)| release(value, &mut waiting));
                }
            }
            _ => {}
        }
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        let mut waiting = Vec::new();
        self.0.drain(..).for_each(|value| release(value, &mut waiting));
        dismantle(waiting);
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        let mut waiting = Vec::new();
        self.0.drain(..).for_each(|(_, value)| release(value, &mut waiting));
        dismantle(waiting);
    }
}

impl fmt::Display for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        write(self, Style::Compact, &mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

impl From<bool> for Val {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Val {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<isize> for Val {
    fn from(value: isize) -> Self {
        Self::Number(value as f64)
    }
}

impl From<usize> for Val {
    fn from(value: usize) -> Self {
        Self::Number(value as f64)
    }
}

impl From<String> for Val {
    fn from(value: String) -> Self {
        Self::text(value)
    }
}

impl From<Range<Option<Self>>> for Val {
    fn from(range: Range<Option<Self>>) -> Self {
        let end =
            |name: &str, end: Option<Self>| (Rc::new(name.to_owned()), end.unwrap_or_default());
        Self::object(Entries::from_iter([end("start", range.start), end("end", range.end)]))
    }
}

impl FromIterator<Self> for Val {
    fn from_iter<T: IntoIterator<Item = Self>>(values: T) -> Self {
        Self::array(values.into_iter().collect())
    }
}

impl ValT for Val {
    fn from_num(digits: &str) -> ValR<Self> {
        Ok(read_number(digits).unwrap_or_default())
    }

    fn from_map<I: IntoIterator<Item = (Self, Self)>>(entries: I) -> ValR<Self> {
        let entry = |(key, value)| match key {
            Self::Text(key) => Ok((key, value)),
            _ => {
                let (kind, key) = (key.kind(), told(&key));
                Err(error(format_args!("Cannot use {kind} ({key}) as object key")))
            }
        };
        Ok(Self::object(entries.into_iter().map(entry).collect::<Result<_, _>>()?))
    }

    fn key_values(self) -> BoxIter<'static, ValR<(Self, Self), Self>> {
        match self {
            Self::Array(array) => {
                let values = into_values(array).into_iter().enumerate();
                Box::new(values.map(|(index, value)| Ok((Self::from(index), value))))
            }
            Self::Object(object) => {
                let entries = object.0.clone().into_iter();
                Box::new(entries.map(|(key, value)| Ok((Self::Text(key), value))))
            }
            _ => box_once(Err(paths::no_iterable(&self))),
        }
    }

    fn values(self) -> Box<dyn Iterator<Item = ValR<Self>>> {
        match self {
            Self::Array(array) => Box::new(into_values(array).into_iter().map(Ok)),
            Self::Object(mut object) => match Rc::get_mut(&mut object) {
                Some(object) => Box::new(std::mem::take(&mut object.0).into_values().map(Ok)),
                None => Box::new(object.0.clone().into_values().map(Ok)),
            },
            _ => box_once(Err(paths::no_iterable(&self))),
        }
    }

    fn index(self, index: &Self) -> ValR<Self> {
        paths::get(&self, index)
    }

    fn range(self, range: Range<Option<&Self>>) -> ValR<Self> {
        paths::slice(&self, range.start, range.end)
    }

    // Filters change values through paths, as in jq: `filter::meaning` ensures this.
    fn map_values<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        _: Opt,
        _: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        Err(Exn::from(Error::path_expr(self)))
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        _: &Self,
        _: Opt,
        _: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        Err(Exn::from(Error::path_expr(self)))
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        _: Range<Option<&Self>>,
        _: Opt,
        _: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        Err(Exn::from(Error::path_expr(self)))
    }

    fn as_bool(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    fn into_string(self) -> Self {
        match self {
            Self::Text(_) => self,
            _ => Self::text(self.to_string()),
        }
    }
}
