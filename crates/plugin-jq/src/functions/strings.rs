//! Functions of strings: parts, characters and ends.

use jaq_core::native::Fun;
use jaq_core::{Error, ValR};

use super::{Data, of_argument, of_input, text};
use crate::value::arithmetic::split;
use crate::value::{Val, error, into_values, wrong};

pub(super) fn natives() -> Vec<Fun<Data>> {
    let mut natives = of_input! {
        "explode" => |value| {
            let text = string(&value, "explode input must be a string")?;
            Ok(text.chars().map(|c| Val::from(f64::from(u32::from(c)))).collect())
        },
        "implode" => implode,
        "ascii_downcase" => |value| {
            let text = string(&value, "explode input must be a string")?;
            Ok(Val::text(text.to_ascii_lowercase()))
        },
        "ascii_upcase" => |value| {
            let text = string(&value, "explode input must be a string")?;
            Ok(Val::text(text.to_ascii_uppercase()))
        },
        "trim" => |value| trimmed(value, str::trim),
        "ltrim" => |value| trimmed(value, str::trim_start),
        "rtrim" => |value| trimmed(value, str::trim_end),
        "utf8bytelength" => |value: Val| match &value {
            Val::Text(text) => Ok(Val::from(text.len())),
            _ => Err(wrong(&value, "only strings have UTF-8 byte length")),
        },
    };
    natives.extend(of_argument! {
        "split" => |value: Val, separator: &Val| match (&value, separator) {
            (Val::Text(value), Val::Text(separator)) => Ok(split(value, separator)),
            _ => Err(error("split input and separator must be strings")),
        },
        "startswith" => |value: Val, start: &Val| {
            let (value, start) = strings(&value, start, STARTS)?;
            Ok(Val::from(value.starts_with(start)))
        },
        "endswith" => |value: Val, end: &Val| {
            let (value, end) = strings(&value, end, ENDS)?;
            Ok(Val::from(value.ends_with(end)))
        },
        "ltrimstr" => |value: Val, start: &Val| {
            let (text, start) = strings(&value, start, STARTS)?;
            Ok(text.strip_prefix(start).map_or_else(|| value.clone(), Val::text))
        },
        "rtrimstr" => |value: Val, end: &Val| {
            let (text, end) = strings(&value, end, ENDS)?;
            Ok(text.strip_suffix(end).map_or_else(|| value.clone(), Val::text))
        },
        "trimstr" => |value: Val, both: &Val| {
            let (text, both) = strings(&value, both, STARTS)?;
            let text = text.strip_prefix(both).unwrap_or(text);
            Ok(Val::text(text.strip_suffix(both).unwrap_or(text)))
        },
        "_strindices" => |value: Val, part: &Val| {
            let Val::Text(value) = &value else {
                return Err(wrong(&value, "cannot be searched, as it is not a string"));
            };
            Ok(places(value, text(part)?))
        },
    });
    natives
}

const STARTS: &str = "startswith() requires string inputs";
const ENDS: &str = "endswith() requires string inputs";

/// Returns where `part` begins in a string, counted in characters. Matches can overlap.
pub(super) fn places(text: &str, part: &str) -> Val {
    if part.is_empty() {
        return Val::array(Vec::new());
    }
    let mut places = Vec::new();
    let (mut from, mut characters) = (0, 0);
    while let Some(place) = text[from..].find(part) {
        characters += text[from..from + place].chars().count();
        places.push(Val::from(characters));
        let first = text[from + place..].chars().next().map_or(1, char::len_utf8);
        from += place + first;
        characters += 1;
    }
    Val::array(places)
}

fn implode(value: Val) -> ValR<Val> {
    let Val::Array(array) = value else { return Err(error("implode input must be an array")) };
    let mut text = String::new();
    for value in into_values(array) {
        let Some(number) = value.number().filter(|number| !number.is_nan()) else {
            let message = "can't be imploded, unicode codepoint needs to be numeric";
            return Err(wrong(&value, message));
        };
        let character = u32::try_from(number as i64).ok().and_then(char::from_u32);
        text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    Ok(Val::text(text))
}

fn trimmed(value: Val, trim: fn(&str) -> &str) -> ValR<Val> {
    let text = string(&value, "trim input must be a string")?;
    let trimmed = trim(text);
    if trimmed.len() == text.len() { Ok(value) } else { Ok(Val::text(trimmed)) }
}

fn string<'a>(value: &'a Val, otherwise: &str) -> Result<&'a str, Error<Val>> {
    match value {
        Val::Text(text) => Ok(text),
        _ => Err(error(otherwise)),
    }
}

fn strings<'a>(
    one: &'a Val,
    other: &'a Val,
    otherwise: &str,
) -> Result<(&'a str, &'a str), Error<Val>> {
    Ok((string(one, otherwise)?, string(other, otherwise)?))
}
