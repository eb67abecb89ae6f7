//! Gets, sets and deletes the value at a path, as jq's `getpath`, `setpath` and `delpaths` do.

use std::ops::Range;
use std::rc::Rc;

use jaq_core::Error;

use super::{Entries, Object, Val, error, order, told};

/// The greatest number of steps of a path.
pub(crate) const STEPS: usize = 10_000;

/// The greatest length to which writing at an index can extend an array.
const ARRAY: usize = 1 << 29;

type Result<T> = std::result::Result<T, Error<Val>>;

pub(super) fn no_iterable(value: &Val) -> Error<Val> {
    match value {
        Val::Null => error("Cannot iterate over null"),
        _ => error(format_args!("Cannot iterate over {} ({})", value.kind(), told(value))),
    }
}

/// Returns the value at `key`, or `null` if there is none.
pub(crate) fn get(value: &Val, key: &Val) -> Result<Val> {
    Ok(match (value, key) {
        (Val::Object(object), Val::Text(key)) => object.0.get(key).cloned().unwrap_or_default(),
        (Val::Array(array), Val::Array(part)) => indices(&array.0, &part.0),
        (Val::Array(_) | Val::Text(_), Val::Object(range)) => {
            let (start, end) = ends(range);
            slice(value, start, end)?
        }
        (Val::Null, Val::Text(_) | Val::Number(_) | Val::Decimal(_) | Val::Object(_)) => Val::Null,
        _ => match (value, key.number()) {
            (Val::Array(array), Some(index)) => {
                let index = position(index, array.0.len());
                index.and_then(|index| array.0.get(index)).cloned().unwrap_or_default()
            }
            _ => {
                let (of, kind, key) = (value.kind(), key.kind(), told(key));
                return Err(error(format_args!("Cannot index {of} with {kind} ({key})")));
            }
        },
    })
}

/// Returns whether `value` has something at `key`.
pub(crate) fn has(value: &Val, key: &Val) -> Result<bool> {
    match (value, key, key.number()) {
        (Val::Null, ..) => Ok(false),
        (Val::Object(object), Val::Text(key), _) => Ok(object.0.contains_key(key)),
        (Val::Array(array), _, Some(index)) => {
            // Negative indices do not occur here.
            Ok(index > -1.0 && index < array.0.len() as f64)
        }
        _ => {
            let (of, kind) = (value.kind(), key.kind());
            Err(error(format_args!("Cannot check whether {of} has a {kind} key")))
        }
    }
}

/// Returns a slice of an array, or of the characters of a string.
pub(crate) fn slice(value: &Val, start: Option<&Val>, end: Option<&Val>) -> Result<Val> {
    match value {
        Val::Null => Ok(Val::Null),
        Val::Array(array) => {
            let range = bounds(array.0.len(), start, end)?;
            Ok(Val::array(array.0[range].to_vec()))
        }
        Val::Text(text) if text.is_ascii() => Ok(Val::text(&text[bounds(text.len(), start, end)?])),
        Val::Text(text) => {
            let range = bounds(text.chars().count(), start, end)?;
            Ok(Val::text(text.chars().skip(range.start).take(range.len()).collect::<String>()))
        }
        _ => {
            let key = Val::from(start.cloned()..end.cloned());
            let (of, kind, key) = (value.kind(), key.kind(), told(&key));
            Err(error(format_args!("Cannot index {of} with {kind} ({key})")))
        }
    }
}

/// Returns the value with `new` at the end of `path`. Missing containers on the path are created.
pub(crate) fn set_path(value: Val, path: &[Val], new: Val) -> Result<Val> {
    update_path(value, path, |_| Ok(new))
}

/// Returns the value with the end of `path` replaced by the result of `update`.
pub(crate) fn update_path<E: From<Error<Val>>>(
    mut value: Val,
    path: &[Val],
    update: impl FnOnce(Val) -> std::result::Result<Val, E>,
) -> std::result::Result<Val, E> {
    if path.len() > STEPS {
        return Err(error("Path too deep").into());
    }
    let mut above = Vec::new();
    for key in path {
        let child = take(&mut value, key)?;
        above.push((value, key));
        value = child;
    }
    let new = update(value)?;
    let put = |new, (value, key)| set(value, key, new);
    Ok(above.into_iter().rev().try_fold(new, put)?)
}

