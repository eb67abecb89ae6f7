//! Parses JSON strictly.

use std::rc::Rc;

use hifijson::num::LexWrite as _;
use hifijson::str::LexAlloc as _;
use hifijson::token::{Expect, Lex as _};
use hifijson::{Error, Read as _, SliceLexer};

use super::{Entries, Text, Val, number};

/// The greatest depth of a parsed value, as in jq.
pub(crate) const DEPTH: usize = 10_000;

/// Returns the values of a text, one after the other, each with its place. Ends with the first error, with its place.
pub(crate) struct Values<'a> {
    text: &'a str,
    lexer: SliceLexer<'a>,
    names: Names,
    over: bool,
}

/// The names of recently parsed entries, because neighbouring objects usually have the same names.
#[derive(Default)]
struct Names(Vec<Text>);

/// A container that is being parsed.
enum Level {
    Array(Vec<Val>),
    /// An object, with the name of the entry whose value comes next.
    Object(Entries, Text),
}

impl<'a> Values<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, lexer: SliceLexer::new(text.as_bytes()), names: Names::default(), over: false }
    }

    fn offset(&self) -> usize {
        self.text.len() - self.lexer.as_slice().len()
    }

    fn value(&mut self, first: u8) -> Result<Val, (usize, String)> {
        let begins =
            |byte: u8| matches!(byte, b'[' | b'{' | b'"' | b'-' | b'0'..=b'9' | b'a'..=b'z');
        // Two numbers or words need a separator, or `007` would be three values.
        let before = self.text.as_bytes()[..self.offset()].last().copied();
        let glued = before.is_some_and(|byte| byte.is_ascii_alphanumeric())
            && (first.is_ascii_alphanumeric() || first == b'-');
        if glued || !begins(first) {
            let message = if glued { "expected white space" } else { "expected a value" };
            return Err((self.offset(), message.to_owned()));
        }
        parse(first, &mut self.lexer, &mut self.names).map_err(|error| self.explain(&error))
    }

    fn explain(&self, error: &Error) -> (usize, String) {
        let mut offset = self.offset();
        let message = match error {
            Error::Depth => format!("the value is nested deeper than {DEPTH} levels"),
            Error::Num(_) => "expected a digit".to_owned(),
            Error::Str(error) => format!("broken string: {error}"),
            Error::Token(expected) => {
                // The first letter of a possible `null` was already read.
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

/// Parses a value that begins with `first`. It keeps the open containers in a list, and is not recursive.
fn parse(mut first: u8, lexer: &mut SliceLexer<'_>, names: &mut Names) -> Result<Val, Error> {
    let mut levels: Vec<Level> = Vec::new();
    loop {
        let mut value = match first {
            b'[' | b'{' => {
                if levels.len() == DEPTH {
                    return Err(Error::Depth);
                }
                lexer.take_next();
                let next = lexer.ws_peek().ok_or(Expect::ValueOrEnd)?;
                if next == first + 2 {
                    lexer.take_next();
                    if first == b'[' {
                        Val::array(Vec::new())
                    } else {
                        Val::object(Entries::default())
                    }
                } else if first == b'[' {
                    levels.push(Level::Array(Vec::new()));
                    first = next;
                    continue;
                } else {
                    let key = name(next, lexer, names)?;
                    levels.push(Level::Object(Entries::default(), key));
                    first = lexer.ws_peek().ok_or(Expect::Value)?;
                    continue;
                }
            }
            _ => scalar(first, lexer)?,
        };
        // Closes everything that ends with this value.
        loop {
            let Some(level) = levels.last_mut() else { return Ok(value) };
            let next = lexer.ws_peek().ok_or(Expect::CommaOrEnd)?;
            match level {
                Level::Array(values) => values.push(value),
                Level::Object(entries, key) => _ = entries.insert(std::mem::take(key), value),
            }
            match (next, level) {
                (b',', Level::Array(_)) => {
                    lexer.take_next();
                    first = lexer.ws_peek().ok_or(Expect::Value)?;
                    break;
                }
                (b',', Level::Object(_, key)) => {
                    lexer.take_next();
                    let next = lexer.ws_peek().ok_or(Expect::Value)?;
                    *key = name(next, lexer, names)?;
                    first = lexer.ws_peek().ok_or(Expect::Value)?;
                    break;
                }
                (b']', Level::Array(values)) => value = Val::array(std::mem::take(values)),
                (b'}', Level::Object(entries, _)) => value = Val::object(std::mem::take(entries)),
                _ => return Err(Expect::CommaOrEnd.into()),
            }
            lexer.take_next();
            levels.pop();
        }
    }
}

/// Parses the name of an entry and the colon after it.
fn name(next: u8, lexer: &mut SliceLexer<'_>, names: &mut Names) -> Result<Text, Error> {
    lexer.expect(|_| Some(next), b'"').ok_or(Expect::String)?;
    let name = lexer.str_string().map_err(Error::Str)?;
    lexer.expect(SliceLexer::ws_peek, b':').ok_or(Expect::Colon)?;
    Ok(names.get(&name))
}

impl Names {
    /// How many names are kept.
    const COUNT: usize = 64;

    fn get(&mut self, name: &str) -> Text {
        let bytes = name.as_bytes();
        let byte = |place: usize| usize::from(bytes.get(place).copied().unwrap_or_default());
        let place =
            (bytes.len() + 3 * byte(0) + 7 * byte(bytes.len() / 2) + 13 * byte(1)) % Self::COUNT;
        if self.0.is_empty() {
            self.0.resize(Self::COUNT, Text::default());
        }
        let kept = &mut self.0[place];
        if **kept != name {
            *kept = Rc::new(name.to_owned());
        }
        Rc::clone(kept)
    }
}

fn scalar(first: u8, lexer: &mut SliceLexer<'_>) -> Result<Val, Error> {
    Ok(match first {
        b'a'..=b'z' => match lexer.null_or_bool().ok_or(Expect::Value)? {
            None => Val::Null,
            Some(value) => Val::Bool(value),
        },
        b'0'..=b'9' | b'-' => number::read(lexer.num_string().validated()?.0),
        b'"' => {
            lexer.take_next();
            Val::text(lexer.str_string().map_err(Error::Str)?)
        }
        _ => return Err(Expect::Value.into()),
    })
}
