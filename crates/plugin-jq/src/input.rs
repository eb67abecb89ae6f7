//! JSON to values, as strictly as JSON is defined, and no deeper than the stack allows.

use std::borrow::Cow;

use hifijson::token::{Expect, Lex};
use hifijson::value::{Value, parse_bounded};
use hifijson::{Error, SliceLexer, num};
use jaq_json::{Map, Num, Rc, Val};

/// How deep a value can be nested, itself and what is in the innermost array included.
pub(crate) const DEPTH: usize = 256;

/// The values of a text, one after the other, each with where it begins. Ends with the first error,
/// which says where it is and what.
pub(crate) struct Values<'a> {
    text: &'a str,
    lexer: SliceLexer<'a>,
    over: bool,
}

impl<'a> Values<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, lexer: SliceLexer::new(text.as_bytes()), over: false }
    }

    fn offset(&self) -> usize {
        self.text.len() - self.lexer.as_slice().len()
    }

    fn value(&mut self, first: u8) -> Result<Val, (usize, String)> {
        let begins =
            |byte: u8| matches!(byte, b'[' | b'{' | b'"' | b'-' | b'0'..=b'9' | b'a'..=b'z');
        // Two numbers or words need something between them, or `007` would be three values.
        let before = self.text.as_bytes()[..self.offset()].last().copied();
        let glued = before.is_some_and(|byte| byte.is_ascii_alphanumeric())
            && (first.is_ascii_alphanumeric() || first == b'-');
        if glued || !begins(first) {
            let message = if glued { "expected white space" } else { "expected a value" };
            return Err((self.offset(), message.to_owned()));
        }
        match parse_bounded(DEPTH, first, &mut self.lexer) {
            Ok(value) => Ok(convert(value)),
            Err(error) => Err(self.explain(&error)),
        }
    }

    fn explain(&self, error: &Error) -> (usize, String) {
        let mut offset = self.offset();
        let message = match error {
            Error::Depth => format!("the value is nested deeper than {DEPTH} levels"),
            Error::Num(_) => "expected a digit".to_owned(),
            Error::Str(error) => format!("broken string: {error}"),
            Error::Token(expected) => {
                // The first letter of what might have been `null` is read already.
                let before = self.text.as_bytes()[..offset].last();
                if *expected == Expect::Value && before.is_some_and(u8::is_ascii_lowercase) {
                    offset -= 1;
                }
                format!("expected {expected}")
            }
        };
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        (offset, message)
    }
}

impl Iterator for Values<'_> {
    type Item = Result<(usize, Val), (usize, String)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let first = self.lexer.ws_peek()?;
        let offset = self.offset();
        let value = self.value(first).map(|value| (offset, value));
        self.over = value.is_err();
        Some(value)
    }
}

fn convert(value: Value<&str, Cow<'_, str>>) -> Val {
    match value {
        Value::Null => Val::Null,
        Value::Bool(value) => Val::Bool(value),
        Value::Number((digits, parts)) => Val::Num(number(digits, &parts)),
        Value::String(text) => Val::utf8_str(text.into_owned()),
        Value::Array(values) => values.into_iter().map(convert).collect(),
        Value::Object(entries) => {
            let key = |key: Cow<'_, str>| Val::utf8_str(key.into_owned());
            Val::obj(
                entries
                    .into_iter()
                    .map(|(name, value)| (key(name), convert(value)))
                    .collect::<Map>(),
            )
        }
    }
}

/// A number that keeps its digits: whole ones of any size, and others as they are written.
fn number(digits: &str, parts: &num::Parts) -> Num {
    let whole = parts.is_int() && digits != "-0";
    let whole = whole.then(|| Num::from_str_radix(digits, 10)).flatten();
    whole.unwrap_or_else(|| Num::Dec(Rc::new(digits.to_owned())))
}