/// Returns the value at the end of `path`.
pub(crate) fn get_path(value: &Val, path: &[Val]) -> Result<Val> {
    if path.len() > STEPS {
        return Err(error("Path too deep"));
    }
    path.iter().try_fold(value.clone(), |value, key| get(&value, key))
}

/// Returns the value without the ends of `paths`.
pub(crate) fn delete_paths(value: Val, paths: &[Val]) -> Result<Val> {
    let keys = |path: &Val| match path {
        Val::Array(keys) if keys.0.len() > STEPS => Err(error("Path too deep")),
        Val::Array(keys) => Ok(keys.clone()),
        _ => {
            let kind = path.kind();
            Err(error(format_args!("Path must be specified as array, not {kind}")))
        }
    };
    let mut paths = paths.iter().map(keys).collect::<Result<Vec<_>>>()?;
    paths.sort_by(|a, b| order::sorting_all(&a.0, &b.0));
    match paths.first() {
        None => return Ok(value),
        Some(path) if path.0.is_empty() => return Ok(Val::Null),
        Some(_) => {}
    }

    /// A container whose keys are at position `above.len()` of the paths.
    struct Level {
        value: Val,
        /// Its place in the container above it.
        key: Val,
        /// The paths that continue from here.
        rest: Range<usize>,
        /// The keys to delete from it, when everything below it is done.
        keys: Vec<Val>,
    }
    let mut above: Vec<Level> = Vec::new();
    let mut level = Level { value, key: Val::Null, rest: 0..paths.len(), keys: Vec::new() };
    loop {
        let place = above.len();
        let Some(first) = level.rest.next() else {
            let value = delete(level.value, &level.keys)?;
            let Some(parent) = above.pop() else { return Ok(value) };
            let key = level.key;
            level = Level { value: set(parent.value, &key, value)?, ..parent };
            continue;
        };
        let key = paths[first].0[place].clone();
        let same = |path: &Rc<super::Array>| path.0.get(place).is_some_and(|other| *other == key);
        let count = paths[level.rest.clone()].iter().take_while(|path| same(path)).count();
        let group = first..first + 1 + count;
        level.rest.start = group.end;
        if paths[first].0.len() == place + 1 {
            // Further paths from here are deleted with it.
            level.keys.push(key);
            continue;
        }
        match get(&level.value, &key)? {
            Val::Null => {}
            found => {
                // A value that was taken out has no other owners.
                drop(found);
                let child = take(&mut level.value, &key)?;
                above.push(level);
                level = Level { value: child, key, rest: group, keys: Vec::new() };
            }
        }
    }
}

/// Takes the value at `key` out of `value`, to be put back later. A slice is copied.
fn take(value: &mut Val, key: &Val) -> Result<Val> {
    match (&mut *value, key, key.number()) {
        (Val::Object(object), Val::Text(key), _) => {
            // Nothing is copied for a missing value.
            let there = object.0.contains_key(key);
            let entry = there.then(|| Rc::make_mut(object).0.get_mut(key)).flatten();
            Ok(entry.map(std::mem::take).unwrap_or_default())
        }
        (Val::Array(array), _, Some(index)) => {
            let index = position(index, array.0.len()).filter(|index| *index < array.0.len());
            Ok(index.map(|i| std::mem::take(&mut Rc::make_mut(array).0[i])).unwrap_or_default())
        }
        _ => get(value, key),
    }
}

/// Returns the value with `new` at `key`.
fn set(value: Val, key: &Val, new: Val) -> Result<Val> {
    match (value, key, key.number()) {
        (Val::Object(mut object), Val::Text(key), _) => {
            Rc::make_mut(&mut object).0.insert(key.clone(), new);
            Ok(Val::Object(object))
        }
        (Val::Null, Val::Text(key), _) => Ok(Val::object(Entries::from_iter([(key.clone(), new)]))),
        (Val::Array(mut array), _, Some(index)) => {
            set_index(&mut Rc::make_mut(&mut array).0, index, new)?;
            Ok(Val::Array(array))
        }
        (Val::Null, _, Some(index)) => {
            let mut values = Vec::new();
            set_index(&mut values, index, new)?;
            Ok(Val::array(values))
        }
        (value @ (Val::Array(_) | Val::Null), Val::Object(range), _) => {
            let mut array = match value {
                Val::Array(array) => array,
                _ => Rc::default(),
            };
            let (start, end) = ends(range);
            let range = bounds(array.0.len(), start, end)?;
            let Val::Array(new) = new else {
                return Err(error("A slice of an array can only be assigned another array"));
            };
            Rc::make_mut(&mut array).0.splice(range, super::into_values(new));
            Ok(Val::Array(array))
        }
        (Val::Text(_), Val::Object(_), _) => Err(error("Cannot update string slices")),
        (value, key, _) => {
            let (kind, of) = (key.kind(), value.kind());
            Err(error(format_args!("Cannot update field at {kind} index of {of}")))
        }
    }
}

