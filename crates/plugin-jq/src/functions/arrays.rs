//! Functions of arrays: order, groups, places and containment.

use std::cmp::Ordering;
use std::rc::Rc;

use jaq_core::native::Fun;
use jaq_core::{Error, ValR, ValT as _};

use super::{Data, number, of_argument, of_input, values};
use crate::value::order::{compare, sorting};
use crate::value::paths::get;
use crate::value::{Val, error, into_values, wrong, wrong_pair};

const UNSORTABLE: &str = "cannot be sorted, as it is not an array";

pub(super) fn natives() -> Vec<Fun<Data>> {
    let mut natives = of_input! {
        "sort" => |value| {
            let mut values = values(value, UNSORTABLE)?;
            values.sort_by(sorting);
            Ok(Val::array(values))
        },
        "unique" => |value| {
            let mut values = values(value, UNSORTABLE)?;
            values.sort_by(sorting);
            values.dedup_by(|a, b| sorting(a, b).is_eq());
            Ok(Val::array(values))
        },
        "min" => |value: Val| extreme(&value, &value, Ordering::Less),
        "max" => |value: Val| extreme(&value, &value, Ordering::Greater),
        "reverse" => reverse,
    };
    natives.extend(of_argument! {
        "_sort_by" => |value: Val, keys: &Val| {
            let values = keyed(&value, keys)?.into_iter().map(|(_, value)| value);
            Ok(values.collect())
        },
        "_group_by" => |value: Val, keys: &Val| Ok(groups(&value, keys)?.map(Val::array).collect()),
        "_unique_by" => |value: Val, keys: &Val| {
            Ok(groups(&value, keys)?.filter_map(|group| group.into_iter().next()).collect())
        },
        "_min_by" => |value: Val, keys: &Val| extreme(&value, keys, Ordering::Less),
        "_max_by" => |value: Val, keys: &Val| extreme(&value, keys, Ordering::Greater),
        "flatten" => flatten,
        "bsearch" => |value: Val, wanted: &Val| search(&value, wanted),
        "join" => join,
        "contains" => |value: Val, part: &Val| contains(&value, part).map(Val::from),
        "indices" => |value: Val, part: &Val| match (&value, part) {
            (Val::Text(text), Val::Text(part)) => Ok(super::strings::places(text, part)),
            (Val::Array(_), Val::Array(_)) => get(&value, part),
            (Val::Array(_), _) => get(&value, &Val::array(vec![part.clone()])),
            _ => get(&value, part),
        },
    });
    natives
}

/// Returns values with their keys, sorted by key.
fn keyed(value: &Val, keys: &Val) -> Result<Vec<(Val, Val)>, Error<Val>> {
    let (Val::Array(values), Val::Array(keys)) = (value, keys) else {
        return Err(wrong(value, UNSORTABLE));
    };
    let values = into_values(Rc::clone(values));
    let mut keyed: Vec<_> = into_values(Rc::clone(keys)).into_iter().zip(values).collect();
    keyed.sort_by(|(a, _), (b, _)| sorting(a, b));
    Ok(keyed)
}

/// Groups values with the same key.
fn groups(value: &Val, keys: &Val) -> Result<impl Iterator<Item = Vec<Val>> + use<>, Error<Val>> {
    let mut groups: Vec<(Val, Vec<Val>)> = Vec::new();
    for (key, value) in keyed(value, keys)? {
        match groups.last_mut() {
            Some((last, group)) if sorting(last, &key).is_eq() => group.push(value),
            _ => groups.push((key, vec![value])),
        }
    }
    Ok(groups.into_iter().map(|(_, group)| group))
}

/// Returns the first value with the least key, or the last value with the greatest key.
fn extreme(value: &Val, keys: &Val, which: Ordering) -> ValR<Val> {
    let (Val::Array(all), Val::Array(keys)) = (value, keys) else {
        return Err(wrong_pair(value, keys, "cannot be iterated over"));
    };
    let mut best: Option<(&Val, &Val)> = None;
    for (key, value) in keys.0.iter().zip(&all.0) {
        let better =
            best.is_none_or(|(least, _)| compare(key, least).is_lt() == (which == Ordering::Less));
        if better {
            best = Some((key, value));
        }
    }
    Ok(best.map(|(_, value)| value.clone()).unwrap_or_default())
}

