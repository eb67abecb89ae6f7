//! Functions of paths, and the functions behind assignments and updates.

use std::rc::Rc;

use jaq_core::box_iter::box_once;
use jaq_core::native::{Fun, v};
use jaq_core::{Bind, Cv, Error, Exn, Native, ValT as _, ValXs};

use super::{Data, native, of_argument, of_input, once};
use crate::filter::{ASSIGN, ENTER, LAST, RECURSE, UPDATE, enter};
use crate::value::paths::{delete_paths, get_path, has, set_path, update_path};
use crate::value::{Entries, Text, Val, error, into_values, wrong};

pub(super) fn natives() -> Vec<Fun<Data>> {
    let function = || Bind::Fun(());
    let mut natives = vec![
        (UPDATE, Box::from([function(), function()]), Native::new(|call| update(call))),
        (ASSIGN, Box::from([function(), Bind::Var(())]), Native::new(|call| assign(call))),
        (
            RECURSE,
            v(0),
            Native::new(|call| {
                Box::new(recurse(call.1, |value: &Val, to| {
                    if value.is_container() {
                        to.extend(value.clone().values().flatten());
                    }
                }))
            })
            .with_paths(|call| {
                Box::new(recurse(call.1, |(value, path), to| {
                    if value.is_container() {
                        let entries = value.clone().key_values().flatten();
                        to.extend(entries.map(|(key, value)| (value, path.clone().cons(key))));
                    }
                }))
            }),
        ),
        (
            LAST,
            Box::from([function()]),
            Native::new(|mut call| {
                let (function, context) = call.0.pop_fun();
                let mut results = function.run((context, call.1));
                box_once(results.try_fold(Val::Null, |_, result| result))
            }),
        ),
        (
            ENTER,
            v(0),
            Native::new(|call| once(enter().map(|()| call.1)))
                .with_paths(|call| box_once(enter().map(|()| call.1).map_err(Exn::from))),
        ),
        (
            "getpath",
            v(1),
            Native::new(|mut call| {
                let path = call.0.pop_var();
                once(keys(&path).and_then(|path| get_path(&call.1, path)))
            })
            .with_paths(|mut call| {
                let keys_of = call.0.pop_var();
                let (value, path) = call.1;
                let found = keys(&keys_of).and_then(|keys| {
                    // Containers on the path need not exist.
                    let value = get_path(&value, keys)?;
                    Ok((value, path.extend(keys.iter().cloned())))
                });
                box_once(found.map_err(Exn::from))
            }),
        ),
        native("setpath", 2, |mut call| {
            let (new, path) = (call.0.pop_var(), call.0.pop_var());
            once(keys(&path).and_then(|path| set_path(call.1, path, new)))
        }),
        ("walk", Box::from([function()]), Native::new(|call| walk(call))),
        native("tostream", 0, |call| Box::new(events(call.1).map(Ok))),
    ];
    natives.extend(of_argument! {
        "delpaths" => |value, paths: &Val| match paths {
            Val::Array(paths) => delete_paths(value, &paths.0),
            _ => Err(error("Paths must be specified as an array")),
        },
        "has" => |value: Val, key: &Val| has(&value, key).map(Val::from),
    });
    natives.extend(of_input! {
        "keys" => |value: Val| keys_of(&value, true),
        "keys_unsorted" => |value: Val| keys_of(&value, false),
    });
    natives
}

/// Replaces the value at each path of the first function with the first result of the second function. Values without a
/// result are deleted at the end.
fn update<'a>(mut call: Cv<'a, Data>) -> ValXs<'a, Val> {
    let (update, update_context) = call.0.pop_fun();
    let (paths, context) = call.0.pop_fun();
    let updated = || {
        let mut value = call.1.clone();
        let mut deleted = Vec::new();
        for place in paths.paths((context, (call.1, Default::default()))) {
            let keys = in_order(place?.1.iter());
            let first = |old: Val| update.run((update_context.clone(), old)).next();
            let mut missing = false;
            value = update_path(value, &keys, |old| match first(old) {
                Some(new) => new,
                None => {
                    missing = true;
                    Ok(Val::Null)
                }
            })?;
            if missing {
                deleted.push(Val::array(keys));
            }
        }
        Ok(delete_paths(value, &deleted)?)
    };
    box_once(updated())
}

/// Puts a value at each path of a function.
fn assign<'a>(mut call: Cv<'a, Data>) -> ValXs<'a, Val> {
    let new = call.0.pop_var();
    let (paths, context) = call.0.pop_fun();
    let assigned = || {
        let mut value = call.1.clone();
        for place in paths.paths((context, (call.1, Default::default()))) {
            value = set_path(value, &in_order(place?.1.iter()), new.clone())?;
        }
        Ok(value)
    };
    box_once(assigned())
}