fn set_index(values: &mut Vec<Val>, index: f64, new: Val) -> Result<()> {
    if index.is_nan() {
        return Err(error("Cannot set array element at NaN index"));
    }
    let Some(index) = position(index, values.len()) else {
        return Err(error("Out of bounds negative array index"));
    };
    let missing = (index + 1).saturating_sub(values.len());
    if index >= ARRAY || values.try_reserve(missing).is_err() {
        return Err(error("Array index too large"));
    }
    if missing > 0 {
        values.resize(index + 1, Val::Null);
    }
    values[index] = new;
    Ok(())
}

/// Returns the value without what it has at `keys`. All keys refer to the original value.
fn delete(value: Val, keys: &[Val]) -> Result<Val> {
    if keys.is_empty() {
        return Ok(value);
    }
    match value {
        Val::Null => Ok(Val::Null),
        Val::Object(mut object) => {
            let entries = &mut Rc::make_mut(&mut object).0;
            for key in keys {
                let Val::Text(key) = key else {
                    let kind = key.kind();
                    return Err(error(format_args!("Cannot delete {kind} field of object")));
                };
                entries.shift_remove(key);
            }
            Ok(Val::Object(object))
        }
        Val::Array(mut array) => {
            let length = array.0.len();
            let mut deleted = vec![false; length];
            for key in keys {
                let range = match (key, key.number()) {
                    (_, Some(index)) => {
                        let index = position(index, length).filter(|index| *index < length);
                        index.map_or(0..0, |index| index..index + 1)
                    }
                    (Val::Object(range), _) => {
                        let (start, end) = ends(range);
                        bounds(length, start, end)?
                    }
                    _ => {
                        let kind = key.kind();
                        return Err(error(format_args!("Cannot delete {kind} element of array")));
                    }
                };
                deleted[range].fill(true);
            }
            let mut deleted = deleted.into_iter();
            Rc::make_mut(&mut array).0.retain(|_| !deleted.next().unwrap_or_default());
            Ok(Val::Array(array))
        }
        _ => Err(error(format_args!("Cannot delete fields from {}", value.kind()))),
    }
}

/// Returns where `part` is in `values`.
fn indices(values: &[Val], part: &[Val]) -> Val {
    if part.is_empty() {
        return Val::array(Vec::new());
    }
    let found = values.windows(part.len()).enumerate();
    let found = found.filter(|(_, window)| order::same_all(window, part));
    found.map(|(index, _)| Val::from(index)).collect()
}

/// Converts an index from the beginning or, if negative, from the end. There is no place before the beginning, or for
/// `nan`.
fn position(index: f64, length: usize) -> Option<usize> {
    if index.is_nan() {
        return None;
    }
    let index = index.clamp(f64::from(i32::MIN), f64::from(i32::MAX)) as i64;
    usize::try_from(if index < 0 { index + length as i64 } else { index }).ok()
}

/// Returns the bounds of a slice, from the object that is its key.
fn ends(range: &Object) -> (Option<&Val>, Option<&Val>) {
    let end = |name: &str| range.0.get(&name.to_owned());
    (end("start"), end("end"))
}

/// Returns the range of a slice in this many values. Its start is rounded down, and its end up.
fn bounds(length: usize, start: Option<&Val>, end: Option<&Val>) -> Result<Range<usize>> {
    let number = |end: Option<&Val>, default: f64| match end {
        None | Some(Val::Null) => Ok(default),
        Some(end) => {
            let number = end.number().map(|number| if number.is_nan() { default } else { number });
            number.ok_or_else(|| error("Array/string slice indices must be integers"))
        }
    };
    let length = length as f64;
    let from_end = |number: f64| if number < 0.0 { number + length } else { number };
    let start = from_end(number(start, 0.0)?).clamp(0.0, length).floor();
    let end = from_end(number(end, length)?).clamp(start, length).ceil();
    Ok(start as usize..end as usize)
}