fn reverse(value: Val) -> ValR<Val> {
    match value {
        Val::Null => Ok(Val::array(Vec::new())),
        Val::Text(text) => Ok(Val::text(text.chars().rev().collect::<String>())),
        Val::Array(array) => {
            let mut values = into_values(array);
            values.reverse();
            Ok(Val::array(values))
        }
        _ => Err(wrong(&value, "cannot be reversed, as it is not an array")),
    }
}

/// Flattens nested arrays, down to a depth.
fn flatten(value: Val, depth: &Val) -> ValR<Val> {
    let depth = number(depth)?;
    if depth < 0.0 {
        return Err(error("flatten depth must not be negative"));
    }
    let values = match value {
        Val::Array(array) => into_values(array),
        Val::Object(object) => object.0.values().cloned().collect(),
        _ => return Err(wrong(&value, "cannot be flattened, as it is not an array")),
    };
    let mut flat = Vec::new();
    let mut levels = vec![values.into_iter()];
    while let Some(level) = levels.last_mut() {
        match level.next() {
            None => _ = levels.pop(),
            Some(Val::Array(array)) if levels.len() as f64 <= depth => {
                levels.push(into_values(array).into_iter());
            }
            Some(value) => flat.push(value),
        }
    }
    Ok(Val::array(flat))
}

/// Joins the strings, numbers and booleans of an array to one string, with a separator.
fn join(value: Val, separator: &Val) -> ValR<Val> {
    let values = match value {
        Val::Array(array) => into_values(array),
        value => value.values().collect::<Result<_, _>>()?,
    };
    let mut joined: Option<Val> = None;
    for value in values {
        let value = match value {
            Val::Bool(_) | Val::Number(_) | Val::Decimal(_) => value.into_string(),
            Val::Null => Val::text(""),
            value => value,
        };
        joined = Some(match joined.take() {
            None => (Val::text("") + value)?,
            Some(before) => ((before + separator.clone())? + value)?,
        });
    }
    Ok(joined.unwrap_or_else(|| Val::text("")))
}

/// Returns the index of a value in a sorted array, or a negative number for the place where it would be.
fn search(value: &Val, wanted: &Val) -> ValR<Val> {
    let Val::Array(array) = value else {
        return Err(wrong(value, "cannot be searched from"));
    };
    Ok(match array.0.binary_search_by(|value| compare(wanted, value).reverse()) {
        Ok(index) => Val::from(index),
        Err(index) => Val::from(-1.0 - index as f64),
    })
}

/// Returns whether a value contains another. An array contains another if it contains each of its values, an object if
/// it contains the entries of the same names, and a string if the other is a part of it.
fn contains(value: &Val, part: &Val) -> Result<bool, Error<Val>> {
    // A pair to check becomes a list of alternatives for an array, of which one is enough.
    if value.kind() != part.kind() {
        return Err(wrong_pair(value, part, "cannot have their containment checked"));
    }
    within(value, part, 0)
}

/// The greatest depth of containment, which is checked recursively.
const DEPTH: usize = 1000;

fn within(value: &Val, part: &Val, depth: usize) -> Result<bool, Error<Val>> {
    if depth > DEPTH {
        return Err(error("Containment check too deep"));
    }
    Ok(match (value, part) {
        (Val::Object(value), Val::Object(part)) => {
            for (name, part) in &part.0 {
                let Some(value) = value.0.get(name) else { return Ok(false) };
                if !within(value, part, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Val::Array(values), Val::Array(parts)) => {
            'parts: for part in &parts.0 {
                for value in &values.0 {
                    if within(value, part, depth + 1)? {
                        continue 'parts;
                    }
                }
                return Ok(false);
            }
            true
        }
        (Val::Text(value), Val::Text(part)) => value.contains(&***part),
        _ => value == part,
    })
}