/// Replaces each value, from the inside to the outside, with the results of a function: with all of them in an array,
/// and with the first in an object.
fn walk<'a>(mut call: Cv<'a, Data>) -> ValXs<'a, Val> {
    /// A container whose values are replaced one after the other.
    struct Level {
        waiting: Box<dyn Iterator<Item = (Option<Text>, Val)>>,
        name: Option<Text>,
        done: Val,
    }
    let (function, context) = call.0.pop_fun();
    let level = |value: Val| match value {
        Val::Array(array) => Level {
            waiting: Box::new(into_values(array).into_iter().map(|value| (None, value))),
            name: None,
            done: Val::array(Vec::new()),
        },
        Val::Object(object) => Level {
            waiting: Box::new(
                object.0.clone().into_iter().map(|(name, value)| (Some(name), value)),
            ),
            name: None,
            done: Val::object(Entries::default()),
        },
        value => Level { waiting: Box::new(std::iter::empty()), name: None, done: value },
    };
    let mut above: Vec<Level> = Vec::new();
    let mut here = level(call.1);
    loop {
        if let Some((name, value)) = here.waiting.next() {
            here.name = name;
            above.push(std::mem::replace(&mut here, level(value)));
            continue;
        }
        let results = function.run((context.clone(), here.done));
        let Some(parent) = above.pop() else { return results };
        here = parent;
        let mut name = here.name.take();
        let count = if name.is_some() { 1 } else { usize::MAX };
        let put = |result: Result<Val, _>| {
            match (&mut here.done, name.take()) {
                (Val::Array(array), _) => Rc::make_mut(array).0.push(result?),
                (Val::Object(object), Some(name)) => {
                    _ = Rc::make_mut(object).0.insert(name, result?);
                }
                _ => {}
            }
            Ok(())
        };
        if let Err(exception) = results.take(count).try_for_each(put) {
            return box_once(Err(exception));
        }
    }
}

fn in_order<'a>(path: impl Iterator<Item = &'a Val>) -> Vec<Val> {
    let mut keys: Vec<Val> = path.cloned().collect();
    keys.reverse();
    keys
}

/// Returns the value and everything inside it, from the outside to the inside. `within` decides what is inside a value.
fn recurse<T, E>(value: T, within: impl Fn(&T, &mut Vec<T>)) -> impl Iterator<Item = Result<T, E>> {
    let mut waiting = vec![value];
    std::iter::from_fn(move || {
        let value = waiting.pop()?;
        let first = waiting.len();
        within(&value, &mut waiting);
        waiting[first..].reverse();
        Some(Ok(value))
    })
}

/// Returns what `tostream` makes of a value: each scalar with its path, and the last path of each container.
fn events(value: Val) -> impl Iterator<Item = Val> {
    let mut path: Vec<Val> = Vec::new();
    let mut levels: Vec<std::vec::IntoIter<(Val, Val)>> = Vec::new();
    let mut next = Some(value);
    std::iter::from_fn(move || {
        loop {
            if let Some(value) = next.take() {
                let entries: Vec<_> = if value.is_container() {
                    value.clone().key_values().flatten().collect()
                } else {
                    Vec::new()
                };
                if entries.is_empty() {
                    return Some(Val::array(vec![Val::array(path.clone()), value]));
                }
                levels.push(entries.into_iter());
                path.push(Val::Null);
            }
            let level = levels.last_mut()?;
            if let Some((key, value)) = level.next() {
                *path.last_mut()? = key;
                next = Some(value);
                continue;
            }
            let last = Val::array(vec![Val::array(path.clone())]);
            levels.pop();
            path.pop();
            return Some(last);
        }
    })
}

fn keys(path: &Val) -> Result<&[Val], Error<Val>> {
    match path {
        Val::Array(keys) => Ok(&keys.0),
        _ => Err(error("Path must be specified as an array")),
    }
}

fn keys_of(value: &Val, sorted: bool) -> Result<Val, Error<Val>> {
    match value {
        Val::Array(array) => Ok((0..array.0.len()).map(Val::from).collect()),
        Val::Object(object) => {
            let mut keys: Vec<_> = object.0.keys().cloned().collect();
            if sorted {
                keys.sort_unstable();
            }
            Ok(keys.into_iter().map(Val::Text).collect())
        }
        _ => Err(wrong(value, "has no keys")),
    }
}
